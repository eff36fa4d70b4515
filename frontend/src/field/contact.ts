// Contact with the server: who is signed in, which keys are theirs, what of today and the places may be kept.
import { lockPhone } from "./lock";
import { keyFrom, seal, unseal } from "./seal";
import { type CopyName, type PostKey, actingPost, fact, noteFact, store } from "./store";

export interface DayLine {
  id: string;
  area: string;
  what: string;
  where: string;
  due_at: string;
  minutes: number;
  href: string;
  /** This post answers for it; another is only called to it. */
  mine: boolean;
  begun: boolean;
  items: { key: string; words: string }[];
}

export interface Today {
  lines: DayLine[];
  more: number;
  minutes: number;
  notices: number;
}

export interface Building {
  id: string;
  area: string;
  name: string;
  floors: number;
}

export interface Places {
  area: { code: string; name: string };
  grids: { code: string; name: string }[];
  buildings: Building[];
  raises_problems: boolean;
}

/** Something sent and taken in that the house could not use, and why. */
export interface Aside {
  id: string;
  problem: string;
}

interface Answer extends Places {
  posts: { mark: string; appointment_id: string; key: string }[];
  ended: string[];
  asides: Aside[];
  acting: string | null;
  today: Today;
}

export type Contact = "met" | "offline" | "signed_out";

/** How a contact went, and what was set aside of what this person sent. */
export interface Met {
  contact: Contact;
  asides: Aside[];
}

const HOUR_MS = 3_600_000;
const TODAY_HOURS = 12;
const SENT_HOURS = 24;
const READABLE_HOURS = 24;
const STRANGE_HOURS = 30 * 24;
const LONGEST_ANSWER_MS = 10_000;

/** Fetch with an end: no signal often looks like a request that never returns. */
export async function fetchWithin(address: string, how: RequestInit, ms: number): Promise<Response> {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), ms);
  try {
    return await fetch(address, { ...how, credentials: "same-origin", cache: "no-store", signal: stop.signal });
  } finally {
    window.clearTimeout(timer);
  }
}

/** Ask the server; keep what it gives, and lock where the session is over. */
export async function contact(address: string): Promise<Met> {
  let answer: Response;
  try {
    answer = await fetchWithin(address, { headers: { Accept: "application/json" }, redirect: "manual" }, LONGEST_ANSWER_MS);
  } catch {
    return without("offline");
  }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    await lockPhone();
    return without("signed_out");
  }
  if (!answer.ok) return without("offline");
  const told = (await answer.json()) as Answer;
  await keep(told);
  return { contact: "met", asides: told.asides };
}

function without(how: Contact): Met {
  return { contact: how, asides: [] };
}

async function keep(answer: Answer): Promise<void> {
  const posts: PostKey[] = await Promise.all(
    answer.posts.map(async (post) => ({
      mark: post.mark,
      appointmentId: post.appointment_id,
      key: await keyFrom(post.key),
    })),
  );
  const acting = posts.find((post) => post.appointmentId === answer.acting);
  const writing = (await store()).transaction(["keys", "kept", "facts"], "readwrite");
  await writing.objectStore("keys").clear();
  await writing.objectStore("kept").clear();
  for (const post of posts) await writing.objectStore("keys").put(post);
  await writing.objectStore("facts").put(acting?.mark ?? "", "acting");
  await writing.objectStore("facts").put(Date.now(), "contactAt");
  await writing.objectStore("facts").put(answer.ended.join(" "), "ended");
  await writing.done;
  if (acting) {
    await keepCopy(acting, "today", answer.today);
    await keepCopy(acting, "places", {
      area: answer.area,
      grids: answer.grids,
      buildings: answer.buildings,
      raises_problems: answer.raises_problems,
    });
  }
  await dropOld(posts.map((post) => post.mark));
}

async function keepCopy(post: PostKey, name: CopyName, value: unknown): Promise<void> {
  const sealed = await seal(post.key, `${post.mark} ${name}`, value);
  await (await store()).put("kept", { name, mark: post.mark, at: Date.now(), ...sealed });
}

/** Drop what was sent a day ago, and what nobody has come back for in a month. */
async function dropOld(own: string[]): Promise<void> {
  const writing = (await store()).transaction("outbox", "readwrite");
  for (const entry of await writing.store.getAll()) {
    const isOld = entry.state === "sent" && entry.settledAt < Date.now() - SENT_HOURS * HOUR_MS;
    const isStrange = !own.includes(entry.mark) && entry.madeAt < Date.now() - STRANGE_HOURS * HOUR_MS;
    if (isOld || isStrange) await writing.store.delete(entry.id);
  }
  await writing.done;
}

/** Return a copy and when it was fetched; today's is deleted once it is twelve hours old. */
export async function copyOf<T>(name: CopyName): Promise<{ value: T; at: number } | undefined> {
  const post = await actingPost();
  const kept = await (await store()).get("kept", name);
  if (!post || !kept || kept.mark !== post.mark) return undefined;
  if (name === "today" && kept.at < Date.now() - TODAY_HOURS * HOUR_MS) {
    await (await store()).delete("kept", name);
    return undefined;
  }
  const value = await unseal<T>(post.key, `${post.mark} ${name}`, kept);
  return value === undefined ? undefined : { value, at: kept.at };
}

/** Say whether what the phone keeps may be read: not after a day without contact (it may still be written). */
export async function mayRead(): Promise<boolean> {
  return Number((await fact("contactAt")) ?? 0) > Date.now() - READABLE_HOURS * HOUR_MS;
}

export async function noteSent(mark: string): Promise<void> {
  await noteFact(`sent ${mark}`, Date.now());
}

export async function lastSent(mark: string): Promise<number | undefined> {
  const at = await fact(`sent ${mark}`);
  return typeof at === "number" ? at : undefined;
}
