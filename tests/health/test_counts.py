"""A unit's counts of a day: recorded, amended with history, zero apart from missing, seen by its own."""

from datetime import date, datetime, timedelta

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import SHANGHAI, day_of
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.models import Fact
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewCount, NewCounts, record_counts
from anlan.health.actions.counts import NotCountable, SheetMoved, UnknownForm, UnknownUnit, WrongCount
from anlan.health.models import CountAmendment, CountSheet
from anlan.health.queries import (
    access_sheet,
    count_form,
    is_reporting_day,
    lines_of_sheet,
    own_sheets,
    silent_reporters,
)
from anlan.organisation.models import Facility, Holiday
from tests.world import DISTRICT, GRID_C, SCHOOL_GRID, World

WHOLE = AreaRanges.of([DISTRICT])
MONDAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 8, 35, tzinfo=SHANGHAI)


def absence(world: World, count: int = 6, *, on: date | None = None, item: str = "vomiting") -> NewCounts:
    line = NewCount(item=item, count=count, group_id=world.classes[0].pk, denominator=40)
    return NewCounts(
        form="school_absence",
        on=on or day_of(world.now),
        facility_id=world.school.pk,
        lines=(line,),
        source="page",
    )


def record(
    world: World, handle: str, sheet: NewCounts, *, now: datetime | None = None, expected: int | None = None
) -> CountSheet:
    actor = world.actor(handle)
    with scope(actor):
        return record_counts(actor=actor, sheet=sheet, now=now or world.now, expected_version=expected)


def announced() -> list[str]:
    with duty("react", ranges=WHOLE, cause="test"):
        return [fact.payload["sheet_id"] for fact in Fact.objects.filter(name="health.CountsReported")]


def test_a_school_records_its_absences_by_class_and_symptom(world: World) -> None:
    sheet = record(world, "chu", absence(world))

    with duty("detect", ranges=WHOLE, cause="test"):
        (line,) = lines_of_sheet(sheet.pk)
    assert (line.area_code, line.facility_id, line.group_id) == (
        SCHOOL_GRID,
        world.school.pk,
        world.classes[0].pk,
    )
    assert (line.form, line.item, line.count, line.denominator) == ("school_absence", "vomiting", 6, 40)
    assert announced() == [str(sheet.pk)]


def test_the_same_numbers_again_change_nothing(world: World) -> None:
    first = record(world, "chu", absence(world))
    again = record(world, "chu", absence(world), expected=0)

    assert (again.pk, again.version) == (first.pk, 1)
    assert announced() == [str(first.pk)]


def test_an_amended_sheet_keeps_the_earlier_numbers(world: World) -> None:
    record(world, "chu", absence(world, 6))
    later = world.now + timedelta(minutes=40)
    amended = record(world, "chu", absence(world, 7), now=later, expected=1)

    with duty("detect", ranges=WHOLE, cause="test"):
        assert [line.count for line in lines_of_sheet(amended.pk)] == [7]
        kept = CountAmendment.objects.get(sheet=amended)
        row = CountSheet.objects.get(pk=amended.pk)
    assert kept.lines == [[str(world.classes[0].pk), "vomiting", 6, 40]]
    assert (kept.version, row.version) == (1, 2)
    assert row.first_reported_at == world.now
    assert announced() == [str(amended.pk)] * 2


def test_who_looked_at_an_older_version_is_told_to_look_again(world: World) -> None:
    record(world, "chu", absence(world, 6))
    record(world, "chu", absence(world, 7), expected=1)

    with pytest.raises(SheetMoved):
        record(world, "chu", absence(world, 5), expected=1)


