// What a phone keeps, in IndexedDB: sealed entries, sealed copies, and key handles nobody can read out.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { DATABASE, FLAG } from "./lock";

export type State = "waiting" | "sent" | "refused";

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

/** One thing reported. What it says is sealed; what is open here names nobody and nothing. */
export interface Entry extends Sealed {
  id: string;
  mark: string;
  state: State;
  /** A sending began whose outcome is not known: it may have arrived, so it cannot be taken back. */
  tried: boolean;
  madeAt: number;
  settledAt: number;
  /** The server asked not to be sent to before this moment. */
  notBefore: number;
}

export interface PostKey {
  mark: string;
  appointmentId: string;
  key: CryptoKey;
}

export type CopyName = "today" | "places";

export interface Copy extends Sealed {
  name: CopyName;
  mark: string;
  at: number;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: Entry };
  keys: { key: string; value: PostKey };
  kept: { key: string; value: Copy };
  facts: { key: string; value: string | number };
}

export type Store = IDBPDatabase<Schema>;
let opened: Promise<Store> | null = null;

export function store(): Promise<Store> {
  localStorage.setItem(FLAG, "1");
  opened ??= openDB<Schema>(DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore("outbox", { keyPath: "id" });
      database.createObjectStore("keys", { keyPath: "mark" });
      database.createObjectStore("kept", { keyPath: "name" });
      database.createObjectStore("facts");
    },
    terminated() {
      opened = null;
    },
  });
  return opened;
}

export async function fact(name: string): Promise<string | number | undefined> {
  return (await store()).get("facts", name);
}

export async function noteFact(name: string, value: string | number): Promise<void> {
  await (await store()).put("facts", value, name);
}

/** Return the post the person last acted through on this phone, if its key is still here. */
export async function actingPost(): Promise<PostKey | undefined> {
  const mark = await fact("acting");
  return typeof mark === "string" ? (await store()).get("keys", mark) : undefined;
}
