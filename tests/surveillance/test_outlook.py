"""The outlook of a running event: a forecast with its range where there is enough, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from anlan.foundation.ids import new_id
from anlan.foundation.models import Account
from anlan.foundation.pack_store import section
from anlan.foundation.scope import duty, scope
from anlan.health.models import CaseReport
from anlan.health.pack import Disease
from anlan.surveillance.models import Signal
from anlan.surveillance.outlook import Outlook, WhyNot, by_day, outlooks
from anlan.surveillance.presenting import outlook_words
from tests.surveillance.test_loop import WHOLE, raise_signal, verified
from tests.world import World

GROWING = (1, 3, 6, 9, 14)  # reports a week, the last whole week last


def grown(world: World, signal_id: UUID, weeks: Sequence[int]) -> Signal:
    """Put reports of past weeks behind a signal, spread over each week's days."""
    with duty("react", ranges=WHOLE, cause="test"):
        first = CaseReport.objects.order_by("reported_at")[0]
        rows = [
            copy_of(first, reported_at=world.now - timedelta(days=7 * back + 1 + number % 7))
            for back, count in enumerate(reversed(weeks))
            for number in range(count)
        ]
        CaseReport.objects.bulk_create(rows)
        Signal.objects.filter(pk=signal_id).update(report_ids=[row.pk for row in rows])
        return Signal.objects.get(pk=signal_id)


def copy_of(row: CaseReport, **others: object) -> CaseReport:
    values: Mapping[str, object] = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    return CaseReport(**{**values, "id": new_id(), **others})


def outlook_of(world: World, signal: Signal, handle: str = "zhou") -> Outlook:
    actor = world.actor(handle)
    with scope(actor):
        return outlooks(actor, [signal], world.now)[signal.pk]


def test_a_growing_event_is_foreseen_with_a_range_and_its_rt(world: World) -> None:
    found = outlook_of(world, grown(world, verified(world), GROWING))

    assert found.why_not is None and found.last_week == 14
    assert 0 <= found.low <= found.middle <= found.high and found.high > 14 > found.low
    assert found.reproduction is not None
    assert 1 < found.reproduction.low < found.reproduction.mean < found.reproduction.high


def test_an_event_that_has_ended_has_no_rt_and_little_ahead(world: World) -> None:
    found = outlook_of(world, grown(world, verified(world), (14, 9, 3, 0, 0)))

    assert (found.why_not, found.last_week, found.reproduction) == (None, 0, None)
    assert found.high <= 5


def test_too_few_too_short_or_without_reports_it_says_why(world: World) -> None:
    signal_id = verified(world)
    few = outlook_of(world, grown(world, signal_id, (3, 3, 3)))
    short = outlook_of(world, grown(world, signal_id, (12,)))
    with duty("react", ranges=WHOLE, cause="test"):
        Signal.objects.filter(pk=signal_id).update(report_ids=[])
        counted = Signal.objects.get(pk=signal_id)

    assert (few.why_not, short.why_not) == (WhyNot.TOO_FEW, WhyNot.TOO_SHORT)
    assert outlook_of(world, counted).why_not == WhyNot.NO_REPORTS


def test_a_leader_gets_the_same_outlook_without_a_report(world: World) -> None:
    signal = grown(world, verified(world), GROWING)

    assert outlook_of(world, signal, "zhao") == outlook_of(world, signal, "zhou")
    with scope(world.actor("zhao")):
        assert not CaseReport.objects.exists()


def test_todays_reports_are_not_counted_as_a_whole_day(world: World) -> None:
    today = world.now.date()

    counts = by_day([today, today - timedelta(days=1), today - timedelta(days=84)], until=today)

    assert (counts.size, counts.sum(), counts[-1], counts[0]) == (84, 2, 1, 1)


def test_the_signal_page_shows_it_once_verified(world: World) -> None:
    client = world.sign_in(Client(), "zhou")
    signal_id = raise_signal(world)
    assert "未来一周" not in client.get(f"/signals/{signal_id}/").content.decode()

    grown(world, verified(world), GROWING)

    shown = client.get(f"/signals/{signal_id}/").content.decode()
    assert "未来 7 天预计新报告" in shown and "Rt " in shown


def test_every_page_with_rt_says_that_its_interval_is_a_default_to_check(world: World) -> None:
    signal = grown(world, verified(world), GROWING)
    pages = {"zhou": f"/signals/{signal.pk}/", "wu": f"/signals/{signal.pk}/", "zhao": "/desk/command/"}
    for handle, address in pages.items():
        shown = world.sign_in(Client(), handle).get(address).content.decode()
        assert "Rt " in shown and "代际间隔是配置包的默认值，使用前请核对" in shown, handle
        assert "代际间隔按 14.9 天（Cori et al. 2013" in shown, handle
        Account.objects.filter(username=handle).update(language="en")
        shown = world.sign_in(Client(), handle).get(address).content.decode()
        assert "the serial interval is a default of the pack: check it before use" in shown, handle


def test_who_may_not_know_the_illness_does_not_read_its_interval(world: World) -> None:
    signal = grown(world, verified(world), GROWING)
    with duty("react", ranges=WHOLE, cause="test"):
        Signal.objects.filter(pk=signal.pk).update(condition="sars")  # visibility class B

    read = {
        handle: world.sign_in(Client(), handle).get(f"/signals/{signal.pk}/").content.decode()
        for handle in ("zhou", "zhao")
    }

    assert "代际间隔按 8.4 天（Lipsitch" in read["zhou"]
    assert "代际间隔按" not in read["zhao"] and "使用前请核对" in read["zhao"]


def test_an_interval_that_was_checked_is_not_called_a_default(world: World) -> None:
    found = outlook_of(world, grown(world, verified(world), GROWING))
    assert found.reproduction is not None and not found.reproduction.is_checked
    zhou = world.actor("zhou")

    checked = replace(found, reproduction=replace(found.reproduction, is_checked=True))

    assert "使用前请核对" in outlook_words(zhou, found)
    assert "使用前请核对" not in outlook_words(zhou, checked)
    assert "代际间隔按 14.9 天" in outlook_words(zhou, checked)


@pytest.mark.usefixtures("world")
def test_every_serial_interval_of_the_pack_names_its_paper_and_is_marked_to_be_checked() -> None:
    known = [one for one in section(Disease) if one.serial_interval is not None]

    assert {one.key for one in known} >= {"measles", "influenza", "norovirus", "sars"}
    assert all(one.check_before_use and one.serial_interval and one.serial_interval.paper for one in known)
