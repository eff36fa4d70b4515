"""Schemathesis asks what the published document allows and what it forbids: nothing breaks the house.

It lives in an environment of its own below var/, made at need: its requirements are not the house's.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.models import Envelope
from anlan.foundation.scope import duty
from anlan.health.models import CountSheet
from anlan.health.queries import count_form
from anlan.people.models import Household, Resident
from anlan.surveillance.models import Signal
from anlan.workorders.models import WorkOrder
from tests.foundation.asking import give_token
from tests.journeys.town import running, until
from tests.proof import ROOT, Proof
from tests.rights.objects import place_objects
from tests.world import DISTRICT, GRID_A, GRID_B, SCHOOL_GRID, SPRING, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

PINNED = Path(__file__).with_name("schemathesis.txt")
FEWEST_ACCEPTING = 12  # operations that did what was asked, of 20: else nothing but refusals was tried
HOOKS = str(Path(__file__).with_name("any_request_hooks.py"))
SENDERS = {"problems": "wang", "order-work": "zheng", "counts": "chu", "case-reports": "zhou"}
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "wrong_data_rejection",
    "unsupported_method", "allow_header_conformance",
)  # fmt: skip


def environment() -> Path:
    """Return the programs of schemathesis's environment, made where it is missing or of another pin."""
    pin = sha256(PINNED.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / "var" / f"schemathesis-{pin}"
    if not (folder / "made").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install: list[str | Path] = [
            folder / "bin" / "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "-r",
            PINNED,
        ]
        subprocess.run(install, check=True)
        (folder / "made").touch()
    return folder / "bin"


def given_to(town: World) -> dict[str, Any]:
    """Return who may ask, what exists, and bodies that would be accepted."""
    by_source = {
        source: {"Authorization": f"Bearer {give_token(town.appointments[handle].pk, source)}"}
        for source, handle in SENDERS.items()
    }
    town.accounts["wang"].refresh_from_db()
    key, token = town.sign_in(Client(), "wang").session.session_key, _get_new_csrf_string()
    session = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}; csrftoken={token}", "X-CSRFToken": token}
    worker, desk, school = by_source["problems"], by_source["case-reports"], by_source["counts"]
    open_to = {"/api/signals": [desk], "/api/counts": [desk, school], "/api/orders": [*by_source.values()]}
    inbox = {f"/inbox/{source}/": [caller] for source, caller in by_source.items()}
    return {
        "callers": [*by_source.values(), session],
        "suited": {**open_to, **inbox, "/api/": [worker, session]},
        "ids": existing(),
        "key": known_key(town),
        "bodies": bodies(town),
    }


def existing() -> dict[str, list[str]]:
    """Return ids that exist, by the name of the parameter that takes them."""
    rows: dict[str, type[Model]] = {
        "order_id": WorkOrder, "signal_id": Signal, "sheet_id": CountSheet, "resident_id": Resident,
        "household_id": Household,
    }  # fmt: skip
    with transaction.atomic(), duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        ids = {
            name: [str(pk) for pk in model._default_manager.values_list("pk", flat=True)]
            for name, model in rows.items()
        }
    return {**ids, "code": [DISTRICT, SPRING, GRID_A, SCHOOL_GRID]}


def known_key(town: World) -> str:
    """Put an envelope of the worker's aside and return its key."""
    wang = town.actor("wang")
    with transaction.atomic(), duty("accept_envelope", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        row = Envelope.objects.create(
            source="problems", key="known", record_id=new_id(), account_id=wang.account_id,
            appointment_id=wang.appointment_id, post_id=wang.post_id, area_code=GRID_A, body=b"x",
            body_hash=b"y", state="review", problem="outside_the_post",
        )  # fmt: skip
    return row.key


def bodies(town: World) -> dict[str, Any]:
    """Return a body that would be accepted at each address that takes one; NEW stands for a fresh id."""
    today = day_of(town.now).isoformat()
    counts = {
        "form": "school_absence", "on": today, "facility_id": str(town.school.pk),
        "lines": [{"item": count_form("school_absence").items[0], "count": 2, "of": 40}],
    }  # fmt: skip
    sent = {
        "problems": (GRID_A, {"category": "waste", "words": "三栋后面积水"}),
        "order-work": (GRID_A, {"order_id": "NEW", "finding": "已处理"}),
        "counts": (SCHOOL_GRID, counts),
        "case-reports": (GRID_B, {"condition": "measles", "onset_on": today, "age_years": 7}),
    }
    envelopes = {
        f"/inbox/{source}/": {"key": "NEW", "record_id": "NEW", "area_code": area, "body": body}
        for source, (area, body) in sent.items()
    }
    return {
        **envelopes,
        "/api/counts": counts,
        "/api/residents/search": {"q": "chen"},
        "/api/residents/{resident_id}": {"expected_version": 1, "relation": "户主"},
        "/api/households/{household_id}/residents": {"id": "NEW", "name": "何小满"},
    }


def report_of(base: str, given: dict[str, Any], proof: Proof, folder: Path) -> dict[str, Any]:
    """Let schemathesis ask so many requests an operation; return its report."""
    document = httpx.get(f"{base}/api/openapi.json", timeout=60).json()
    each = math.ceil(proof.size / sum(len(methods) for methods in document["paths"].values()))
    report = folder / "report.json"
    told = subprocess.run(
        [
            environment() / "schemathesis", "run", f"{base}/api/openapi.json", "--phases", "fuzzing",
            "--max-examples", str(each), "--checks", ",".join(CHECKS), "--continue-on-failure", "--no-shrink",
            "--seed", str(proof.seed), "--generation-database", "none", "--suppress-health-check", "all",
            "--warnings", "off", "--no-color", "--report", "json", "--report-json-path", report,
        ],
        env={**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "ANLAN_ANY_REQUEST": json.dumps(given)},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(told.stdout[-8000:], told.stderr[-2000:])
    read: dict[str, Any] = json.loads(report.read_text())
    return read


@pytest.mark.proof(test=500, prove=20_000)
def test_no_request_that_the_document_describes_or_forbids_breaks_the_house(
    standard_pack: None, proof: Proof
) -> None:
    town = build_world()
    with transaction.atomic():
        place_objects(town)
    with running(town) as house, tempfile.TemporaryDirectory() as folder:
        report = report_of(house.base, given_to(town), proof, Path(folder))
        until(nothing_waits)

    cases = report["test_cases"]
    rates = {name: one["fuzzing"] for name, one in report["valid_rates"].items()}
    accepted = [name for name, one in rates.items() if one["accepted"]]
    proof.figures |= {"requests": cases["generated"], "operations": report["operations"]["tested"]}
    proof.figures |= {"operations that accepted some": len(accepted)}
    assert (report["failures"], report["errors"], cases["with_failures"]) == ([], [], 0)
    assert cases["generated"] >= proof.size * 0.95  # an operation may run out of different requests
    assert report["operations"]["tested"] == report["operations"]["total"] > 15
    assert len(accepted) >= FEWEST_ACCEPTING, rates
    assert poisoned() == []


def nothing_waits() -> bool:
    """Say whether the worker has judged every envelope."""
    with duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="test"):
        return not Envelope.objects.filter(state="waiting").exists()


def poisoned() -> list[tuple[str, str]]:
    """Return the envelopes whose intake failed with an error of the house's own."""
    with transaction.atomic(), duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="test"):
        return list(Envelope.objects.filter(state="poisoned").values_list("source", "problem"))
