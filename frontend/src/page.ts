// Small questions every module asks of the page: its texts, its icons, its hour.

const SVG = "http://www.w3.org/2000/svg";

/** Return a text the server put on <body data-text-…>, so that all words stay in the catalogue. */
export function text(name: string): string {
  return document.body.dataset[`text${name.charAt(0).toUpperCase()}${name.slice(1)}`] ?? "";
}

/** Return an <svg> using one symbol of the sprite named by <body data-icons>. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.body.dataset["icons"] ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

const CLOCK = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});

/** Return a moment as 13:21:30 in the district's time. */
export function clock(moment: Date): string {
  return CLOCK.format(moment);
}

/** Return a colour token of the design language as it stands here (light page or dark wall). */
export function token(name: string, where: Element = document.documentElement): string {
  return getComputedStyle(where).getPropertyValue(`--${name}`).trim();
}

/** Read the JSON a page carries in <script type="application/json" id=…>. */
export function pageJson<T>(id: string): T | null {
  const element = document.getElementById(id);
  if (!element?.textContent) return null;
  return JSON.parse(element.textContent) as T;
}
