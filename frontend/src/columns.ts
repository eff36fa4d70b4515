// Which columns of a list are shown at a desk: chosen beside the table, remembered by this browser alone.
// Only headings are kept, never what stands in the rows. A phone shows rows as cards and is left as it is.

const FEWEST = 4; // columns that make a choice worth while

function cellsOf(table: HTMLTableElement, at: number): Element[] {
  return [...table.rows].map((row) => row.children[at]).filter((cell) => cell !== undefined);
}

function headings(table: HTMLTableElement): HTMLTableCellElement[] {
  return [...(table.tHead?.rows[0]?.cells ?? [])];
}

function nameOf(heading: HTMLTableCellElement): string {
  return heading.textContent?.trim() ?? "";
}

function keyOf(table: HTMLTableElement): string {
  return `columns:${location.pathname}:${table.getAttribute("aria-label")}`;
}

function hiddenOf(table: HTMLTableElement): Set<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(table)) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.map(String) : []);
  } catch {
    return new Set();
  }
}

function show(table: HTMLTableElement, hidden: Set<string>): void {
  headings(table).forEach((heading, at) => {
    for (const cell of cellsOf(table, at)) cell.classList.toggle("column-hidden", hidden.has(nameOf(heading)));
  });
}

function switchFor(name: string, table: HTMLTableElement, hidden: Set<string>): HTMLLabelElement {
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(name) });
  box.addEventListener("change", () => {
    if (box.checked) hidden.delete(name);
    else hidden.add(name);
    localStorage.setItem(keyOf(table), JSON.stringify([...hidden]));
    show(table, hidden);
  });
  label.append(box, ` ${name}`);
  return label;
}

function offer(choice: HTMLDetailsElement): void {
  const table = choice.nextElementSibling?.querySelector("table");
  if (!table || !choice.hidden || headings(table).length < FEWEST) return;
  const hidden = hiddenOf(table);
  // the first names the row; one whose words are spoken alone holds its buttons
  const free = headings(table).slice(1).filter((heading) => nameOf(heading) && !heading.querySelector(".spoken"));
  choice.querySelector("[data-part=columns]")?.append(...free.map((one) => switchFor(nameOf(one), table, hidden)));
  choice.hidden = false;
  show(table, hidden);
}

function offerAll(): void {
  document.querySelectorAll<HTMLDetailsElement>("details.column-choice").forEach(offer);
}

export function startColumns(): void {
  offerAll();
  document.addEventListener("htmx:afterSettle", offerAll);
}