def test_a_reported_zero_is_not_a_missing_sheet(world: World) -> None:
    actor, form = world.actor("chu"), count_form("school_absence")
    zero = NewCounts(form=form.key, on=day_of(world.now), facility_id=world.school.pk, source="page")
    record(world, "chu", zero)

    with scope(actor):
        today, yesterday = day_of(world.now), day_of(world.now) - timedelta(days=1)
        sent = own_sheets(actor, form, [today, yesterday])
    assert sent.keys() == {today}
    assert sent[today][1] == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"count": -1}, WrongCount),
        ({"count": 41}, WrongCount),
        ({"item": "antipyretic"}, WrongCount),
    ],
)
def test_a_wrong_number_is_refused(world: World, change: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        record(world, "chu", absence(world, **change))  # type: ignore[arg-type]


def test_counts_of_tomorrow_or_of_long_ago_are_refused(world: World) -> None:
    for days in (1, -401):
        with pytest.raises(NotCountable):
            record(world, "chu", absence(world, on=day_of(world.now) + timedelta(days=days)))


def test_a_form_fits_its_kind_of_unit_and_a_class_its_school(world: World) -> None:
    pharmacy = NewCounts(
        form="pharmacy_sales", on=day_of(world.now), facility_id=world.school.pk, source="page"
    )
    with pytest.raises(UnknownForm):
        record(world, "chu", pharmacy)
    foreign = NewCount(item="antipyretic", count=1, group_id=world.classes[0].pk)
    sales = NewCounts(
        form="pharmacy_sales",
        on=day_of(world.now),
        facility_id=world.pharmacy.pk,
        lines=(foreign,),
        source="page",
    )
    with pytest.raises(UnknownUnit):
        record(world, "wei", sales)


def test_only_the_units_own_post_and_who_relays_may_send(world: World) -> None:
    for handle in ("wang", "wei", "zhao", "zheng"):
        with pytest.raises((NotAllowed, UnknownUnit)):
            record(world, handle, absence(world))

    assert record(world, "zhou", absence(world)).version == 1


def test_another_unit_in_the_same_grid_sees_nothing_of_it(world: World) -> None:
    world.pharmacy.area_code = SCHOOL_GRID
    with duty("build_district", ranges=WHOLE, cause="test"):
        Facility.objects.filter(pk=world.pharmacy.pk).update(area_code=SCHOOL_GRID)
    post = world.posts["wei"]
    post.area_code = SCHOOL_GRID
    post.save()
    post.post_ranges.update(code=SCHOOL_GRID)
    sheet = record(world, "chu", absence(world))

    clerk, form = world.actor("wei"), count_form("school_absence")
    with scope(clerk):
        assert CountSheet.objects.count() == 0  # row security alone
        assert own_sheets(clerk, form, [day_of(world.now)]) == {}
        with pytest.raises(NotFound):
            access_sheet(clerk, sheet.pk)


def test_a_sheet_is_seen_in_range_by_health_posts_alone(world: World) -> None:
    sheet = record(world, "chu", absence(world))

    for handle in ("zhou", "wu", "zheng"):
        with scope(world.actor(handle)):
            assert access_sheet(world.actor(handle), sheet.pk) == sheet
    for handle in ("feng", "wang", "kong", "zhao", "zhu"):
        with scope(world.actor(handle)), pytest.raises(NotFound):
            access_sheet(world.actor(handle), sheet.pk)


def test_who_has_not_reported_by_the_deadline_is_silent(world: World) -> None:
    actor = world.actor("zheng")
    with scope(actor):
        assert silent_reporters(actor, "school_absence", MONDAY, MORNING) == []
        late = MORNING.replace(hour=9, minute=31)
        assert silent_reporters(actor, "school_absence", MONDAY, late) == []  # founded after this Monday
    _founded_long_ago(world)
    with scope(actor):
        assert silent_reporters(actor, "school_absence", MONDAY, late) == [world.school]
        assert silent_reporters(actor, "school_absence", MONDAY, MORNING) == []
        sunday = MONDAY - timedelta(days=1)
        assert silent_reporters(actor, "school_absence", sunday, late) == []


def test_a_reported_zero_ends_the_silence(world: World) -> None:
    _founded_long_ago(world)
    today = day_of(world.now)
    night = datetime(today.year, today.month, today.day, 23, tzinfo=SHANGHAI)
    zero = NewCounts(form="pharmacy_sales", on=today, facility_id=world.pharmacy.pk, source="page")
    actor = world.actor("zhou")
    with scope(actor):
        assert silent_reporters(actor, "pharmacy_sales", today, night) == [world.pharmacy]
    record(world, "wei", zero)
    with scope(actor):
        assert silent_reporters(actor, "pharmacy_sales", today, night) == []


def _founded_long_ago(world: World) -> None:
    with duty("build_district", ranges=WHOLE, cause="test"):
        Facility.objects.update(starts_at=datetime(2020, 1, 1, tzinfo=SHANGHAI))


@pytest.mark.django_db
def test_schools_report_on_school_days_and_pharmacies_every_day(standard_pack: None) -> None:
    school, pharmacy = count_form("school_absence"), count_form("pharmacy_sales")
    sunday, in_holidays = MONDAY - timedelta(days=1), date(2026, 8, 3)

    assert is_reporting_day(school, MONDAY)
    assert not is_reporting_day(school, sunday)
    assert not is_reporting_day(school, in_holidays)
    assert is_reporting_day(school, date(2031, 8, 4))  # a year no term speaks of: by weekday
    assert is_reporting_day(pharmacy, sunday)
    Holiday.objects.create(on=sunday, is_workday=True)
    Holiday.objects.create(on=MONDAY, is_workday=False)
    assert is_reporting_day(school, sunday)
    assert not is_reporting_day(school, MONDAY)


def test_a_hotline_counts_topics_of_an_area(world: World) -> None:
    topics = NewCounts(
        form="hotline_topics",
        on=day_of(world.now),
        area_code=GRID_C,
        lines=(NewCount(item="topic_gastro", count=4),),
        source="page",
    )
    sheet = record(world, "jiang", topics)

    assert (sheet.area_code, sheet.facility_id) == (GRID_C, None)
    with pytest.raises(UnknownForm):
        record(world, "chu", NewCounts(form="school_absence", on=day_of(world.now), source="page"))
