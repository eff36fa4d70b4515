// Locks the phone's copies: the keys and what could be read go; what waits to be sent stays, sealed, until the same
// person signs in again. Every page loads this, so it stands alone.
export const DATABASE = "anlan-field";
export const FLAG = "anlan-field";
const READABLE = ["keys", "kept", "facts"];

function opened(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    const request = indexedDB.open(DATABASE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onupgradeneeded = () => request.transaction?.abort(); // never made here
  });
}

function done(request: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    request.oncomplete = () => resolve();
    request.onerror = () => reject(request.error);
    request.onabort = () => reject(request.error);
  });
}

function isUsed(): boolean {
  try {
    return localStorage.getItem(FLAG) !== null;
  } catch {
    return false;
  }
}

/** Delete the keys and the copies that could be read with them. */
export async function lockPhone(): Promise<void> {
  if (!isUsed()) return;
  const database = await opened();
  if (!database) return;
  const names = READABLE.filter((name) => database.objectStoreNames.contains(name));
  if (names.length) {
    const writing = database.transaction(names, "readwrite");
    names.forEach((name) => writing.objectStore(name).clear());
    await done(writing);
  }
  database.close();
}

/** Return how many entries of this phone's person wait, for the page that asks before signing out. */
async function waitingCount(): Promise<number> {
  const database = isUsed() ? await opened() : null;
  if (!database?.objectStoreNames.contains("outbox")) return 0;
  const reading = database.transaction(["outbox", "keys"]);
  const ask = <T>(request: IDBRequest<T>) => new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
  const [entries, marks] = await Promise.all([
    ask(reading.objectStore("outbox").getAll() as IDBRequest<{ mark: string; state: string }[]>),
    ask(reading.objectStore("keys").getAllKeys()),
  ]);
  database.close();
  return entries.filter((entry) => entry.state === "waiting" && marks.includes(entry.mark)).length;
}

/** Lock where nobody is signed in, and before a sign-out leaves the phone; say first what still waits. */
export function startLock(): void {
  if (document.body.dataset["live"] === undefined) void lockPhone();
  const warning = document.querySelector<HTMLElement>("[data-unsent]");
  if (warning) {
    void waitingCount().then((count) => {
      warning.hidden = count === 0;
      warning.textContent = (warning.dataset["unsent"] ?? "").replace("{n}", String(count));
    });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (new URL(form.action, location.href).pathname.endsWith("/logout/")) void lockPhone();
  });
}
