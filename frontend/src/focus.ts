// Whoever walks a page by keyboard keeps their place when a live area is replaced under them.

const STOPS = "a[href],button,summary,[tabindex]";

interface Stop {
  areaId: string;
  name: string;
  number: number; // of those that are named alike
}

let held: Stop | null = null;

/** Name a stop by what it does, so that it is found again among others. */
function nameOf(element: Element): string {
  const does = element.getAttribute("href") ?? element.getAttribute("name") ?? "";
  return `${element.tagName} ${does} ${element.textContent?.trim() ?? ""}`;
}

function stopsNamed(area: HTMLElement, name: string): HTMLElement[] {
  return [...area.querySelectorAll<HTMLElement>(STOPS)].filter((one) => nameOf(one) === name);
}

/** Note which stop of an area has the focus, before the area is replaced; an element with an id htmx keeps itself. */
function hold(area: HTMLElement): void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused.id || !area.id || !area.contains(focused)) return;
  const name = nameOf(focused);
  held = { areaId: area.id, name, number: stopsNamed(area, name).indexOf(focused) };
}

/** Give the focus to the same stop of the new area, without moving the page. */
function giveBack(): void {
  const area = held && document.getElementById(held.areaId);
  if (held && area && document.activeElement === document.body) {
    const alike = stopsNamed(area, held.name);
    (alike[held.number] ?? alike[0])?.focus({ preventScroll: true });
  }
  held = null;
}

export function startFocus(): void {
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, shouldSwap } = (event as CustomEvent<{ target: HTMLElement; shouldSwap: boolean }>).detail;
    if (shouldSwap) hold(target);
  });
  document.body.addEventListener("htmx:afterSettle", giveBack);
  document.addEventListener("focusin", () => (held = null));
}
