// The rail scrolls by itself: where the screen is too low for it, the line of the open page is brought into sight.

const ROOM = 24; // px under that line

export function startRail(): void {
  const rail = document.getElementById("rail");
  const here = rail?.querySelector("[aria-current=page]");
  if (!rail || !here) return;
  const hidden = here.getBoundingClientRect().bottom + ROOM - rail.getBoundingClientRect().bottom;
  if (hidden > 0) rail.scrollTop += hidden;
}
