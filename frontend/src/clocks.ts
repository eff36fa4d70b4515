// Clocks that run by themselves: the hour on the wall, and the minutes left of a step.
import { clock, text } from "./page";

const MINUTE_MS = 60_000;

/** Name a span with as much detail as it deserves: minutes, hours and minutes, hours, days. */
function amountOf(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  if (minutes < 60) return text("minutes").replace("{n}", String(minutes));
  if (hours < 10) return text("hours").replace("{n}", String(hours)).replace("{m}", String(minutes % 60));
  if (hours < 48) return text("wholehours").replace("{n}", String(hours));
  return text("days").replace("{n}", String(Math.floor(hours / 24)));
}

/** Say how much is left until `due`, or that it is over and by how much, in the page's own words. */
export function left(due: Date, now: Date): string {
  const minutes = (due.getTime() - now.getTime()) / MINUTE_MS;
  // A minute that has begun still counts as left: before its time nothing says "0 minutes", and past it neither.
  if (minutes > 0) return text("left").replace("{amount}", amountOf(Math.ceil(minutes)));
  const late = Math.floor(-minutes);
  return late === 0 ? text("over") : text("late").replace("{amount}", amountOf(late));
}

/** Return what time it is here: a practice district stands at the time its page names. */
function timeInForce(): Date {
  const stands = document.body.dataset["now"];
  return stands ? new Date(stands) : new Date();
}

function tick(): void {
  const now = timeInForce();
  document.querySelectorAll<HTMLElement>("[data-clock]").forEach((element) => {
    element.textContent = element.dataset["clock"] === "minutes" ? clock(now).slice(0, 5) : clock(now);
  });
  document.querySelectorAll<HTMLTimeElement>("time[data-due]").forEach((element) => {
    const due = new Date(element.dateTime);
    element.textContent = left(due, now);
    element.classList.toggle("state-overdue", due <= now);
  });
}

export function startClocks(): void {
  tick();
  window.setInterval(tick, 1000);
}
