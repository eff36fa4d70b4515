// The peak: residents' reports and their look at one public page, open loop, beside clicking staff.
// PLAN: {base, inbox, public, tokens, areas, staff: [{cookie, pages}], phases: [{name, rate, seconds, vus}], seconds}
import http from "k6/http";
import { sleep } from "k6";
import { Counter, Trend } from "k6/metrics";
import exec from "k6/execution";

const plan = JSON.parse(open(__ENV.PLAN));
const TRIES = 8; // a phone keeps its report and sends it again for hours; here it stops counting after so many
const waits = { public: new Trend("public_ms", true), staff: new Trend("staff_ms", true) };
const counts = {};
for (const phase of ["all", ...plan.phases.map((phase) => phase.name)]) {
  waits[phase] = new Trend(`report_${phase}_ms`, true);
}
for (const what of ["report", "public", "staff"]) {
  for (const outcome of ["served", "first", "shed", "failed", "given_up"]) {
    counts[`${what}_${outcome}`] = new Counter(`${what}_${outcome}`);
  }
}

const scenarios = {
  staff: { executor: "constant-vus", exec: "staff", vus: plan.staff.length, duration: `${plan.seconds}s`, gracefulStop: "5s" },
};
let begins = 0;
for (const phase of plan.phases) {
  scenarios[phase.name] = {
    executor: "constant-arrival-rate", exec: "resident", rate: phase.rate, timeUnit: "1s",
    duration: `${phase.seconds}s`, startTime: `${begins}s`, preAllocatedVUs: phase.vus, maxVUs: phase.vus, gracefulStop: "90s",
  };
  begins += phase.seconds;
}
export const options = {
  scenarios, discardResponseBodies: true, noCookiesReset: false,
  summaryTrendStats: ["count", "med", "p(95)", "p(99)", "max"],
};

const one = (list) => list[Math.floor(Math.random() * list.length)];
function uuid() {
  let hex = "";
  while (hex.length < 32) hex += Math.floor(Math.random() * 0x100000000).toString(16).padStart(8, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Ask until served, each time after the wait that was asked for; tell what became of it.
function served(what, ask, good) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const answer = ask();
    if (good.includes(answer.status)) {
      counts[`${what}_served`].add(1);
      if (attempt === 0) counts[`${what}_first`].add(1);
      return answer.timings.duration;
    }
    const wait = Number(answer.headers["Retry-After"] || 0);
    counts[answer.status === 503 || answer.status === 429 ? `${what}_shed` : `${what}_failed`].add(1);
    sleep(wait || 1 + Math.random());
  }
  counts[`${what}_given_up`].add(1);
  return null;
}

export function resident() {
  const id = uuid();
  const body = JSON.stringify({
    key: id, record_id: id, area_code: one(plan.areas),
    body: { symptoms: ["fever", "cough"], onset_on: "2026-11-20", note: "x".repeat(40) },
  });
  const headers = { Authorization: `Bearer ${one(plan.tokens)}`, "Content-Type": "application/json" };
  const waited = served("report", () => http.post(plan.base + plan.inbox, body, { headers, timeout: "30s" }), [200, 201]);
  if (waited !== null) {
    waits.all.add(waited);
    waits[exec.scenario.name].add(waited);
  }
  const seen = served("public", () => http.get(plan.base + plan.public, { timeout: "30s" }), [200]);
  if (seen !== null) waits.public.add(seen);
}

export function staff() {
  const me = plan.staff[(exec.vu.idInTest - 1) % plan.staff.length];
  sleep(Math.random() * 3);
  const waited = served(
    "staff", () => http.get(plan.base + one(me.pages), { headers: { Cookie: me.cookie }, redirects: 0, timeout: "30s" }), [200],
  );
  if (waited !== null) waits.staff.add(waited);
  sleep(2 + Math.random() * 3);
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY]: JSON.stringify(data.metrics) };
}
