// Forms: sent once, with one token each; tiles that show what is chosen; filters that apply themselves.

function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Give the form a fresh token: the same token twice is the same act, and the server keeps only one. */
function renewToken(form: HTMLFormElement): void {
  form.querySelectorAll<HTMLInputElement>('input[name="form_token"]').forEach((input) => (input.value = newToken()));
}

function setBusy(form: HTMLFormElement, busy: boolean): void {
  form.classList.toggle("is-busy", busy);
  if (busy) form.dataset["busy"] = "";
  else delete form.dataset["busy"];
  form.setAttribute("aria-busy", String(busy));
  for (const button of form.querySelectorAll<HTMLButtonElement>('button[type="submit"],button:not([type])')) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function sendOnce(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (form.dataset["busy"] !== undefined) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (form.method.toLowerCase() === "post" || form.hasAttribute("hx-post")) setBusy(form, true);
}

function showChosen(root: ParentNode): void {
  for (const tile of root.querySelectorAll<HTMLElement>(".choice-tile")) {
    tile.classList.toggle("is-chosen", tile.querySelector<HTMLInputElement>("input")?.checked ?? false);
  }
}

/** Show parts of a form that belong to an answer: data-shown-when="field=value|value". */
function showParts(form: HTMLFormElement): void {
  const answers = new FormData(form);
  for (const part of form.querySelectorAll<HTMLElement>("[data-shown-when]")) {
    const [name = "", values = ""] = (part.dataset["shownWhen"] ?? "").split("=");
    const wanted = values.split("|");
    part.hidden = !answers.getAll(name).some((answer) => wanted.includes(String(answer)));
  }
}

function refresh(root: ParentNode): void {
  showChosen(root);
  for (const form of root.querySelectorAll<HTMLFormElement>("form")) {
    if (form.querySelector("[data-shown-when]")) showParts(form);
  }
}

/** Bring the first wrong field into view, so that an error is never below the fold. */
function focusFirstError(root: ParentNode): void {
  const field = root.querySelector<HTMLElement>(
    "form .has-error input, form .has-error select, form .has-error textarea",
  );
  field?.focus();
}

export function startForms(): void {
  refresh(document);
  focusFirstError(document);
  document.addEventListener("submit", sendOnce, true);
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    const form = input.form;
    if (!form) return;
    refresh(form.parentNode ?? document);
    if (form.hasAttribute("data-apply-on-change")) form.requestSubmit ? form.requestSubmit() : form.submit();
  });
  document.addEventListener("form-opened", (event) => {
    const form = event.target as HTMLFormElement;
    renewToken(form);
    setBusy(form, false);
    refresh(form.parentNode ?? document);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const element = (event as CustomEvent<{ elt: Element; successful: boolean }>).detail.elt;
    if (element instanceof HTMLFormElement) setBusy(element, false);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    refresh(target.parentNode ?? document);
    if (target.querySelector(".has-error")) focusFirstError(target);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll<HTMLFormElement>("form[data-busy]").forEach((form) => setBusy(form, false));
  });
}
