// Toasts: short words about what has just happened; the server sends them as messages or as the "toast" event.
import { icon, text } from "./page";

type Kind = "good" | "bad" | "warn" | "plain";
const STAY_MS = 6000;

/** Show a short word at the edge of the page; a bad one stays until it is closed. */
export function toast(words: string, kind: Kind = "plain"): void {
  const host = document.querySelector<HTMLElement>(".toasts");
  if (!host || !words) return;
  const box = document.createElement("div");
  box.className = `toast toast-${kind}`;
  box.setAttribute("role", kind === "bad" ? "alert" : "status");
  const body = document.createElement("div");
  body.className = "toast-text";
  body.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", text("close"));
  close.append(icon("x"));
  box.append(body, close);
  host.append(box);
  if (kind !== "bad") fade(box);
}

function fade(box: HTMLElement): void {
  let timer = window.setTimeout(() => box.remove(), STAY_MS);
  box.addEventListener("pointerenter", () => window.clearTimeout(timer));
  box.addEventListener("pointerleave", () => (timer = window.setTimeout(() => box.remove(), STAY_MS)));
}

function areApart(one: DOMRect, other: DOMRect): boolean {
  return one.right <= other.left || one.left >= other.right || one.bottom <= other.top || one.top >= other.bottom;
}

/** Whoever walks by keyboard sees where they stand: toasts that would lie over it go up beneath the top bar. */
function stepAside(event: FocusEvent): void {
  const host = document.querySelector<HTMLElement>(".toasts");
  const focused = event.target as HTMLElement;
  if (!host?.childElementCount || host.contains(focused)) return;
  host.classList.remove("is-aside");
  focused.scrollIntoView({ block: "nearest" });
  host.classList.toggle("is-aside", !areApart(host.getBoundingClientRect(), focused.getBoundingClientRect()));
}

/** The sentence of a refused request: the server's own words if it sent a fragment, else a general one. */
function refusal(xhr: XMLHttpRequest): string {
  const parsed = new DOMParser().parseFromString(xhr.responseText || "", "text/html");
  const words = parsed.querySelector("[data-refusal]")?.textContent?.trim().replace(/\s+/g, " ");
  return words || text("refused");
}

export function startToasts(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest(".toast-close");
    button?.closest(".toast")?.remove();
  });
  document.addEventListener("focusin", stepAside);
  document.querySelectorAll<HTMLElement>(".toasts .toast:not(.toast-error)").forEach(fade);
  document.body.addEventListener("toast", (event) => {
    const detail = (event as CustomEvent<{ text?: string; kind?: Kind; value?: string }>).detail;
    toast(detail.text ?? detail.value ?? "", detail.kind ?? "good");
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    toast(refusal((event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr), "bad");
  });
  document.body.addEventListener("htmx:timeout", () => toast(text("slow"), "warn"));
  document.body.addEventListener("htmx:sendError", () => toast(text("offline"), "warn"));
}
