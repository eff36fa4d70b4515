// What every page loads: htmx with our rules, live areas, dialogs, forms, toasts, menus, clocks.
import htmx from "htmx.org";
import { startClocks } from "./clocks";
import { startColumns } from "./columns";
import { startCounts } from "./counts";
import { startLock } from "./field/lock";
import { startFocus } from "./focus";
import { startForms } from "./forms";
import { startLive } from "./live";
import { startMenus } from "./menus";
import { startOverlays } from "./overlays";
import { startRail } from "./rail";
import { startSegments } from "./segments";
import { startToasts } from "./toasts";
import { startWall } from "./wall";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

window.htmx = htmx;
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollIntoViewOnBoost: false,
  timeout: 30_000,
  // A refused form (422) comes back with its errors and is shown; other refusals become a toast.
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

function start(): void {
  startToasts();
  startOverlays();
  startForms();
  startCounts();
  startColumns();
  startMenus();
  startRail();
  startSegments();
  startClocks();
  startFocus();
  startLive();
  startWall();
  startLock();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
