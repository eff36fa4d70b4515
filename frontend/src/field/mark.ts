// The offline mark, always visible: is there a signal, how much waits, when something was last sent.
import { type Contact, contact, lastSent } from "./contact";
import { type Flushed, flush, noteAsides, shownEntries } from "./outbox";
import { actingPost } from "./store";

const AGAIN_MS = 15_000;
const JITTER_MS = 5_000;
const HEARD_MS = 60_000; // so long after a sending the house is asked what became of it
const CLOCK = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

/** Return a moment as one reads it on a phone: without the day where it is today. */
export function clock(moment: number): string {
  const [day, time] = CLOCK.format(moment).split(" ");
  return CLOCK.format(Date.now()).startsWith(`${day} `) ? (time ?? "") : CLOCK.format(moment);
}

export type Standing = "online" | "offline" | "signed_out";

export class Mark {
  standing: Standing = navigator.onLine ? "online" : "offline";
  private running: Promise<void> | null = null;
  private again = false;
  private timer = 0;
  private readonly tabs = new BroadcastChannel("anlan-field"); // the other pages of this phone

  constructor(
    readonly host: HTMLElement,
    private readonly changed: () => Promise<void> = async () => undefined,
  ) {}

  /** Words of the server's catalogue: data-word-… on the mark. */
  word(name: string): string {
    return this.host.dataset[`word${name.charAt(0).toUpperCase()}${name.slice(1)}`] ?? "";
  }

  start(): void {
    window.addEventListener("online", () => void this.meet());
    window.addEventListener("offline", () => void this.stand("offline"));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.meet();
    });
    this.tabs.addEventListener("message", () => void this.show().then(() => this.changed()));
    this.part("now")?.addEventListener("click", () => void this.meet());
    void this.show().then(() => this.meet());
  }

  /** Ask the server who is here, then send what waits; asked meanwhile, once more afterwards. */
  meet(): Promise<void> {
    if (this.running) this.again = true;
    this.running ??= this.meetOnce().finally(() => {
      this.running = null;
      if (this.again) {
        this.again = false;
        void this.meet();
      }
    });
    return this.running;
  }

  private async meetOnce(): Promise<void> {
    const address = this.host.dataset["contact"] ?? "";
    const met = navigator.onLine ? await contact(address) : { contact: "offline" as const, asides: [] };
    await noteAsides(met.asides);
    const sent: Flushed | Contact = met.contact === "met" ? await flush() : met.contact;
    await this.stand(sent === "signed_out" ? "signed_out" : sent === "offline" ? "offline" : "online");
    await this.changed();
    this.tabs.postMessage("met");
  }

  private async stand(standing: Standing): Promise<void> {
    this.standing = standing;
    const waiting = (await this.show()) || (await this.justSent());
    window.clearTimeout(this.timer);
    if (waiting && standing !== "signed_out") {
      this.timer = window.setTimeout(() => void this.meet(), AGAIN_MS + Math.random() * JITTER_MS);
    }
  }

  /** Say whether something went a moment ago: then the house is asked again what became of it. */
  private async justSent(): Promise<boolean> {
    return (await shownEntries()).some((one) => one.state === "sent" && one.settledAt > Date.now() - HEARD_MS);
  }

  /** Write the mark, and return how many entries wait. */
  async show(): Promise<number> {
    const waiting = (await shownEntries()).filter((entry) => entry.state === "waiting").length;
    const post = await actingPost();
    const at = post && (await lastSent(post.mark));
    const badge = this.part("net");
    if (badge) {
      badge.dataset["state"] = this.standing === "online" ? "online" : "offline";
      badge.textContent = this.word(this.standing);
    }
    this.write("waiting", this.word(waiting ? "waiting" : "none").replace("{n}", String(waiting)));
    this.write("last", this.word(at ? "last" : "never").replace("{time}", at ? clock(at) : ""));
    const now = this.part("now");
    if (now) now.hidden = waiting === 0 || this.standing === "signed_out";
    const signIn = this.part("sign-in");
    if (signIn) signIn.hidden = this.standing !== "signed_out";
    this.host.dataset["pending"] = String(waiting);
    return waiting;
  }

  private write(name: string, words: string): void {
    const part = this.part(name);
    if (part) part.textContent = words;
  }

  private part(name: string): HTMLElement | null {
    return this.host.querySelector<HTMLElement>(`[data-part="${name}"]`);
  }
}
