// Live areas: the server says which topics changed, and each area on those topics fetches itself again.
//
// An area is any element with data-live-topics="signals orders:42", hx-get and hx-trigger="live-change".
// An area that fetches by itself says "live-answered" when it has (map.ts).
// A lost connection is shown as a state; when it returns everything is fetched once more (resync).
import { clock, text } from "./page";

type State = "waiting" | "live" | "lost" | "asleep";
interface Changed {
  topics?: string[];
  topic?: string;
}

const RETRY_MS = [1000, 2000, 5000, 10_000, 20_000, 30_000];
const SLEEP_AFTER_MS = 5 * 60_000;
const SETTLE_MS = 250;
const PROMPT_MS = 1500; // a stream that opened later than this after the page may have missed something
const LONGEST_ANSWER_MS = 15_000;
const TYPED_IN = "input:not([type=hidden]),select,textarea";

let source: EventSource | null = null;
let failures = 0;
let lostOnce = false;
let lastAt: Date | null = null;
let retryTimer = 0;
let sleepTimer = 0;
const due = new Set<string>(); // ids of areas to be fetched
const asking = new Set<string>(); // ids of areas whose answer is under way
let unnamed = 0;
let settleTimer = 0;
let ended = false;

function areas(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-live-topics]")];
}

function show(state: State): void {
  document.querySelectorAll<HTMLElement>(".live-mark").forEach((mark) => {
    mark.dataset["state"] = state;
    const words = state === "live" ? text("live") : state === "lost" ? text("lost") : text("waiting");
    mark.textContent = `${words} ${clock(lastAt ?? new Date())}`;
  });
}

function touched(): void {
  lastAt = new Date();
  show("live");
}

/** Let several facts that arrive together cause one request an area; none that comes meanwhile is forgotten. */
function refreshSoon(element: HTMLElement): void {
  if (!element.id) element.id = `live-area-${(unnamed += 1)}`;
  due.add(element.id);
  settle();
}

function settle(): void {
  window.clearTimeout(settleTimer);
  settleTimer = window.setTimeout(send, SETTLE_MS);
}

/** Ask by id: the element that was there when the fact came may have been replaced by an answer since. */
function send(): void {
  for (const id of [...due]) {
    const area = document.getElementById(id);
    if (area && (isTypedIn(area) || asking.has(id))) continue;
    due.delete(id);
    if (!area) continue;
    asking.add(id);
    window.setTimeout(() => answered(id), LONGEST_ANSWER_MS);
    area.dispatchEvent(new CustomEvent("live-change", { bubbles: false }));
  }
}

/** What changed while an answer was under way may not be in it: ask again. */
function answered(id: string): void {
  if (asking.delete(id) && due.has(id)) settle();
}

/** An area somebody is typing in waits until they have left the field: words being written are never lost. */
function isTypedIn(area: HTMLElement): boolean {
  const field = document.activeElement;
  return field !== null && area.contains(field) && field.matches(TYPED_IN);
}

function catchUpAfterTyping(): void {
  if (due.size > 0) settle();
}

/** "orders" follows every order; "orders:42" follows one. */
function follows(element: HTMLElement, topics: string[]): boolean {
  const own = (element.dataset["liveTopics"] ?? "").split(/\s+/);
  return topics.some((topic) => own.includes(topic) || own.includes(topic.split(":")[0] ?? topic));
}

function onChanged(event: MessageEvent<string>): void {
  const message = JSON.parse(event.data || "{}") as Changed;
  const topics = message.topics ?? (message.topic ? [message.topic] : []);
  touched();
  areas()
    .filter((element) => follows(element, topics))
    .forEach(refreshSoon);
}

function onOpen(): void {
  failures = 0;
  touched();
  if (lostOnce || performance.now() > PROMPT_MS) areas().forEach(refreshSoon);
  lostOnce = false;
}

function onLost(): void {
  lostOnce = true;
  show("lost");
  if (source?.readyState !== EventSource.CLOSED) return;
  source = null;
  const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 30_000;
  failures += 1;
  window.clearTimeout(retryTimer);
  retryTimer = window.setTimeout(connect, wait + Math.random() * 500);
}

function connect(): void {
  const address = document.body.dataset["live"];
  if (!address || source || ended) return;
  source = new EventSource(address);
  source.addEventListener("open", onOpen);
  source.addEventListener("changed", onChanged as EventListener);
  source.addEventListener("alive", touched);
  source.addEventListener("resync", () => areas().forEach(refreshSoon));
  source.addEventListener("signed-out", onSignedOut);
  source.addEventListener("error", onLost);
}

/** The rights or the session have ended: say so, and leave what is on the page as it stands. */
function onSignedOut(): void {
  disconnect();
  document.querySelectorAll<HTMLElement>(".live-mark").forEach((mark) => {
    mark.dataset["state"] = "lost";
    mark.textContent = text("signedout");
  });
  source = null;
  ended = true;
}

function disconnect(): void {
  source?.close();
  source = null;
  window.clearTimeout(retryTimer);
}

/** A page nobody looks at lets its connection go, and catches up when it is seen again. */
function onVisibility(): void {
  window.clearTimeout(sleepTimer);
  if (document.hidden) {
    sleepTimer = window.setTimeout(() => {
      disconnect();
      lostOnce = true;
      show("asleep");
    }, SLEEP_AFTER_MS);
  } else {
    connect();
  }
}

function flash(element: Element): void {
  element.classList.remove("just-changed");
  void (element as HTMLElement).offsetWidth;
  element.classList.add("just-changed");
  window.setTimeout(() => element.classList.remove("just-changed"), 900);
}

export function startLive(): void {
  if (areas().length === 0 && !document.querySelector(".live-mark")) return;
  if (!document.body.dataset["live"] || !("EventSource" in window)) return;
  show("waiting");
  connect();
  document.addEventListener("visibilitychange", onVisibility);
  document.addEventListener("focusout", catchUpAfterTyping);
  window.addEventListener("online", () => {
    disconnect();
    lostOnce = true;
    connect();
  });
  window.addEventListener("offline", () => show("lost"));
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", connect);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    // The element that asked may be gone: htmx then reports from its parent, but keeps who asked.
    const detail = (event as CustomEvent<{ elt: HTMLElement; requestConfig?: { elt: HTMLElement } }>).detail;
    answered((detail.requestConfig?.elt ?? detail.elt).id);
  });
  document.body.addEventListener("live-answered", (event) => answered((event.target as HTMLElement).id));
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const detail = (event as CustomEvent<{ elt: HTMLElement; requestConfig?: { triggeringEvent?: Event } }>).detail;
    if (detail.requestConfig?.triggeringEvent?.type !== "live-change") return;
    const area = detail.elt.closest("[data-live-topics]") ?? detail.elt;
    flash(area);
  });
}
