// Open-loop visits to one page at several times what it can take, with calm before and after.
// PLAN: {base, path, cookies, vus, closed_s} to measure capacity, else {…, rate, calm_rate, calm_s, flood_s}
import http from "k6/http";
import { Counter, Trend } from "k6/metrics";

const plan = JSON.parse(open(__ENV.PLAN));
const WINDOW_S = 1; // after the flood, waits are told for each second
const names = plan.closed_s
  ? ["closed"]
  : ["before", "flood", ...Array.from({ length: plan.calm_s }, (_, second) => `after_${second}`)];
const waits = {};
const counts = {};
for (const name of names) {
  waits[name] = new Trend(`served_${name}`, true);
  counts[name] = {};
  for (const outcome of ["served", "shed", "failed"]) {
    counts[name][outcome] = new Counter(`${outcome}_count_${name}`);
  }
}
const shedWait = plan.closed_s ? null : new Trend("shed_flood", true);

function arrivals(exec, rate, start, seconds) {
  const vus = Math.min(2000, Math.max(20, Math.ceil(rate * 2.5)));
  return {
    executor: "constant-arrival-rate", exec, rate: Math.max(1, Math.round(rate)), timeUnit: "1s",
    duration: `${seconds}s`, startTime: `${start}s`, preAllocatedVUs: vus, maxVUs: vus, gracefulStop: "10s",
  };
}

export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ["count", "med", "p(95)", "p(99)", "max"],
  scenarios: plan.closed_s
    ? { closed: { executor: "constant-vus", exec: "closed", vus: plan.vus, duration: `${plan.closed_s}s` } }
    : {
        before: arrivals("before", plan.calm_rate, 0, plan.calm_s),
        flood: arrivals("flood", plan.rate, plan.calm_s, plan.flood_s),
        after: arrivals("after", plan.calm_rate, plan.calm_s + plan.flood_s, plan.calm_s),
      },
};

function visit(name) {
  const answer = http.get(plan.base + plan.path, {
    headers: { Cookie: plan.cookies[__VU % plan.cookies.length] }, redirects: 0, timeout: "20s",
  });
  const outcome = answer.status === 200 ? "served" : answer.status === 503 ? "shed" : "failed";
  counts[name][outcome].add(1);
  if (outcome === "served") waits[name].add(answer.timings.duration);
  if (outcome === "shed" && name === "flood") shedWait.add(answer.timings.duration);
}

export function setup() {
  return { began: Date.now() };
}
export const closed = () => visit("closed");
export const before = () => visit("before");
export const flood = () => visit("flood");
export function after(data) {
  const since = (Date.now() - data.began) / 1000 - plan.calm_s - plan.flood_s;
  visit(`after_${Math.min(plan.calm_s - 1, Math.max(0, Math.floor(since / WINDOW_S)))}`);
}
export function handleSummary(data) {
  return { [__ENV.SUMMARY]: JSON.stringify(data.metrics) };
}
