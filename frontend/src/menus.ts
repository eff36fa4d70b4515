// Menus are <details>: this only closes them when one looks elsewhere, walks on or presses Escape.

function closeOthers(event: Event): void {
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target as Node)) menu.open = false;
  });
}

export function startMenus(): void {
  document.addEventListener("focusin", closeOthers);
  document.addEventListener("click", closeOthers);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    });
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-prints]")) window.print();
  });
}
