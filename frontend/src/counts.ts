// The count form: sums as one types, arrow keys and Enter along a column, classes that open on the phone.

function value(input: HTMLInputElement): number {
  return /^\d+$/.test(input.value.trim()) ? Number(input.value) : 0;
}

function cellsOf(row: Element): HTMLInputElement[] {
  return [...row.querySelectorAll<HTMLInputElement>(".count-cell input")];
}

function sum(grid: HTMLTableElement): void {
  const rows = [...grid.tBodies[0]!.rows];
  for (const row of rows) {
    const counts = cellsOf(row).filter((input) => !input.closest(".count-of"));
    const total = counts.reduce((most, input) => Math.max(most, value(input)), 0);
    const told = row.querySelector<HTMLOutputElement>("[data-row-sum]");
    if (told) told.textContent = total ? String(total) : "";
  }
  const outputs = grid.tFoot?.querySelectorAll<HTMLElement>("[data-col-sum]") ?? [];
  outputs.forEach((output, place) => {
    const total = rows.reduce((soFar, row) => soFar + value(cellsOf(row)[place]!), 0);
    output.textContent = String(total);
  });
}

/** Go to the same column of the next or previous class that is shown. */
function move(input: HTMLInputElement, step: number): boolean {
  const row = input.closest("tr")!;
  const place = cellsOf(row).indexOf(input);
  for (let next = row; ; ) {
    const found = (step > 0 ? next.nextElementSibling : next.previousElementSibling) as HTMLTableRowElement | null;
    if (!found) return false;
    const cell = cellsOf(found)[place];
    if (cell && cell.offsetParent !== null) {
      cell.focus();
      cell.select();
      return true;
    }
    next = found;
  }
}

function onKey(event: KeyboardEvent): void {
  const input = event.target as HTMLInputElement;
  if (!input.matches?.(".count-cell input")) return;
  const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  if (move(input, step) || event.key === "Enter") event.preventDefault();
}

export function startCounts(): void {
  const grid = document.querySelector<HTMLTableElement>(".count-grid");
  if (!grid) return;
  sum(grid);
  grid.addEventListener("keydown", onKey);
  grid.addEventListener("input", () => sum(grid));
  grid.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (!box.matches(".count-toggle")) return;
    const row = box.closest("tr")!;
    row.classList.toggle("is-open", box.checked);
    if (box.checked) cellsOf(row).find((input) => !input.closest(".count-of"))?.focus();
  });
}
