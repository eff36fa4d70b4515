// A form about a place: one's own grid where it is the only one, the building and its floor if one likes.
import { type Building, type Places, copyOf } from "./contact";
import type { Said } from "./outbox";

const LONGEST_PLACE = 120;

/** Where something is: the grid's code, the building if one was chosen, and in words. */
export interface Where {
  areaCode: string;
  building: Building | undefined;
  words: string;
}

export abstract class PlacedForm {
  protected places: Places | undefined;

  constructor(readonly form: HTMLFormElement) {
    form.addEventListener("change", () => this.refresh());
    this.select("grid").addEventListener("change", () => this.offerBuildings());
    this.select("building").addEventListener("change", () => this.offerFloors());
  }

  /** Return what is to be sent, or undefined where something is missing. */
  abstract said(): Said | undefined;
  protected abstract fill(before: Said): void;

  /** Open it empty, or with what was said before where that is to be mended. */
  async open(before?: Said): Promise<void> {
    this.form.reset();
    await this.offerPlaces();
    if (before) {
      this.select("grid").value = before.areaCode;
      this.offerBuildings();
      this.fill(before);
    }
    this.refresh();
  }

  get hasPlaces(): boolean {
    return this.places !== undefined;
  }

  async offerPlaces(): Promise<void> {
    this.places = (await copyOf<Places>("places"))?.value;
    const grids = this.places?.grids ?? [];
    this.offer("grid", grids.map((grid) => [grid.code, grid.name]));
    this.part("grid").hidden = grids.length < 2;
    this.offerBuildings();
  }

  /** Say what is missing, where a hand that pressed too early looks. */
  complain(): void {
    this.part("missing").hidden = false;
    this.part("missing").scrollIntoView({ block: "center" });
  }

  /** Show what is chosen. */
  protected refresh(): void {
    for (const tile of this.form.querySelectorAll<HTMLElement>(".choice-tile")) {
      tile.classList.toggle("is-chosen", tile.querySelector<HTMLInputElement>("input")?.checked ?? false);
    }
    this.part("missing").hidden = true;
  }

  /** Return where it is, or undefined where the grid is not certain. */
  protected where(): Where | undefined {
    const building = this.places?.buildings.find((one) => one.id === this.select("building").value);
    const grids = this.places?.grids ?? [];
    const areaCode = building?.area ?? (this.select("grid").value || (grids.length === 1 ? grids[0]?.code : undefined));
    if (!areaCode) return undefined;
    const floor = this.select("floor").selectedOptions[0];
    const place = building?.name ?? grids.find((one) => one.code === areaCode)?.name;
    const words = [place, floor?.value ? floor.label : ""].filter(Boolean).join(" ");
    return { areaCode, building, words: words.slice(0, LONGEST_PLACE) };
  }

  protected chooseBuilding(id: string): void {
    this.select("building").value = id;
    this.offerFloors();
  }

  protected boxes(name: string): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`)];
  }

  protected note(): HTMLTextAreaElement {
    return this.form.elements.namedItem("note") as HTMLTextAreaElement;
  }

  protected part(name: string): HTMLElement {
    return this.form.querySelector<HTMLElement>(`[data-part="${name}"]`) as HTMLElement;
  }

  private offerBuildings(): void {
    const grid = this.select("grid").value;
    const several = (this.places?.grids.length ?? 0) > 1;
    const buildings = (this.places?.buildings ?? []).filter((one) => !several || one.area === grid);
    this.offer("building", buildings.map((one) => [one.id, one.name]));
    this.part("building").hidden = buildings.length === 0;
    this.offerFloors();
  }

  private offerFloors(): void {
    const building = this.places?.buildings.find((one) => one.id === this.select("building").value);
    const count = building?.floors ?? 0;
    const words = this.form.dataset["floor"] ?? "{n}";
    const floors = Array.from({ length: count }, (_, index) => String(index + 1));
    this.offer("floor", floors.map((floor) => [floor, words.replace("{n}", floor)]));
    this.part("floor").hidden = count < 2;
  }

  private offer(name: string, choices: [string, string][]): void {
    const select = this.select(name);
    while (select.options.length > 1) select.remove(1);
    for (const [value, label] of choices) select.add(new Option(label, value));
    select.value = "";
  }

  private select(name: string): HTMLSelectElement {
    return this.form.elements.namedItem(name) as HTMLSelectElement;
  }
}
