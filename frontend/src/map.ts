// Maps of our own polygons: no tiles, no outside request; every area is also a button in the list beside the map.
import L from "leaflet";
import { text } from "./page";
import { type AreaCollection, type AreaFacts, type Paints, differs, paintsOf, styleOf, worstFirst } from "./shapes";

const MANY = 300;
const FLASH_MS = 900;

class Choropleth {
  private readonly map: L.Map;
  private readonly paints: Paints;
  private readonly fills = new Map<string, L.Polygon>();
  private readonly facts = new Map<string, AreaFacts>();
  private readonly labels: L.Tooltip[] = [];
  private readonly marks: L.SVG;
  private shapes: L.GeoJSON | null = null;
  private hovered: L.Layer | null = null;
  private chosenMark: L.Layer | null = null;
  private moved = false;

  constructor(private readonly host: HTMLElement) {
    const canvas = host.querySelector<HTMLElement>(".choropleth-map");
    if (!canvas) throw new Error("a choropleth needs its .choropleth-map");
    this.paints = paintsOf(host);
    const plane = host.dataset["plane"] !== undefined;
    this.map = L.map(canvas, {
      crs: plane ? L.CRS.Simple : L.CRS.EPSG3857,
      attributionControl: false,
      zoomControl: false,
      scrollWheelZoom: false,
      dragging: !L.Browser.mobile,
      zoomSnap: 0.1,
      zoomDelta: 1,
      minZoom: -12,
      maxZoom: 22,
      bounceAtZoomLimits: false,
    });
    if (host.dataset["static"] === undefined) {
      L.control.zoom({ zoomInTitle: text("zoomin"), zoomOutTitle: text("zoomout") }).addTo(this.map);
    }
    this.map.createPane("marks").style.zIndex = "3";
    this.marks = L.svg({ pane: "marks" });
    new ResizeObserver(() => this.fit()).observe(canvas);
    this.map.on("zoomstart dragstart", () => (this.moved = this.moved || this.shapes !== null));
    this.map.on("zoomend", () => this.thinLabels());
    host.addEventListener("live-change", () => void this.reload());
    void this.load();
  }

  /** Fetch again, and say when that is done: what changed meanwhile is asked for then. */
  private async reload(): Promise<void> {
    await this.load();
    this.host.dispatchEvent(new CustomEvent("live-answered", { bubbles: true }));
  }

  /** Fetch the shapes; the first time draw them, later only repaint and outline what changed. */
  private async load(): Promise<void> {
    const state = this.host.querySelector<HTMLElement>(".choropleth-state");
    try {
      const answer = await fetch(this.host.dataset["src"] ?? "", {
        headers: { Accept: "application/geo+json, application/json" },
        credentials: "same-origin",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const shapes = (await answer.json()) as AreaCollection;
      if (this.shapes && this.sameAreas(shapes)) this.repaint(shapes);
      else this.draw(shapes);
      this.list();
      if (state) {
        state.hidden = shapes.features.length > 0;
        state.textContent = text("nodata");
      }
    } catch {
      if (state && !this.shapes) {
        state.hidden = false;
        state.textContent = text("mapfailed");
      }
    }
  }

  private sameAreas(shapes: AreaCollection): boolean {
    const areas = shapes.features.filter((feature) => !feature.properties.outline);
    return areas.length === this.facts.size && areas.every((feature) => this.facts.has(feature.properties.code));
  }

  private draw(shapes: AreaCollection): void {
    this.shapes?.remove();
    this.labels.splice(0).forEach((label) => label.remove());
    this.fills.clear();
    this.facts.clear();
    const many = shapes.features.length > MANY;
    const renderer = many ? L.canvas({ padding: 0.3 }) : L.svg({ padding: 0.3 });
    const ordered = [...shapes.features].sort(
      (one, other) => Number(one.properties.outline ?? false) - Number(other.properties.outline ?? false),
    );
    this.shapes = L.geoJSON({ ...shapes, features: ordered } as AreaCollection, {
      style: (feature) => ({ ...styleOf(feature?.properties as AreaFacts, this.paints, many), renderer }),
      onEachFeature: (feature, layer) => this.meet(feature.properties as AreaFacts, layer as L.Polygon),
    }).addTo(this.map);
    this.fit();
    for (const area of [...this.facts.values()].sort(worstFirst)) {
      const fill = this.fills.get(area.code);
      if (fill && area.label) this.label(area, fill);
    }
    this.thinLabels();
    const chosen = this.host.dataset["chosen"];
    if (chosen) this.mark(chosen);
  }

  private meet(area: AreaFacts, layer: L.Polygon): void {
    if (area.outline) {
      if (area.label) window.setTimeout(() => this.label(area, layer));
      return;
    }
    this.fills.set(area.code, layer);
    this.facts.set(area.code, area);
    // A browser takes a shape that listens for the focus as a stop of Tab: the list beside it is the keyboard's way.
    layer.on("add", () => layer.getElement()?.setAttribute("tabindex", "-1"));
    layer.on("mouseover", () => this.hover(area.code));
    layer.on("mouseout", () => this.hover(null));
    layer.on("click", () => this.choose(area.code));
    layer.bindTooltip(() => tipOf(this.facts.get(area.code) ?? area), { sticky: true, className: "map-tip", opacity: 1 });
  }

  private repaint(shapes: AreaCollection): void {
    const many = shapes.features.length > MANY;
    for (const feature of shapes.features) {
      const area = feature.properties;
      if (area.outline) continue;
      const fill = this.fills.get(area.code);
      const changed = differs(this.facts.get(area.code), area);
      this.facts.set(area.code, area);
      if (!fill || !changed) continue;
      fill.setStyle(styleOf(area, this.paints, many));
      this.flash(fill);
    }
  }

  private fit(): void {
    this.map.invalidateSize({ animate: false });
    if (!this.shapes || this.moved) return;
    const bounds = this.shapes.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [14, 14], animate: false });
    this.moved = false;
    this.thinLabels();
  }

