// The wall shows whole rows only: what does not fit is left out, never cut.

function keepWholeRows(): void {
  document.querySelectorAll<HTMLElement>(".wall .todo-list, .wall .choropleth-list").forEach((list) => {
    const frame = list.closest<HTMLElement>(".card-body, .choropleth") ?? list;
    const rows = [...list.children] as HTMLElement[];
    rows.forEach((row) => (row.hidden = false));
    const bottom = frame.getBoundingClientRect().bottom + 1;
    rows.forEach((row) => (row.hidden = row.getBoundingClientRect().bottom > bottom));
  });
}

export function startWall(): void {
  if (!document.querySelector(".wall")) return;
  keepWholeRows();
  window.addEventListener("resize", keepWholeRows);
  document.addEventListener("htmx:afterSettle", keepWholeRows);
  document.addEventListener("map-listed", keepWholeRows);
}
