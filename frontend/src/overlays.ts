// Drawer, sheet and confirm: one way to open, trap the focus, close by Escape or veil, and give the focus back.

const FOCUSABLE =
  'a[href],button:not([disabled]),input:not([disabled]):not([type="hidden"]),select:not([disabled]),' +
  'textarea:not([disabled]),summary,[tabindex]:not([tabindex="-1"])';

interface Opened {
  box: HTMLElement;
  veil: HTMLElement;
  back: Element | null;
  closed: (() => void) | undefined;
}

const opened: Opened[] = [];

function focusables(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.offsetParent !== null);
}

/** Empty every form inside: the last person's answers must never stand in the next person's report. */
function resetForms(box: HTMLElement): void {
  box.querySelectorAll("form").forEach((form) => {
    form.reset();
    form.dispatchEvent(new CustomEvent("form-opened", { bubbles: true }));
  });
}

/** Open a box over the page; `closed` runs once when it closes, however it closes. */
export function open(box: HTMLElement, closed?: () => void): void {
  if (opened.some((one) => one.box === box)) return;
  const veil = document.createElement("div");
  veil.className = "veil";
  veil.addEventListener("click", () => close(box));
  box.before(veil);
  opened.push({ box, veil, back: document.activeElement, closed });
  if (!box.hasAttribute("data-keep")) resetForms(box);
  if (!box.classList.contains("rail")) box.hidden = false;
  box.tabIndex = -1;
  document.documentElement.classList.add("overlay-open");
  const first = box.querySelector<HTMLElement>("[data-first]") ?? focusables(box)[0] ?? box;
  first.focus();
  box.dispatchEvent(new CustomEvent("overlay-open", { bubbles: true }));
}

export function close(box: HTMLElement): void {
  const index = opened.findIndex((one) => one.box === box);
  const entry = opened[index];
  if (!entry) return;
  opened.splice(index, 1);
  entry.veil.remove();
  if (!box.classList.contains("rail")) box.hidden = true;
  box.classList.remove("is-open");
  if (opened.length === 0) document.documentElement.classList.remove("overlay-open");
  if (entry.back instanceof HTMLElement && entry.back.isConnected) entry.back.focus();
  entry.closed?.();
  box.dispatchEvent(new CustomEvent("overlay-close", { bubbles: true }));
}

function keepFocusInside(event: KeyboardEvent): void {
  const top = opened[opened.length - 1];
  if (!top) return;
  if (event.key === "Escape") {
    event.preventDefault();
    close(top.box);
    return;
  }
  if (event.key !== "Tab") return;
  const all = focusables(top.box);
  const first = all[0];
  const last = all[all.length - 1];
  if (!first || !last) return;
  const inside = top.box.contains(document.activeElement);
  if (event.shiftKey && (!inside || document.activeElement === first || document.activeElement === top.box)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (!inside || document.activeElement === last)) {
    event.preventDefault();
    first.focus();
  }
}

interface Question {
  title: string;
  words: string;
  action: string;
  danger: boolean;
}

/** Ask before an act; resolves true only when the person presses the act itself. */
export function ask(question: Question): Promise<boolean> {
  const template = document.getElementById("confirm-template") as HTMLTemplateElement | null;
  const box = template?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
  if (!box) return Promise.resolve(window.confirm(question.title));
  const fill = (part: string, words: string) => {
    const slot = box.querySelector(`[data-part="${part}"]`);
    if (slot) slot.textContent = words;
  };
  fill("title", question.title);
  fill("text", question.words);
  if (question.action) fill("action", question.action);
  box.querySelector('[data-part="action"]')?.classList.toggle("button-danger", question.danger);
  box.querySelector('[data-part="action"]')?.classList.toggle("button-primary", !question.danger);
  document.body.append(box);
  return new Promise((resolve) => {
    let agreed = false;
    box.querySelector('[data-part="action"]')?.addEventListener("click", () => {
      agreed = true;
      close(box);
    });
    open(box, () => {
      box.remove();
      resolve(agreed);
    });
  });
}

function questionOf(element: HTMLElement): Question {
  return {
    title: element.dataset["confirm"] ?? "",
    words: element.dataset["confirmText"] ?? "",
    action: element.dataset["confirmAction"] ?? element.textContent?.trim() ?? "",
    danger: element.dataset["confirmDanger"] !== undefined,
  };
}

/** Hold the click of anything with data-confirm until the person has agreed, then let it through once. */
function holdForConfirm(event: MouseEvent): void {
  const element = (event.target as Element).closest<HTMLElement>("[data-confirm]");
  if (!element || element.dataset["agreed"] !== undefined) return;
  const form = (element as HTMLButtonElement).form;
  if (form && !form.noValidate && !form.reportValidity()) {
    event.preventDefault();
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  void ask(questionOf(element)).then((agreed) => {
    if (!agreed) return;
    element.dataset["agreed"] = "";
    element.click();
    delete element.dataset["agreed"];
  });
}

export function startOverlays(): void {
  document.addEventListener("keydown", keepFocusInside);
  document.addEventListener("click", holdForConfirm, true);
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    const box = opener && document.getElementById(opener.dataset["opens"] ?? "");
    if (box) {
      event.preventDefault();
      if (box.classList.contains("rail")) box.classList.add("is-open");
      open(box);
      return;
    }
    const closer = target.closest("[data-closes]");
    const holder = closer?.closest<HTMLElement>(".overlay, .rail");
    if (holder) close(holder);
  });
  document.addEventListener("htmx:confirm", (event) => {
    const detail = (event as CustomEvent<{ question: string | null; issueRequest: (skip: boolean) => void }>).detail;
    if (!detail.question) return;
    event.preventDefault();
    const element = event.target as HTMLElement;
    void ask({ ...questionOf(element), title: detail.question }).then((agreed) => {
      if (agreed) detail.issueRequest(true);
    });
  });
}
