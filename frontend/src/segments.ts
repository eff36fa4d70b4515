// A row of segments wider than its window scrolls: the one shown stands in view, and so does the one in focus.

/** Scroll the row, and nothing else, until this segment stands in its middle. */
function show(segment: HTMLElement | null): void {
  const row = segment?.closest<HTMLElement>(".segmented");
  if (!segment || !row || row.scrollWidth <= row.clientWidth) return;
  const middle = segment.offsetLeft - row.offsetLeft + segment.offsetWidth / 2;
  row.scrollLeft = middle - row.clientWidth / 2;
}

function showIn(part: ParentNode): void {
  part.querySelectorAll<HTMLElement>(".segmented > [aria-current], .segmented > [aria-pressed='true']").forEach(show);
}

export function startSegments(): void {
  showIn(document);
  document.body.addEventListener("htmx:afterSettle", (event) => showIn(event.target as HTMLElement));
  document.addEventListener("focusin", (event) => {
    show((event.target as Element).closest<HTMLElement>(".segmented > *")); // a browser leaves it half hidden
  });
}
