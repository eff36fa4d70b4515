// The service worker: keeps the empty page and its files, so that it opens without a signal. It keeps no answer that
// says anything of anybody.

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Lasting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Worker {
  /** The page first, then its files; stated by the script that loads this one. */
  SHELL: string[];
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(kind: "install" | "activate", act: (event: Lasting) => void): void;
  addEventListener(kind: "fetch", act: (event: Fetching) => void): void;
}

const worker = self as unknown as Worker;
const PREFIX = "anlan-field ";
const CACHE = PREFIX + worker.SHELL.join(" ");
const PAGE = worker.SHELL[0] ?? "/field/";
const LONGEST_ANSWER_MS = 4000;

function isOurs(answer: Response): boolean {
  return answer.ok && !answer.redirected && answer.type === "basic";
}

async function keep(address: string): Promise<Response> {
  const answer = await fetch(address, { cache: "reload", credentials: "same-origin" });
  if (!isOurs(answer)) throw new Error(`${address} ${answer.status}`);
  await (await caches.open(CACHE)).put(address, answer.clone());
  return answer;
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

function within(ms: number, answer: Promise<Response>): Promise<Response> {
  return Promise.race([
    answer,
    new Promise<Response>((_, reject) => setTimeout(() => reject(new Error("no answer")), ms)),
  ]);
}

/** A page from the server while there is a signal; else the one that is kept. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await within(LONGEST_ANSWER_MS, fetch(request));
    if (isOurs(answer) && new URL(request.url).pathname === PAGE) {
      await (await caches.open(CACHE)).put(PAGE, answer.clone());
    }
    return answer;
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(PAGE);
    if (!kept) throw error;
    return kept;
  }
}

/** A file as it is kept, fetched anew behind it. */
async function file(path: string): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(path);
  const fresh = keep(path);
  if (!kept) return fresh;
  fresh.catch(() => undefined);
  return kept;
}

worker.addEventListener("install", (event) => {
  event.waitUntil(Promise.all(worker.SHELL.map(keep)).then(() => worker.skipWaiting()));
});
worker.addEventListener("activate", (event) => event.waitUntil(dropOthers()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (path !== PAGE && worker.SHELL.includes(path)) event.respondWith(file(path));
});
