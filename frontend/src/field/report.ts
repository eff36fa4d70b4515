// The form of a report: emptied at each opening, nothing chosen beforehand but one's own grid where it is the only one.
import { type Building, type Places, copyOf } from "./contact";
import type { Said } from "./outbox";

const DAY_MS = 86_400_000;
const DAY = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });

export class ReportForm {
  private places: Places | undefined;

  constructor(readonly form: HTMLFormElement) {
    form.addEventListener("change", () => this.refresh());
    this.select("grid").addEventListener("change", () => this.offerBuildings());
    this.select("building").addEventListener("change", () => this.offerFloors());
  }

  /** Open it empty, or with what was said before where that is to be mended. */
  async open(before?: Said): Promise<void> {
    this.form.reset();
    await this.offerPlaces();
    if (before) this.fill(before);
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

  private fill(before: Said): void {
    const body = before.body as { symptoms?: string[]; building_id?: string; note?: string };
    for (const box of this.boxes()) box.checked = body.symptoms?.includes(box.value) ?? false;
    this.select("grid").value = before.areaCode;
    this.offerBuildings();
    this.select("building").value = body.building_id ?? "";
    this.offerFloors();
    this.note().value = body.note ?? "";
  }

  /** Return what is to be sent, or undefined where nothing was ticked. */
  said(): Said | undefined {
    const chosen = this.boxes().filter((box) => box.checked);
    if (!chosen.length || !this.places) return undefined;
    const building = this.building();
    const grids = this.places.grids;
    const grid = building?.area ?? (this.select("grid").value || (grids.length === 1 ? grids[0]?.code : undefined));
    if (!grid) return undefined;
    const floor = this.select("floor").selectedOptions[0];
    const where = [building?.name ?? grids.find((one) => one.code === grid)?.name, floor?.value ? floor.label : ""];
    const body: Record<string, unknown> = {
      symptoms: chosen.map((box) => box.value),
      place_name: where.filter(Boolean).join(" ").slice(0, 120),
    };
    if (building) body["building_id"] = building.id;
    const since = new FormData(this.form).get("since");
    if (since !== null) body["onset_on"] = DAY.format(Date.now() - Number(since) * DAY_MS);
    if (this.note().value.trim()) body["note"] = this.note().value.trim();
    const words = `${chosen.map((box) => box.dataset["words"]).join("、")} · ${String(body["place_name"])}`;
    return { source: "case-reports", areaCode: grid, deviceAt: new Date().toISOString(), body, words };
  }

  /** Show what is chosen, and call for help first where it is urgent. */
  private refresh(): void {
    for (const tile of this.form.querySelectorAll<HTMLElement>(".choice-tile")) {
      tile.classList.toggle("is-chosen", tile.querySelector<HTMLInputElement>("input")?.checked ?? false);
    }
    this.part("urgent").hidden = !this.boxes().some((box) => box.checked && box.dataset["urgent"] !== undefined);
    this.part("missing").hidden = true;
  }

  /** Say what is missing, where a hand that pressed too early looks. */
  complain(): void {
    this.part("missing").hidden = false;
    this.part("missing").scrollIntoView({ block: "center" });
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
    const count = this.building()?.floors ?? 0;
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

  private building(): Building | undefined {
    return this.places?.buildings.find((one) => one.id === this.select("building").value);
  }

  private boxes(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>('input[name="symptom"]')];
  }

  private select(name: string): HTMLSelectElement {
    return this.form.elements.namedItem(name) as HTMLSelectElement;
  }

  private note(): HTMLTextAreaElement {
    return this.form.elements.namedItem("note") as HTMLTextAreaElement;
  }

  private part(name: string): HTMLElement {
    return this.form.querySelector<HTMLElement>(`[data-part="${name}"]`) as HTMLElement;
  }
}
