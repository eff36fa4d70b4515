// What was reported and where it stands: waiting, sent or refused. Sent again under the same key until answered.
import { type Aside, fetchWithin, noteSent } from "./contact";
import { seal, unseal, uuid7 } from "./seal";
import { type Entry, type PostKey, type State, fact, store } from "./store";

/** Where the inbox takes what is said on a phone. */
export type Source = "case-reports" | "problems" | "order-work";

/** What an entry says, sealed: the envelope's parts, the words shown for it, and why it was refused. */
export interface Said {
  source: Source;
  areaCode: string;
  deviceAt: string;
  body: Record<string, unknown>;
  words: string;
  problem?: string;
}

export interface Shown {
  id: string;
  state: State | "ended";
  tried: boolean;
  madeAt: number;
  settledAt: number;
  /** Absent where the post it was written under ended long ago: then its key is gone, and it stays sealed. */
  said?: Said;
}

export type Flushed = "done" | "offline" | "signed_out";

const LONGEST_ANSWER_MS = 20_000;
const UNKNOWN = "unknown_outcome";
const LATER = [408, 429, 500, 502, 503, 504];
const WAIT_SECONDS = 5;
const JITTER = 0.5;

function bound(entry: { mark: string; id: string }): string {
  return `${entry.mark} ${entry.id}`;
}

/** Keep a report, to be sent as soon as may be. Its id is made here and stays the same whatever happens. */
export async function addEntry(post: PostKey, said: Said): Promise<string> {
  const id = uuid7();
  const sealed = await seal(post.key, bound({ mark: post.mark, id }), said);
  const entry: Entry = {
    id,
    mark: post.mark,
    state: "waiting",
    tried: false,
    madeAt: Date.now(),
    settledAt: 0,
    notBefore: 0,
    ...sealed,
  };
  await (await store()).put("outbox", entry);
  return id;
}

/** Return the entries of the person on this phone, the newest first; another's cannot be opened and are not there. */
export async function shownEntries(): Promise<Shown[]> {
  const keys = await keysByMark();
  const ended = String((await fact("ended")) ?? "").split(" ");
  const shown: Shown[] = [];
  for (const entry of await (await store()).getAll("outbox")) {
    const post = keys.get(entry.mark);
    const said = post && (await unseal<Said>(post.key, bound(entry), entry));
    if (said) shown.push({ ...entry, said });
    else if (ended.includes(entry.mark)) shown.push({ ...entry, state: "ended" });
  }
  return shown.sort((one, other) => other.madeAt - one.madeAt);
}

/** Say at the entry why the house could not use what it had taken in. */
export async function noteAsides(asides: Aside[]): Promise<void> {
  const keys = await keysByMark();
  for (const { id, problem } of asides) {
    const entry = await (await store()).get("outbox", id);
    const post = entry && keys.get(entry.mark);
    const said = post && entry.state === "sent" ? await unseal<Said>(post.key, bound(entry), entry) : undefined;
    if (entry && post && said) await refuse(entry, post, said, problem);
  }
}

/** Take a waiting entry back; false where a sending has begun, for then it may have arrived. */
export async function takeBack(id: string): Promise<boolean> {
  const writing = (await store()).transaction("outbox", "readwrite");
  const entry = await writing.store.get(id);
  const may = entry?.state === "waiting" && !entry.tried;
  if (may) await writing.store.delete(id);
  await writing.done;
  return may;
}

export async function drop(id: string): Promise<void> {
  await (await store()).delete("outbox", id);
}

/** Send what waits, oldest first, one at a time; only one page of the phone does so at once. */
export async function flush(): Promise<Flushed> {
  if (!("locks" in navigator)) return sendAll();
  return navigator.locks.request("anlan-field-outbox", { ifAvailable: true }, (held) => (held ? sendAll() : "done"));
}

async function sendAll(): Promise<Flushed> {
  const keys = await keysByMark();
  for (const { id } of await (await store()).getAll("outbox")) {
    const begun = await begin(id, keys);
    if (!begun) continue;
    const outcome = await send(begun.entry, begun.post, begun.wasTried);
    if (outcome !== "done") return outcome;
  }
  return "done";
}

async function keysByMark(): Promise<Map<string, PostKey>> {
  const keys = await (await store()).getAll("keys");
  return new Map(keys.map((post) => [post.mark, post]));
}

/** Note that a sending begins, unless the entry was taken back, is settled, not ours, or not due. */
async function begin(
  id: string,
  keys: Map<string, PostKey>,
): Promise<{ entry: Entry; post: PostKey; wasTried: boolean } | undefined> {
  const writing = (await store()).transaction("outbox", "readwrite");
  const entry = await writing.store.get(id);
  const post = entry && keys.get(entry.mark);
  const isDue = entry?.state === "waiting" && entry.notBefore <= Date.now();
  if (!entry || !post || !isDue) return undefined;
  await writing.store.put({ ...entry, tried: true });
  await writing.done;
  return { entry: { ...entry, tried: true }, post, wasTried: entry.tried };
}

async function send(entry: Entry, post: PostKey, wasTried: boolean): Promise<Flushed> {
  const said = await unseal<Said>(post.key, bound(entry), entry);
  if (!said) return "done";
  let answer: Response;
  try {
    answer = await fetchWithin(`/inbox/${said.source}/`, envelope(entry, post, said), LONGEST_ANSWER_MS);
  } catch {
    return "offline"; // it may have arrived: it stays tried, and goes again under the same key
  }
  return settle(entry, post, said, answer, wasTried);
}

function envelope(entry: Entry, post: PostKey, said: Said): RequestInit {
  const body = {
    key: entry.id,
    record_id: entry.id,
    area_code: said.areaCode,
    device_at: said.deviceAt,
    appointment_id: post.appointmentId,
    body: said.body,
  };
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

async function settle(entry: Entry, post: PostKey, said: Said, answer: Response, wasTried: boolean): Promise<Flushed> {
  const told = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
  const outbox = await store();
  if (answer.ok) {
    await outbox.put("outbox", { ...entry, state: "sent", settledAt: Date.now() });
    await noteSent(post.mark);
    return "done";
  }
  if (answer.status === 401) {
    await outbox.put("outbox", { ...entry, tried: wasTried });
    return "signed_out";
  }
  if (LATER.includes(answer.status)) {
    const isUnknown = wasTried || told.code === UNKNOWN || ![429, 503].includes(answer.status);
    await outbox.put("outbox", { ...entry, tried: isUnknown, notBefore: Date.now() + waitMs(answer) });
    return "done";
  }
  await refuse(entry, post, said, told.message ?? String(answer.status));
  return "done";
}

async function refuse(entry: Entry, post: PostKey, said: Said, problem: string): Promise<void> {
  const sealed = await seal(post.key, bound(entry), { ...said, problem });
  await (await store()).put("outbox", { ...entry, ...sealed, state: "refused", settledAt: Date.now() });
}

/** Wait as long as the server asks, and a little more by chance, so that phones do not return together. */
function waitMs(answer: Response): number {
  const asked = Number(answer.headers.get("Retry-After")) || WAIT_SECONDS;
  return asked * 1000 * (1 + Math.random() * JITTER);
}
