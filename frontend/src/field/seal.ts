// Seals what a phone keeps: AES-GCM under a key that belongs to one person in one post and cannot be read out.
import type { Sealed } from "./store";

const IV_BYTES = 12;
const writer = new TextEncoder();
const reader = new TextDecoder();

export function canSeal(): boolean {
  return window.isSecureContext && crypto.subtle !== undefined && "indexedDB" in window;
}

/** Turn what the server gave into a handle: from here on not even this page can read the key. */
export function keyFrom(base64: string): Promise<CryptoKey> {
  const raw = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Seal a value; `bound` (whose and which) must be the same at opening, so rows cannot be exchanged. */
export async function seal(key: CryptoKey, bound: string, value: unknown): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const how = { name: "AES-GCM", iv, additionalData: writer.encode(bound) };
  return { iv, sealed: await crypto.subtle.encrypt(how, key, writer.encode(JSON.stringify(value))) };
}

/** Open what was sealed; undefined where it is another's or was altered. */
export async function unseal<T>(key: CryptoKey, bound: string, kept: Sealed): Promise<T | undefined> {
  try {
    const how = { name: "AES-GCM", iv: kept.iv, additionalData: writer.encode(bound) };
    return JSON.parse(reader.decode(await crypto.subtle.decrypt(how, key, kept.sealed))) as T;
  } catch {
    return undefined;
  }
}

/** Make a UUIDv7: the moment first, then chance. */
export function uuid7(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0; index < 6; index += 1) bytes[index] = Math.floor(now / 2 ** (8 * (5 - index))) & 0xff;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
