// Clocks that run by themselves: the hour on the wall, and the minutes left of a step.
import { clock, text } from "./page";

/** Say how much is left until `due`, or how late it is, in the page's own words. */
export function left(due: Date, now: Date): string {
  const minutes = Math.round((due.getTime() - now.getTime()) / 60_000);
  const size = Math.abs(minutes);
  const amount =
    size < 60
      ? text("minutes").replace("{n}", String(size))
      : size < 2880
        ? text("hours").replace("{n}", String(Math.floor(size / 60))).replace("{m}", String(size % 60))
        : text("days").replace("{n}", String(Math.floor(size / 1440)));
  return (minutes < 0 ? text("late") : text("left")).replace("{amount}", amount);
}

function tick(): void {
  const now = new Date();
  document.querySelectorAll<HTMLElement>("[data-clock]").forEach((element) => {
    element.textContent = element.dataset["clock"] === "minutes" ? clock(now).slice(0, 5) : clock(now);
  });
  document.querySelectorAll<HTMLTimeElement>("time[data-due]").forEach((element) => {
    const due = new Date(element.dateTime);
    element.textContent = left(due, now);
    element.classList.toggle("state-overdue", due < now);
  });
}

export function startClocks(): void {
  tick();
  window.setInterval(tick, 1000);
}
