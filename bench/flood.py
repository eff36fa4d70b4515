"""A page at three and ten times what it can take, open loop: what is served, and how soon all is well.

Server (with its database) and generator have one core each. The ceiling is the same page's capacity, measured
before and after by a closed loop. Sizes: FLOOD_SECONDS (180 for acceptance), FLOOD_PAGE, FLOOD_ROLE.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench import house
from bench.figure import Figure
from bench.signal_shown import BASE, PORT, running, wait_until_ready
from bench.visitors import Machine, marks, own_seconds, run_k6, sessions

RESIDENTS = int(os.environ.get("RESIDENTS") or 30_000)
FLOOD_SECONDS = int(os.environ.get("FLOOD_SECONDS") or 20)
PAGE = os.environ.get("FLOOD_PAGE") or "/work/"
ROLE = os.environ.get("FLOOD_ROLE", "grid_worker")  # empty: strangers
CAPACITY_SECONDS = max(10, FLOOD_SECONDS // 6)
CALM_SECONDS, CALM = 12, 0.25  # calm: a part of the capacity
CLOSED_VISITORS = 16
TIMES = (3, 10)
GOODPUT, NORMAL_WITHIN = 0.8, 10  # issue 5
NORMAL_TIMES, NORMAL_MS = 2.0, 50.0  # normal: p95 of a second at most so many times the calm one, or so near
SERVER_CORE, CLIENT_CORE = 0, 1


def main() -> Iterator[Figure]:
    """Measure the capacity, then each flood with calm before and after it."""
    os.sched_setaffinity(0, {SERVER_CORE})  # inherited by database and web process
    with house.district(RESIDENTS), ExitStack() as stack:
        plan: dict[str, Any] = {"base": BASE, "path": PAGE, "cookies": sessions(ROLE, 30) if ROLE else [""]}
        stack.enter_context(running(["anlan.wiring.web", "--port", str(PORT)]))
        wait_until_ready()
        capacity(plan)  # warms up
        before = capacity(plan)
        for times in TIMES:
            machine, spent = Machine(), own_seconds(with_self=False)
            told = run_k6(
                "flood.js",
                {
                    **plan,
                    "rate": times * before[0],
                    "calm_rate": CALM * before[0],
                    "calm_s": CALM_SECONDS,
                    "flood_s": FLOOD_SECONDS,
                },
                core=CLIENT_CORE,
            )
            spent = own_seconds(with_self=False) - spent
            print(f"  {machine.told()}", flush=True)
            after = capacity(plan)  # the machine's own pace drifts: the ceiling is the mean of both
            can, can_a_second = ((one + other) / 2 for one, other in zip(before, after, strict=True))
            yield from figures(times, can, told)
            served = sum(values["count"] for name, values in told.items() if name.startswith("served_count_"))
            yield Figure(f"{times} times: pages a second of the server's", served / spent, can_a_second, "/s",
                         "the same, closed loop")  # fmt: skip
            before = after


def capacity(plan: dict[str, Any]) -> tuple[float, float]:
    """Return the pages a second a few visitors get who each ask again when answered; by clock and processor.

    Where others use the machine as well, the second is the steadier: what floods cost shows in it alone.
    """
    spent = own_seconds(with_self=False)
    told = run_k6(
        "flood.js", {**plan, "vus": CLOSED_VISITORS, "closed_s": CAPACITY_SECONDS}, core=CLIENT_CORE
    )
    if told.get("failed_count_closed", {}).get("count") or "served_closed" not in told:
        raise RuntimeError(f"the page does not answer 200: {told}")
    spent = own_seconds(with_self=False) - spent
    served = told["served_count_closed"]["count"]
    return served / CAPACITY_SECONDS, served / spent


def figures(times: int, can: float, told: dict[str, dict[str, float]]) -> Iterator[Figure]:
    """Say what was served, how fast, and when it was as before."""
    count = {
        outcome: told.get(f"{outcome}_count_flood", {}).get("count", 0.0)
        for outcome in ("served", "shed", "failed")
    }
    asked = sum(count.values()) / FLOOD_SECONDS
    served, before, flood = count["served"] / FLOOD_SECONDS, told["served_before"], told["served_flood"]
    print("  " + json.dumps({
        "asked_a_second": round(asked, 1), "times": round(asked / can, 2), **count,
        "not_sent": told.get("dropped_iterations", {}).get("count", 0),
        "before_ms": marks(before), "served_ms": marks(flood), "shed_ms": marks(told.get("shed_flood", {})),
    }), flush=True)  # fmt: skip
    yield Figure(f"{times} times: pages served", served, can, "/s", "capacity, closed loop", at_least=GOODPUT)
    yield Figure(f"{times} times: of those, p95", flood["p(95)"], before["p(95)"], "ms", "p95 in calm")
    yield Figure(
        f"{times} times: normal after", normal_after(told), NORMAL_WITHIN, "s", "allowed", at_most=1.0
    )


def normal_after(told: dict[str, dict[str, float]]) -> float:
    """Return the seconds after the flood until every later second is as in the calm before."""
    limit = max(NORMAL_TIMES * told["served_before"]["p(95)"], told["served_before"]["p(95)"] + NORMAL_MS)
    normal = 0
    for second in range(CALM_SECONDS):
        slow = told.get(f"served_after_{second}", {}).get("p(95)", limit + 1) > limit
        if slow or told.get(f"shed_count_after_{second}", {}).get("count", 0):
            normal = second + 1
    return float(normal)
