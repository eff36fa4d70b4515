"""The same envelopes in any order, through the worker, stand as the same counts and the same open signals."""

import json
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.crypto import encrypt
from anlan.foundation.inbox.shape import BODY
from anlan.foundation.models import Envelope, Fact
from anlan.foundation.runner import drain
from anlan.foundation.runner.attempts import MOST_TRIES
from anlan.foundation.scope import duty
from anlan.foundation.strict_json import canonical
from anlan.organisation.models import Appointment
from anlan.surveillance.counting import disagreements
from anlan.surveillance.models import DailyCount, Signal
from anlan.surveillance.queries import fused_rules
from anlan.surveillance.rules import OPEN_STATES
from tests.surveillance.telling import Message, Teller, open_units, told_by, totals_of
from tests.world import DISTRICT, World

EVERYWHERE = AreaRanges.everywhere()
EACH = 3  # messages of a teller
ORDERS = 2


def accept(teller: Teller, told: Message) -> None:
    """Store an envelope as the inbox does; a refused one never comes so far."""
    held = Appointment.objects.select_related("member").get(pk=teller.appointment_id)
    assert held.member.account_id is not None
    sent, text = told.envelope, canonical(told.envelope["body"])
    Envelope.objects.create(
        source=told.source, key=sent["key"], record_id=sent["record_id"], area_code=sent["area_code"],
        account_id=held.member.account_id, appointment_id=held.pk, post_id=held.post_id,
        body=encrypt(text, context=BODY), body_hash=sha256(text.encode()).digest(),
    )  # fmt: skip


def work_off() -> None:
    """Let the worker work, and the pauses between its tries pass."""
    for _try in range(MOST_TRIES):
        drain()
        with duty("apply_envelope", ranges=EVERYWHERE, cause="test"):
            Envelope.objects.filter(state="waiting").update(due_at=None)


def standing() -> set[tuple[Any, ...]]:
    """Return every open signal with all that makes it one."""
    rows = Signal.objects.filter(state__in=OPEN_STATES).prefetch_related("reasons")
    aside = fused_rules()  # what all sources showed at one moment is a dated note: see decision 0031
    return {
        (
            *(row.matter, row.condition, row.place_kind, row.place_key, row.place_name, row.area_code),
            *(row.case_count, row.urgency, row.first_on, row.last_on, row.state),
            *(frozenset(row.report_ids), frozenset(row.places), frozenset(row.counted_at)),
            frozenset(row.receives),
            frozenset(
                (r.rule, r.place, r.count, r.first_on, r.words_zh)
                for r in row.reasons.all()
                if r.rule not in aside
            ),
        )
        for row in rows
    }


def kept() -> dict[tuple[str, str, str], int]:
    """Return the roll-up; of reports the day is left out, as nobody tells it."""
    return {
        (row.indicator, row.area_code, "" if row.indicator.startswith("reported") else row.on.isoformat()): (
            row.count
        )
        for row in DailyCount.objects.all()
    }


@pytest.mark.parametrize("seed", range(2))
def test_any_order_of_envelopes_gives_the_same_counts_and_signals(world: World, seed: int) -> None:
    random, tellers = Random(seed), open_units(world)
    told = [
        (teller, one) for teller in tellers for one in told_by(teller, EACH, random, day_of(world.now))
        if one.fate != "refused"
    ]  # fmt: skip
    expected = totals_of(one for _teller, one in told)
    fates = sorted((one.envelope["key"], one.fate) for _teller, one in told)
    outcomes = []

    for _order in range(ORDERS):
        random.shuffle(told)
        with transaction.atomic():
            with duty("accept_envelope", ranges=EVERYWHERE, cause="test"):
                for teller, one in told:
                    accept(teller, one)
            work_off()
            with duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
                assert sorted(Envelope.objects.values_list("key", "state")) == fates
                assert not Fact.objects.exclude(state="done").exists()
                assert kept() == expected
                assert disagreements(DISTRICT) == []
                outcomes.append(standing())
            transaction.set_rollback(True)

    assert outcomes[0], "the envelopes were to raise something"
    assert all(one == outcomes[0] for one in outcomes), difference(outcomes)


def difference(outcomes: list[set[tuple[Any, ...]]]) -> str:
    """Say what the orders disagree about."""
    whole = set.intersection(*outcomes)
    return json.dumps([sorted(map(str, one - whole)) for one in outcomes], ensure_ascii=False, indent=1)