  private outlineOf(fill: L.Polygon, weight: number): L.Polygon {
    return L.polygon(fill.getLatLngs() as L.LatLng[], {
      pane: "marks",
      renderer: this.marks,
      fill: false,
      color: this.paints.ink,
      weight,
      interactive: false,
    }).addTo(this.map);
  }

  private flash(fill: L.Polygon): void {
    const outline = this.outlineOf(fill, 2.5);
    window.setTimeout(() => outline.remove(), FLASH_MS);
  }

  private hover(code: string | null): void {
    this.hovered?.remove();
    this.hovered = null;
    const fill = code === null ? undefined : this.fills.get(code);
    if (fill) this.hovered = this.outlineOf(fill, 1.8);
  }

  private mark(code: string): void {
    this.chosenMark?.remove();
    const fill = this.fills.get(code);
    this.chosenMark = fill ? this.outlineOf(fill, 3) : null;
    this.host.querySelectorAll<HTMLButtonElement>(".choropleth-list button").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.value === code));
    });
  }

  private choose(code: string): void {
    const area = this.facts.get(code);
    if (!area) return;
    this.host.dataset["chosen"] = code;
    this.mark(code);
    this.host.dispatchEvent(new CustomEvent("area-chosen", { bubbles: true, detail: area }));
    const target = this.host.dataset["target"];
    if (area.fragment && target) void window.htmx.ajax("get", area.fragment, { target, swap: "innerHTML" });
    else if (area.href) window.location.assign(area.href);
  }

  private label(area: AreaFacts, layer: L.Polygon): void {
    const tooltip = L.tooltip({ permanent: true, direction: "center", className: "map-label", interactive: false })
      .setLatLng(layer.getCenter())
      .setContent(wordsOf(area.name));
    this.labels.push(tooltip.addTo(this.map));
  }

  /** Where plates would lie on one another, keep the earlier ones. */
  private thinLabels(): void {
    const kept: DOMRect[] = [];
    for (const label of this.labels) {
      const element = label.getElement();
      if (!element) continue;
      element.hidden = false;
      const box = element.getBoundingClientRect();
      const covered = kept.some(
        (other) =>
          box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
      );
      element.hidden = covered;
      if (!covered) kept.push(box);
    }
  }

  private list(): void {
    const list = this.host.querySelector<HTMLElement>(".choropleth-list");
    if (!list) return;
    const focused = (document.activeElement as HTMLButtonElement | null)?.value;
    const had = list.contains(document.activeElement);
    const buttons = [...this.facts.values()].sort(worstFirst).map((area) => this.button(area));
    list.replaceChildren(...buttons);
    list.dispatchEvent(new CustomEvent("map-listed", { bubbles: true }));
    if (had) buttons.find((button) => button.value === focused)?.focus();
  }

  private button(area: AreaFacts): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.value = area.code;
    button.setAttribute("aria-pressed", String(this.host.dataset["chosen"] === area.code));
    const swatch = document.createElement("i");
    const known = !area.hidden && area.grade !== null && area.grade !== undefined;
    swatch.className = `choropleth-swatch ${known ? `risk-${area.grade}` : ""}`;
    const name = document.createElement("span");
    name.textContent = area.name;
    const value = document.createElement("span");
    value.className = "choropleth-value";
    value.textContent = area.hidden ? text("hidden") : (area.value_text ?? "");
    if (area.plain) button.append(name, value);
    else button.append(swatch, name, value);
    button.addEventListener("click", () => this.choose(area.code));
    button.addEventListener("focus", () => this.hover(area.code));
    button.addEventListener("blur", () => this.hover(null));
    button.addEventListener("pointerenter", () => this.hover(area.code));
    button.addEventListener("pointerleave", () => this.hover(null));
    return button;
  }
}

function wordsOf(words: string): HTMLElement {
  const span = document.createElement("span");
  span.textContent = words;
  return span;
}

function tipOf(area: AreaFacts): HTMLElement {
  const value = area.hidden ? text("hidden") : (area.value_text ?? "");
  return wordsOf(value ? `${area.name}　${value}` : area.name);
}

function start(): void {
  document.querySelectorAll<HTMLElement>("[data-choropleth]:not([data-drawn])").forEach((host) => {
    host.dataset["drawn"] = "";
    new Choropleth(host);
  });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
document.addEventListener("htmx:afterSettle", start);
