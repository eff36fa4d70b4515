"""Putting people on the list, asking them again, visiting them: by consent, once, on record."""

from datetime import timedelta
from typing import Any

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, start_of
from anlan.foundation.errors import Invalid, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import Fact
from anlan.foundation.scope import duty, scope
from anlan.people.actions import (
    ArrivalInvalid,
    CareInvalid,
    Consent,
    ConsentMissing,
    EntryChangedSince,
    MarkedAlready,
    NewArrival,
    NewCare,
    NewVisit,
    VisitInvalid,
    forget_care,
    mark_key_person,
    note_arrival,
    note_visit,
    renew_consent,
    withdraw_consent,
)
from anlan.people.models import Arrival, Household, KeyPerson, Resident, Visit
from anlan.people.queries.care import CareFilter, visible_key_people
from anlan.wiring.schedule import SCHEDULE
from tests.people.caring import arrival, audited, key_person, visit
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])
AGREED = Consent(given_by="self")


def mark(world: World, name: str, handle: str = "wang", **given: Any) -> KeyPerson:
    actor = world.actor(handle)
    with scope(actor):
        return mark_key_person(
            actor=actor,
            resident_id=world.resident(name, GRID_A).pk,
            care=given.get("care", NewCare("alone_70", "meals", "中午送餐")),
            consent=given.get("consent", AGREED),
            entry_id=given.get("entry_id"),
            now=world.now,
        )


def test_who_agrees_is_looked_in_on_by_the_rhythm_of_the_kind(world: World) -> None:
    entry, today = mark(world, "赵秀兰"), day_of(world.now)

    assert (entry.given_by, entry.basis) == ("self", "consent")
    assert entry.consent_until == today + timedelta(days=365)
    assert entry.due_on == today + timedelta(days=7)
    assert entry.notice.startswith("key_people_consent ")
    assert audited("mark_key_person")[0].subject_ids == [entry.pk, entry.resident_id]
    with duty("react", ranges=WHOLE, cause="test"):
        assert Fact.objects.get(name="people.KeyPersonMarked").payload["entry_id"] == str(entry.pk)


def test_without_consent_nobody_is_put_on_the_list_and_it_says_what_to_do(world: World) -> None:
    with pytest.raises(ConsentMissing, match="consent_missing") as refused:
        mark(world, "赵秀兰", consent=Consent())

    assert "当面念告知书" in str(refused.value.fields["given_by"])
    with scope(world.actor("wang")):
        assert not KeyPerson.objects.exists()


def test_a_child_is_put_on_the_list_by_the_guardian_alone(world: World) -> None:
    care = NewCare("left_behind_child")

    with pytest.raises(ConsentMissing) as refused:
        mark(world, "陈晓雯", care=care)

    assert "监护人" in str(refused.value.fields["given_by"])
    assert mark(world, "陈晓雯", care=care, consent=Consent("guardian")).given_by == "guardian"


