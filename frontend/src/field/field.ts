// What the grid worker's pages load: the offline mark on the day's page, all of the page that works without a signal.
import { Mark } from "./mark";
import { Phone } from "./phone";
import { canSeal } from "./seal";

function start(): void {
  const page = document.querySelector<HTMLElement>("[data-phone]");
  const mark = document.querySelector<HTMLElement>("[data-contact]");
  const cannot = document.querySelector<HTMLElement>("[data-cannot]");
  if (!canSeal()) {
    // Without a trusted connection nothing can be sealed, so nothing is kept: the page says so and leads to the form.
    if (cannot) cannot.hidden = false;
    if (page) page.hidden = true;
    return;
  }
  const script = mark?.dataset["worker"];
  if (script && "serviceWorker" in navigator) {
    void navigator.serviceWorker.register(script, { scope: mark?.dataset["scope"] ?? "/field/" }).catch(() => undefined);
  }
  void navigator.storage?.persist?.().catch(() => undefined);
  if (page) new Phone(page).start();
  else if (mark) new Mark(mark).start();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
