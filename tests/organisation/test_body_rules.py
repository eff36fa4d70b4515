"""When a body or a checklist is complete: the pure rules, by properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from anlan.organisation.rules.bodies import SeatTaken, SlotWanted, completeness, counts_as_filled
from anlan.organisation.rules.checklists import (
    ItemAnswer,
    ItemState,
    ItemWanted,
    is_complete,
    is_evidence,
    item_state,
    item_states,
)

ROLES = ("secretary", "worker", "doctor", "")
KEYS = ("head", "medic", "members")
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
slots = st.lists(
    st.builds(
        SlotWanted,
        key=st.sampled_from(KEYS),
        at_least=st.integers(0, 3),
        roles=st.frozensets(st.sampled_from(ROLES[:3]), max_size=2),
    ),
    min_size=1,
    unique_by=lambda slot: slot.key,
)
seats = st.lists(
    st.builds(
        SeatTaken,
        slot=st.sampled_from(KEYS),
        role=st.sampled_from(ROLES),
        holder_count=st.integers(0, 2),
        is_lead=st.booleans(),
    ),
    max_size=8,
)
leads = st.sampled_from([None, "secretary", "worker"])
answers = st.builds(
    ItemAnswer,
    is_met=st.booleans(),
    evidence=st.sampled_from(["", "3", "2026-11-01"]),
    evidence_kind=st.sampled_from(["none", "number", "date"]),
    answered_at=st.integers(0, 400).map(lambda days: NOW - timedelta(days=days)),
)
items = st.lists(
    st.builds(ItemWanted, key=st.sampled_from(KEYS), evidence=st.sampled_from(["none", "number", "date"])),
    min_size=1,
    unique_by=lambda item: item.key,
)


@given(slots, seats, leads)
def test_a_complete_body_has_every_slot_filled_by_who_may_sit_there_and_its_lead(
    wanted: list[SlotWanted], taken: list[SeatTaken], lead: str | None
) -> None:
    found = completeness(wanted, taken, lead_role=lead)

    for slot in wanted:
        filled = [seat for seat in taken if seat.slot == slot.key and counts_as_filled(seat, slot)]
        assert found.missing.get(slot.key, 0) == max(0, slot.at_least - len(filled))
    is_led = lead is None or any(s.is_lead and s.holder_count and s.role == lead for s in taken)
    assert found.is_complete == (not found.missing and is_led)


@given(slots, seats, leads)
def test_a_vacant_seat_adds_nothing(wanted: list[SlotWanted], taken: list[SeatTaken], lead: str) -> None:
    held = [seat for seat in taken if seat.holder_count]

    assert completeness(wanted, taken, lead_role=lead) == completeness(wanted, held, lead_role=lead)


@given(slots, seats, seats)
def test_another_seat_never_makes_a_body_less_complete(
    wanted: list[SlotWanted], taken: list[SeatTaken], more: list[SeatTaken]
) -> None:
    before = completeness(wanted, taken, lead_role=None)
    after = completeness(wanted, [*taken, *more], lead_role=None)

    assert set(after.missing) <= set(before.missing)
    assert all(after.missing[key] <= before.missing[key] for key in after.missing)


@given(slots, seats)
def test_a_seat_of_a_slot_the_template_does_not_have_counts_nowhere(
    wanted: list[SlotWanted], taken: list[SeatTaken]
) -> None:
    stray = SeatTaken("no_such_slot", "secretary", 1)

    assert completeness(wanted, [*taken, stray], lead_role=None) == completeness(
        wanted, taken, lead_role=None
    )


@given(items, st.dictionaries(st.sampled_from(KEYS), answers), st.sampled_from([None, 1, 180]))
def test_a_checklist_is_complete_when_all_is_yes_with_evidence_and_fresh(
    wanted: list[ItemWanted], said: dict[str, ItemAnswer], renew_days: int | None
) -> None:
    found = item_states(wanted, said, renew_days=renew_days, now=NOW)

    good = [
        (one := said.get(item.key)) is not None
        and one.is_met
        and (item.evidence == "none" or (one.evidence != "" and one.evidence_kind == item.evidence))
        and (renew_days is None or NOW - one.answered_at < timedelta(days=renew_days))
        for item in wanted
    ]
    assert list(found) == [item.key for item in wanted]
    assert [state is ItemState.MET for state in found.values()] == good
    assert is_complete(found) == all(good)


@given(answers, st.integers(1, 400))
def test_time_alone_only_makes_an_answer_stale(answer: ItemAnswer, days: int) -> None:
    item = ItemWanted("head", answer.evidence_kind)
    now = item_state(item, answer, renew_days=days, now=NOW)
    later = item_state(item, answer, renew_days=days, now=NOW + timedelta(days=days))

    assert later is (ItemState.STALE if now is ItemState.MET else now)


def test_an_answer_is_stale_to_the_second() -> None:
    answer = ItemAnswer(True, "", "none", NOW)
    before, at = NOW + timedelta(days=180, seconds=-1), NOW + timedelta(days=180)

    assert item_state(ItemWanted("head"), answer, renew_days=180, now=before) is ItemState.MET
    assert item_state(ItemWanted("head"), answer, renew_days=180, now=at) is ItemState.STALE


def test_evidence_is_what_the_item_asks_for() -> None:
    good = {"none": "", "number": " 12 ", "date": "2026-11-27", "note": "已核对", "document": "一页纸处置卡"}

    assert all(is_evidence(kind, said) for kind, said in good.items())
    for kind, said in (
        ("number", "十二"), ("number", "１２"), ("number", "-3"), ("number", ""), ("date", "2026-02-30"),
        ("date", "20261127"), ("date", "昨天"), ("note", "  "), ("document", ""), ("note", "长" * 201),
    ):  # fmt: skip
        assert not is_evidence(kind, said), (kind, said)
