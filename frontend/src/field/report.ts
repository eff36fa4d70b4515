// The two things one reports from the street, as forms: somebody is ill, something is wrong.
import type { Said } from "./outbox";
import { PlacedForm } from "./place";

const DAY_MS = 86_400_000;
const DAY = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });

/** Somebody is ill: what one sees, never what it is called. */
export class IllForm extends PlacedForm {
  override said(): Said | undefined {
    const chosen = this.boxes("symptom").filter((box) => box.checked);
    const where = this.where();
    if (!chosen.length || !where) return undefined;
    const body: Record<string, unknown> = { symptoms: chosen.map((box) => box.value), place_name: where.words };
    if (where.building) body["building_id"] = where.building.id;
    const since = new FormData(this.form).get("since");
    if (since !== null) body["onset_on"] = DAY.format(Date.now() - Number(since) * DAY_MS);
    if (this.note().value.trim()) body["note"] = this.note().value.trim();
    const words = `${chosen.map((box) => box.dataset["words"]).join("、")} · ${where.words}`;
    return { source: "case-reports", areaCode: where.areaCode, deviceAt: new Date().toISOString(), body, words };
  }

  protected override fill(before: Said): void {
    const body = before.body as { symptoms?: string[]; building_id?: string; note?: string };
    for (const box of this.boxes("symptom")) box.checked = body.symptoms?.includes(box.value) ?? false;
    this.chooseBuilding(body.building_id ?? "");
    this.note().value = body.note ?? "";
  }

  /** Call for help first where it is urgent. */
  protected override refresh(): void {
    super.refresh();
    const chosen = this.boxes("symptom").filter((box) => box.checked);
    this.part("urgent").hidden = !chosen.some((box) => box.dataset["urgent"] !== undefined);
  }
}

/** Something is wrong in the grid: its category is enough, a sentence is welcome. */
export class ProblemForm extends PlacedForm {
  override said(): Said | undefined {
    const chosen = this.boxes("category").find((box) => box.checked);
    const where = this.where();
    if (!chosen || !where) return undefined;
    const title = chosen.dataset["words"] ?? chosen.value;
    const body = { category: chosen.value, words: this.note().value.trim() || title, place_name: where.words };
    const words = `${title} · ${where.words}`;
    return { source: "problems", areaCode: where.areaCode, deviceAt: new Date().toISOString(), body, words };
  }

  protected override fill(before: Said): void {
    const body = before.body as { category?: string; words?: string };
    for (const box of this.boxes("category")) box.checked = box.value === body.category;
    this.note().value = body.words ?? "";
  }
}
