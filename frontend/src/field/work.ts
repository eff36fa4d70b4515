// The screen of one order of the day: taken up, or done with its items answered, whether there is a signal or not.
import type { DayLine } from "./contact";
import type { Said } from "./outbox";

const EVERY = "input[type=radio]";

export class WorkForm {
  private line: DayLine | undefined;

  constructor(
    readonly form: HTMLFormElement,
    private readonly clock: (moment: number) => string,
  ) {
    form.addEventListener("change", () => this.refresh());
  }

  /** Open the order's screen, empty. */
  open(line: DayLine): void {
    this.line = line;
    this.form.reset();
    this.part("what").textContent = line.what;
    this.part("where").textContent = [line.where, line.due_at && this.clock(Date.parse(line.due_at))].filter(Boolean).join(" · ");
    this.part("whole").setAttribute("href", line.href);
    this.part("take").hidden = line.begun || !line.mine;
    this.part("report").hidden = !line.mine;
    this.part("items").replaceChildren(...line.items.map((item) => this.itemRow(item)));
    this.refresh();
  }

  /** Return that it was taken up. */
  taken(): Said | undefined {
    return this.line && this.saidOf({ order_id: this.line.id }, this.form.dataset["taken"] ?? "");
  }

  /** Return what was done, or undefined where an item is open or the finding is missing. */
  done(): Said | undefined {
    const finding = (this.form.elements.namedItem("finding") as HTMLTextAreaElement).value.trim();
    const items = this.rows().map((row) => ({
      key: row.dataset["item"] ?? "",
      answer: row.querySelector<HTMLInputElement>(`${EVERY}:checked`)?.value,
      note: row.querySelector<HTMLInputElement>("input[type=text]")?.value.trim() ?? "",
    }));
    const isOpen = items.some((item) => !item.answer || (item.answer === "not_possible" && !item.note));
    if (!this.line || isOpen || !finding) return undefined;
    return this.saidOf({ order_id: this.line.id, items, finding }, this.form.dataset["done"] ?? "");
  }

  complain(): void {
    this.part("missing").hidden = false;
    this.part("missing").scrollIntoView({ block: "center" });
  }

  private saidOf(body: Record<string, unknown>, act: string): Said {
    const line = this.line as DayLine;
    const words = [act, line.what, line.where].filter(Boolean).join(" · ");
    return { source: "order-work", areaCode: line.area, deviceAt: new Date().toISOString(), body, words };
  }

  private itemRow(item: { key: string; words: string }): HTMLElement {
    const template = document.getElementById("item-template") as HTMLTemplateElement;
    const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    row.dataset["item"] = item.key;
    const words = row.querySelector<HTMLElement>("[data-part=words]");
    if (words) words.textContent = item.words;
    for (const radio of row.querySelectorAll<HTMLInputElement>(EVERY)) radio.name = `answer-${item.key}`;
    return row;
  }

  /** Show what is chosen, and ask why where an item could not be done. */
  private refresh(): void {
    this.part("missing").hidden = true;
    for (const row of this.rows()) {
      for (const tile of row.querySelectorAll<HTMLElement>(".choice-tile")) {
        tile.classList.toggle("is-chosen", tile.querySelector<HTMLInputElement>("input")?.checked ?? false);
      }
      const why = row.querySelector<HTMLElement>("input[type=text]");
      if (why) why.hidden = row.querySelector<HTMLInputElement>(`${EVERY}:checked`)?.value !== "not_possible";
    }
  }

  private rows(): HTMLElement[] {
    return [...this.form.querySelectorAll<HTMLElement>("[data-item]")];
  }

  private part(name: string): HTMLElement {
    return this.form.querySelector<HTMLElement>(`[data-part="${name}"]`) as HTMLElement;
  }
}
