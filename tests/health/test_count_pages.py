"""The unit's form, the desk of those who report, and the health posts' lists of counts."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import SHANGHAI, day_of
from anlan.foundation.scope import duty
from anlan.health.actions import NewCounts
from anlan.health.models import CountSheet
from anlan.organisation.models import Facility
from tests.health.test_counts import absence, record
from tests.world import DISTRICT, World

WHOLE = AreaRanges.of([DISTRICT])
FORM = "/reporting/school_absence/"


def sent(world: World, **cells: int) -> dict[str, str]:
    """Return what the page sends: cells of the first class by item, `of` and `version` by those names."""
    group = world.classes[0].pk.hex
    body = {"on": day_of(world.now).isoformat(), "version": str(cells.pop("version", 0))}
    body |= {f"n_{group}_{item}": str(count) for item, count in cells.items() if item != "of"}
    return body | {f"of_{group}": str(cells.get("of", 40))}


def sheets() -> list[tuple[int, dict[str, int]]]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return [
            (row.version, {line.item: line.count for line in row.lines.all()})
            for row in CountSheet.objects.all()
        ]


def test_a_school_sends_its_counts_and_amends_them(client: Client, world: World) -> None:
    world.sign_in(client, "chu")

    answer = client.post(FORM, sent(world, vomiting=6))
    assert (answer.status_code, answer["Location"]) == (302, "/reporting/")
    assert sheets() == [(1, {"vomiting": 6})]

    page = client.get(FORM).content.decode()
    assert 'value="6"' in page
    assert client.post(FORM, sent(world, vomiting=7, fever=2, version=1)).status_code == 302
    assert sheets() == [(2, {"vomiting": 7, "fever": 2})]


def test_none_today_is_one_tap_on_the_desk(client: Client, world: World) -> None:
    world.sign_in(client, "chu")
    body = {"on": day_of(world.now).isoformat(), "version": "0", "none": "1"}

    assert client.post(FORM, body).status_code == 302
    assert sheets() == [(1, {})]
    assert "零报告" in client.get("/reporting/").content.decode()


def test_the_form_shows_the_numbers_of_the_time_before(client: Client, world: World) -> None:
    record(world, "chu", absence(world, 3, on=day_of(world.now) - timedelta(days=2)))
    world.sign_in(client, "chu")

    page = client.get(FORM).content.decode()

    assert '<span class="count-before">3</span>' in page


@pytest.mark.parametrize("cells", [{"vomiting": 41}, {"vomiting": -1}, {"vomiting": 6, "of": 5}])
def test_a_wrong_number_is_shown_at_its_cell(client: Client, world: World, cells: dict[str, int]) -> None:
    world.sign_in(client, "chu")

    answer = client.post(FORM, sent(world, **cells))

    assert answer.status_code == 422
    assert "has-error" in answer.content.decode()
    assert sheets() == []


def test_who_amends_an_older_version_is_told(client: Client, world: World) -> None:
    world.sign_in(client, "chu")
    client.post(FORM, sent(world, vomiting=6))

    answer = client.post(FORM, sent(world, vomiting=5))

    assert answer.status_code == 422
    assert "刚被别人报过或改过" in answer.content.decode()
    assert sheets() == [(1, {"vomiting": 6})]


def test_a_form_is_there_for_its_own_kind_of_unit_alone(client: Client, world: World) -> None:
    for handle, status in (("chu", 200), ("wei", 403), ("zhou", 403), ("wang", 403)):
        world.sign_in(client, handle)
        assert client.get(FORM).status_code == status
    world.sign_in(client, "chu")
    assert client.get("/reporting/no_such_form/").status_code == 404
    client.logout()
    assert client.get(FORM).status_code == 302


def test_a_day_too_far_back_or_unreadable_has_no_page(client: Client, world: World) -> None:
    world.sign_in(client, "chu")

    for on in (day_of(world.now) - timedelta(days=8), day_of(world.now) + timedelta(days=1), "soon"):
        assert client.get(FORM, {"on": str(on)}).status_code == 404


def test_health_posts_read_the_day_and_each_sheet_with_its_history(client: Client, world: World) -> None:
    record(world, "chu", absence(world, 6))
    sheet = record(world, "chu", absence(world, 7), expected=1)
    world.sign_in(client, "zheng")

    listed = client.get("/counts/").content.decode()
    page = client.get(f"/counts/{sheet.pk}/").content.decode()

    assert "春泉小学" in listed
    assert "呕吐 7" in listed
    assert "呕吐 6" in page  # what stood before
    assert "学校保健老师" in page


def test_small_counts_of_others_are_for_health_posts_alone(client: Client, world: World) -> None:
    sheet = record(world, "chu", absence(world, 2))

    for handle in ("wang", "kong", "qian", "zhao", "zhu"):
        world.sign_in(client, handle)
        assert client.get("/counts/").status_code == 403
        assert client.get("/counts/silent/").status_code == 403
        assert client.get(f"/counts/{sheet.pk}/").status_code == 403
    for handle in ("wei", "feng"):  # another unit, and another community's doctor
        world.sign_in(client, handle)
        assert client.get(f"/counts/{sheet.pk}/").status_code == 404


def test_a_unit_reads_its_own_sheet(client: Client, world: World) -> None:
    sheet = record(world, "chu", absence(world, 2))
    world.sign_in(client, "chu")

    page = client.get(f"/counts/{sheet.pk}/")

    assert page.status_code == 200
    assert "一（1）班" in page.content.decode()


def test_silent_units_are_listed_after_the_deadline(client: Client, world: World) -> None:
    with duty("build_district", ranges=WHOLE, cause="test"):
        Facility.objects.update(starts_at=datetime(2020, 1, 1, tzinfo=SHANGHAI))
    world.sign_in(client, "zhou")
    yesterday = day_of(world.now) - timedelta(days=1)

    page = client.get("/counts/silent/", {"on": yesterday.isoformat(), "form": "pharmacy_sales"})

    assert "新桥大药房" in page.content.decode()
    record(world, "wei", _sales(world.pharmacy.pk, yesterday))
    page = client.get("/counts/silent/", {"on": yesterday.isoformat(), "form": "pharmacy_sales"})
    assert "新桥大药房" not in page.content.decode()


def _sales(pharmacy: UUID, on: date) -> NewCounts:
    return NewCounts(form="pharmacy_sales", on=on, facility_id=pharmacy, source="page")


def test_a_desk_shows_a_unit_its_forms_and_health_posts_what_waits(client: Client, world: World) -> None:
    world.sign_in(client, "chu")
    assert "学校因病缺课" in client.get("/reporting/").content.decode()

    world.sign_in(client, "zheng")
    page = client.get("/reporting/").content.decode()
    assert "尚未网络直报" in page
    assert "到时未报的单位" in page
    assert "基层门诊症状计数" in page

    world.sign_in(client, "wei")
    page = client.get("/reporting/").content.decode()
    assert "药店非处方药销量" in page
    assert "到时未报的单位" not in page