@pytest.mark.parametrize(
    ("care", "field"),
    [
        (NewCare("nobody"), "kind"), (NewCare("infant"), "kind"), (NewCare("alone_70", "magic"), "service"),
        (NewCare("alone_70", need="肺癌术后"), "need"), (NewCare("alone_70", need="送" * 61), "need"),
        (NewCare("alone_70", visit_every_days=0), "visit_every_days"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_said_at_its_field(world: World, care: NewCare, field: str) -> None:
    with pytest.raises(CareInvalid) as refused:
        mark(world, "赵秀兰", care=care)

    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("days", [1, -365])
def test_consent_of_tomorrow_or_long_ago_is_none(world: World, days: int) -> None:
    given_on = day_of(world.now) + timedelta(days=days)

    with pytest.raises(CareInvalid) as refused:
        mark(world, "赵秀兰", consent=Consent("self", given_on))

    assert list(refused.value.fields) == ["given_on"]


def test_the_same_form_is_the_same_act_and_a_second_entry_is_refused(world: World) -> None:
    entry_id = new_id()
    first, again = (mark(world, "赵秀兰", entry_id=entry_id) for _time in (1, 2))

    assert first.pk == again.pk == entry_id
    assert len(audited("mark_key_person")) == 1
    with pytest.raises(MarkedAlready):
        mark(world, "赵秀兰")
    with pytest.raises(Invalid):
        mark(world, "陈大明", care=NewCare("disabled"), entry_id=entry_id)


def test_the_neighbour_finds_nobody_to_mark(world: World) -> None:
    with pytest.raises(NotFound):
        mark(world, "赵秀兰", handle="liu")


def test_withdrawing_is_one_step_takes_the_need_along_and_frees_the_place(world: World) -> None:
    entry, wang = mark(world, "赵秀兰"), world.actor("wang")
    with scope(wang):
        for _time in (1, 2):
            gone = withdraw_consent(actor=wang, entry_id=entry.pk, expected_version=1, now=world.now)

        assert (gone.withdrawn_on, gone.need, gone.service) == (day_of(world.now), "", "")
        assert not visible_key_people(wang, CareFilter(), today=day_of(world.now)).exists()
    assert len(audited("withdraw_consent")) == 1
    assert mark(world, "赵秀兰").pk != entry.pk


def test_consent_is_renewed_once_and_not_over_somebody_elses_change(world: World) -> None:
    today, wang = day_of(world.now), world.actor("wang")
    entry = key_person(
        world, world.resident("赵秀兰"), consent_until=today - timedelta(days=1),
        given_on=today - timedelta(days=366),
    )  # fmt: skip
    asked = {"actor": wang, "entry_id": entry.pk, "expected_version": 1, "now": world.now}
    with scope(wang):
        assert visible_key_people(wang, CareFilter(view="lapsed"), today=today).count() == 1
        assert not visible_key_people(wang, CareFilter(), today=today).exists()
        for _time in (1, 2):
            row = renew_consent(care=NewCare("alone_70", need="送餐"), consent=AGREED, **asked)

        assert (row.version, row.consent_until, row.need) == (2, today + timedelta(days=365), "送餐")
        with pytest.raises(EntryChangedSince):
            renew_consent(care=NewCare("alone_70", need="别的"), consent=AGREED, **asked)
        with pytest.raises(ConsentMissing):
            renew_consent(care=NewCare("alone_70"), consent=Consent(), **asked)


def see(world: World, handle: str = "wang", visit_id: Any = None, **given: Any) -> Visit:
    actor = world.actor(handle)
    with scope(actor):
        return note_visit(actor=actor, visit=NewVisit(**given), visit_id=visit_id, now=world.now)


def test_a_visit_settles_all_that_was_due_and_verifies_person_and_door(world: World) -> None:
    zhao, today = world.resident("赵秀兰"), day_of(world.now)
    weekly = key_person(world, zhao)
    rarely = key_person(world, zhao, kind="disabled", visit_every_days=30)
    visit_id = new_id()

    for _time in (1, 2):
        see(world, visit_id=visit_id, resident_id=zhao.pk, kind="visited", note="精神好")

    with scope(world.actor("wang")):
        due = dict(KeyPerson.objects.values_list("pk", "due_on"))
        assert due == {weekly.pk: today + timedelta(days=7), rarely.pk: today + timedelta(days=30)}
        assert Visit.objects.count() == 1
        person = Resident.objects.select_related("household").get(pk=zhao.pk)
        assert person.household is not None
        assert (person.verified_on, person.household.verified_on, person.version) == (today, today, 1)


def test_a_call_reaches_the_person_but_not_the_door_and_nobody_there_settles_nothing(world: World) -> None:
    zhao, today = world.resident("赵秀兰"), day_of(world.now)
    entry = key_person(world, zhao)

    see(world, resident_id=zhao.pk, kind="not_found")
    with scope(world.actor("wang")):
        assert KeyPerson.objects.get(pk=entry.pk).last_visited_on is None
        assert Resident.objects.get(pk=zhao.pk).verified_on is None
    see(world, resident_id=zhao.pk, kind="phoned")
    with scope(world.actor("wang")):
        assert KeyPerson.objects.get(pk=entry.pk).last_visited_on == today
        assert Resident.objects.get(pk=zhao.pk).verified_on == today
        assert Household.objects.get(pk=zhao.household_id).verified_on is None


def test_a_visit_noted_late_does_not_push_a_later_one_back(world: World) -> None:
    zhao, today = world.resident("赵秀兰"), day_of(world.now)
    entry = key_person(world, zhao)

    see(world, resident_id=zhao.pk, kind="visited")
    see(world, resident_id=zhao.pk, kind="visited", on=today - timedelta(days=5))

    with scope(world.actor("wang")):
        assert KeyPerson.objects.get(pk=entry.pk).last_visited_on == today
        assert Resident.objects.get(pk=zhao.pk).verified_on == today


def test_what_a_visit_may_not_say_is_refused(world: World) -> None:
    zhao, today = world.resident("赵秀兰"), day_of(world.now)

    for wrong, field in (
        ({"kind": "danced"}, "kind"), ({"kind": "visited", "on": today + timedelta(days=1)}, "on"),
        ({"kind": "visited", "note": "确诊流感"}, "note"),
    ):  # fmt: skip
        with pytest.raises(VisitInvalid) as refused:
            see(world, resident_id=zhao.pk, **wrong)
        assert list(refused.value.fields) == [field]
    with pytest.raises(VisitInvalid):
        see(world, kind="visited")
    with pytest.raises(NotFound):
        see(world, handle="liu", resident_id=zhao.pk, kind="visited")


def test_an_id_that_is_another_visits_tells_nothing(world: World) -> None:
    visit_id = see(world, resident_id=world.resident("赵秀兰").pk, kind="visited").pk

    for handle, of in (("liu", world.resident("王伟")), ("wang", world.resident("龚𬀪"))):
        with pytest.raises(VisitInvalid) as refused:
            see(world, handle=handle, visit_id=visit_id, resident_id=of.pk, kind="visited")
        assert refused.value.error_code == "invalid"


def test_an_arrival_is_noted_once_and_forgotten_after_thirty_days(world: World) -> None:
    wang, today, arrival_id = world.actor("wang"), day_of(world.now), new_id()
    came = NewArrival(world.households[GRID_A][3].pk, "外省某市", today, "train", people_count=2)
    with scope(wang):
        for _time in (1, 2):
            row = note_arrival(actor=wang, arrival=came, arrival_id=arrival_id, now=world.now)

        assert (row.area_code, row.people_count, row.ends_on) == (GRID_A, 2, today + timedelta(days=30))
        assert Arrival.objects.count() == 1
        for wrong, field in (
            ({"on": today + timedelta(days=1)}, "on"), ({"from_place": " "}, "from_place"),
            ({"transport": "walk"}, "transport"), ({"people_count": 0}, "people_count"),
            ({"resident_id": world.resident("陈大明", GRID_A).pk}, "resident_id"),
        ):  # fmt: skip
            fields: dict[str, Any] = {
                "household_id": came.household_id, "from_place": "外省", "on": today, "transport": "car",
                **wrong,
            }  # fmt: skip
            with pytest.raises(ArrivalInvalid) as refused:
                note_arrival(actor=wang, arrival=NewArrival(**fields), now=world.now)
            assert list(refused.value.fields) == [field]
        with pytest.raises(NotFound):
            elsewhere = NewArrival(world.households[GRID_B][0].pk, "外省", today, "car")
            note_arrival(actor=wang, arrival=elsewhere, now=world.now)


def test_what_care_no_longer_needs_is_forgotten_by_the_clock(world: World) -> None:
    today, zhao, chen = day_of(world.now), world.resident("赵秀兰"), world.resident("陈大明", GRID_A)
    old = today - timedelta(days=30)
    key_person(world, zhao, withdrawn_on=old)
    key_person(world, zhao, kind="disabled", consent_until=old, given_on=old)
    kept = key_person(world, chen, kind="disabled", withdrawn_on=old + timedelta(days=1))
    duty_bound = key_person(world, chen, kind="dialysis", basis="statutory_duty", consent_until=None)
    visit(world, zhao, today - timedelta(days=365))
    visit(world, zhao, today - timedelta(days=364))
    arrival(world, zhao, today - timedelta(days=30))
    arrival(world, zhao, today - timedelta(days=29))

    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        counts = [forget_care(now=world.now) for _time in (1, 2)]

    assert counts == [4, 0]
    with scope(world.actor("you")):
        assert set(KeyPerson.objects.values_list("pk", flat=True)) == {kept.pk, duty_bound.pk}
        assert (Visit.objects.count(), Arrival.objects.count()) == (1, 1)
    assert audited("forget_care")[0].detail == {"key_entries": 2, "visits": 1, "arrivals": 1}


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_thirty_days_after_consent_ended_nothing_is_left_of_it(world: World, is_withdrawn: bool) -> None:
    entry, wang = mark(world, "赵秀兰"), world.actor("wang")
    ended_on = entry.consent_until
    assert ended_on is not None
    if is_withdrawn:
        ended_on = day_of(world.now)
        with scope(wang):
            withdraw_consent(actor=wang, entry_id=entry.pk, expected_version=1, now=world.now)
    counts = []
    for days in (29, 30):
        with duty("keep_clocks", ranges=WHOLE, cause="test"):
            counts.append(forget_care(now=start_of(ended_on + timedelta(days=days))))

    assert counts == [0, 1]
    assert forget_care in [duty_of_clock for _seconds, duty_of_clock in SCHEDULE]
    with scope(world.actor("you")):
        assert not KeyPerson.objects.exists()


def test_who_agrees_in_time_again_is_not_forgotten(world: World) -> None:
    entry, wang = mark(world, "赵秀兰"), world.actor("wang")
    assert entry.consent_until is not None
    later = start_of(entry.consent_until + timedelta(days=29))
    with scope(wang):
        renew_consent(
            actor=wang,
            entry_id=entry.pk,
            care=NewCare("alone_70"),
            consent=AGREED,
            expected_version=1,
            now=later,
        )
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        assert forget_care(now=later + timedelta(days=30)) == 0


def test_a_form_from_before_somebody_withdrew_puts_them_on_the_list_no_more(world: World) -> None:
    entry_id, wang = new_id(), world.actor("wang")
    mark(world, "赵秀兰", entry_id=entry_id)
    with scope(wang):
        withdraw_consent(actor=wang, entry_id=entry_id, expected_version=1, now=world.now)

    with pytest.raises(EntryChangedSince):
        mark(world, "赵秀兰", entry_id=entry_id)
