// The page that works without a signal: today as last fetched, a large 报一件事, and what became of what was sent.
import { type Places, type Today, copyOf, mayRead } from "./contact";
import { Mark, clock } from "./mark";
import { type Said, type Shown, addEntry, drop, shownEntries, takeBack } from "./outbox";
import type { PlacedForm } from "./place";
import { IllForm, ProblemForm } from "./report";
import { actingPost } from "./store";
import { WorkForm } from "./work";

const HOME = "home";
const WORK = "work-"; // before the id of the order whose screen it is
const SCREEN_OF = { "case-reports": "ill", problems: "problem" } as const; // source: the screen it is written on

export class Phone {
  private readonly mark: Mark;
  private readonly forms: Map<string, PlacedForm>; // by screen
  private readonly work: WorkForm;
  private mending: string | undefined; // the refused entry that a new one takes the place of

  constructor(private readonly page: HTMLElement) {
    this.mark = new Mark(this.part("outbox"), () => this.met());
    this.work = new WorkForm(this.formOf("work"), clock);
    this.forms = new Map<string, PlacedForm>([
      ["ill", new IllForm(this.formOf("ill"))],
      ["problem", new ProblemForm(this.formOf("problem"))],
    ]);
  }

  start(): void {
    window.addEventListener("hashchange", () => void this.turn());
    for (const form of this.forms.values()) {
      form.form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.send(form.said(), form);
      });
    }
    this.work.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const isTaken = (event as SubmitEvent).submitter?.dataset["part"] === "take";
      void this.send(isTaken ? this.work.taken() : this.work.done(), this.work);
    });
    this.page.addEventListener("click", (event) => void this.press(event));
    void this.turn();
    this.mark.start();
  }

  /** Show the screen the address names; a report opens empty unless one is being mended. */
  private async turn(): Promise<void> {
    const asked = location.hash.slice(1) || HOME;
    const name = asked.startsWith(WORK) ? await this.openWork(asked.slice(WORK.length)) : asked;
    for (const screen of this.page.querySelectorAll<HTMLElement>("[data-screen]")) {
      screen.hidden = screen.dataset["screen"] !== name;
    }
    const form = this.forms.get(name);
    if (form && this.mending === undefined) await form.open();
    if (!form) this.mending = undefined;
    window.scrollTo(0, 0);
    this.page.querySelector<HTMLElement>(`[data-screen="${name}"] h1`)?.focus();
  }

  /** Open the screen of an order of the day, and return its name; home where it is no longer among them. */
  private async openWork(id: string): Promise<string> {
    const line = (await copyOf<Today>("today"))?.value.lines.find((one) => one.id === id);
    if (line) this.work.open(line);
    return line ? "work" : HOME;
  }

  private async send(said: Said | undefined, form: { complain(): void }): Promise<void> {
    const post = await actingPost();
    if (!post || !said) {
      form.complain();
      return;
    }
    await addEntry(post, said);
    if (this.mending) await drop(this.mending);
    location.hash = HOME;
    await this.show();
    this.say("noted");
    void this.mark.meet();
  }

  private async press(event: Event): Promise<void> {
    const button = (event.target as Element).closest<HTMLElement>("[data-act]");
    const id = button?.closest<HTMLElement>("[data-entry]")?.dataset["entry"];
    if (!button || !id) return;
    if (button.dataset["act"] === "back") this.say((await takeBack(id)) ? "taken" : "late");
    if (button.dataset["act"] === "drop") await drop(id);
    if (button.dataset["act"] === "mend") await this.mend(id);
    await this.show();
  }

  private async mend(id: string): Promise<void> {
    const entry = (await shownEntries()).find((one) => one.id === id);
    if (entry?.said?.source === "order-work") location.hash = `${WORK}${String(entry.said.body["order_id"])}`;
    const screen = entry?.said && entry.said.source !== "order-work" && SCREEN_OF[entry.said.source];
    if (!screen) return;
    this.mending = id;
    await this.forms.get(screen)?.open(entry.said);
    location.hash = screen;
  }

  /** After a contact: places that came only now are offered; where nobody may write, the form closes. */
  private async met(): Promise<void> {
    for (const form of this.forms.values()) {
      if (!form.hasPlaces) await form.offerPlaces();
    }
    if (!(await actingPost()) && location.hash.length > 1) location.hash = HOME;
    await this.show();
  }

  /** Write everything anew from what the phone keeps. */
  private async show(): Promise<void> {
    const post = await actingPost();
    const waiting = await this.mark.show();
    const said = this.part("said");
    if (!waiting && said.textContent === this.mark.word("noted")) said.textContent = "";
    this.part("closed").hidden = post !== undefined;
    for (const name of ["open", "day"]) this.part(name).hidden = post === undefined;
    this.part("closed-words").textContent = this.mark.word(this.mark.standing === "signed_out" ? "closed" : "unknown");
    this.part("kind-problem").hidden = !(await copyOf<Places>("places"))?.value.raises_problems;
    const entries = await shownEntries();
    this.showToday(await copyOf<Today>("today"), worked(entries));
    this.showEntries(entries, await mayRead());
  }

  private showToday(kept: { value: Today; at: number } | undefined, worked: Map<string, string>): void {
    this.part("fetched").textContent = kept ? this.mark.word("fetched").replace("{time}", clock(kept.at)) : "";
    this.part("no-today").hidden = kept !== undefined;
    this.part("nothing").hidden = !kept || kept.value.lines.length + kept.value.notices > 0;
    const minutes = kept?.value.lines.length ? this.mark.word("minutes").replace("{n}", String(kept.value.minutes)) : "";
    this.part("minutes").textContent = minutes;
    const notices = this.part("notices");
    notices.hidden = !kept?.value.notices;
    notices.textContent = this.mark.word("notices").replace("{n}", String(kept?.value.notices ?? 0));
    const more = this.part("more");
    more.hidden = !kept?.value.more;
    more.textContent = this.mark.word("more").replace("{n}", String(kept?.value.more ?? 0));
    const rows = (kept?.value.lines ?? []).map((line) => {
      const row = this.row("line-template");
      const late = line.due_at !== "" && Date.parse(line.due_at) < Date.now();
      this.fill(row, "what", line.what);
      this.fill(row, "where", line.where);
      this.fill(row, "when", line.due_at ? (late ? this.mark.word("overdue") : clock(Date.parse(line.due_at))) : "");
      row.querySelector(".todo-when")?.classList.toggle("is-late", late);
      const noted = worked.get(line.id);
      this.fill(row, "end", noted ? this.mark.word(`state${noted}`) : this.mark.word("each").replace("{n}", String(line.minutes)));
      row.querySelector("a")?.setAttribute("href", `#${WORK}${line.id}`);
      return row;
    });
    this.part("lines").replaceChildren(...rows);
  }

  private showEntries(entries: Shown[], readable: boolean): void {
    this.part("entries-card").hidden = entries.length === 0;
    this.part("entries").replaceChildren(...entries.map((entry) => this.entryRow(entry, readable)));
  }

  private entryRow(entry: Shown, readable: boolean): HTMLElement {
    const row = this.row("entry-template");
    const isWaiting = entry.state === "waiting";
    const state = isWaiting && entry.tried ? "unsure" : entry.state;
    row.dataset["entry"] = entry.id;
    row.dataset["state"] = state;
    this.fill(row, "words", readable || !entry.said ? (entry.said?.words ?? "") : this.mark.word("hidden"));
    this.fill(row, "made", clock(entry.madeAt));
    this.fill(row, "state", this.mark.word(`state${state}`));
    this.fill(row, "problem", this.problemOf(entry));
    const acts = { back: isWaiting && !entry.tried, mend: entry.state === "refused", drop: false };
    acts.drop = acts.mend || entry.state === "ended";
    for (const button of row.querySelectorAll<HTMLElement>("[data-act]")) {
      button.hidden = !acts[button.dataset["act"] as keyof typeof acts];
    }
    return row;
  }

  private problemOf(entry: Shown): string {
    if (entry.state === "ended") return this.mark.word("ended");
    return entry.state === "refused" ? (entry.said?.problem ?? "") : "";
  }

  private row(template: string): HTMLElement {
    const source = document.getElementById(template) as HTMLTemplateElement;
    return (source.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  }

  private fill(row: HTMLElement, part: string, words: string): void {
    const place = row.querySelector<HTMLElement>(`[data-part="${part}"]`);
    if (place) place.textContent = words;
  }

  private formOf(screen: string): HTMLFormElement {
    return this.page.querySelector<HTMLFormElement>(`[data-screen="${screen}"] form`) as HTMLFormElement;
  }

  private say(name: string): void {
    this.part("said").textContent = this.mark.word(name);
  }

  private part(name: string): HTMLElement {
    return this.page.querySelector<HTMLElement>(`[data-part="${name}"]`) as HTMLElement;
  }
}

/** Return how what was written of each order stands, by the order's id; the newest word of it counts. */
function worked(entries: Shown[]): Map<string, string> {
  const states = new Map<string, string>();
  for (const entry of [...entries].reverse()) {
    if (entry.said?.source === "order-work") states.set(String(entry.said.body["order_id"]), entry.state);
  }
  return states;
}
