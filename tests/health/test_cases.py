"""What follows a verified signal for its cases, the legal clock, and who may be told which disease."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.crypto import decrypt_with
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, open_event_file, record_case_report, take_case_step, verify_cases
from anlan.health.models import CaseReport, EventCase, EventFile, ReportReceipt
from anlan.health.presenting import card_lines
from anlan.health.queries import awaiting_card
from anlan.health.rules import CaseState
from anlan.organisation.queries import post_roles
from tests.surveillance.test_loop import run_reactions, verified
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_D, SPRING, World

WHOLE = AreaRanges.of([DISTRICT])


def report(world: World, condition: str, handle: str = "wang", grid: str = GRID_A, **more: object) -> UUID:
    actor = world.actor(handle)
    with scope(actor):
        sent = NewReport(area_code=grid, condition=condition, source="page", **more)  # type: ignore[arg-type]
        return record_case_report(actor=actor, report=sent, now=world.now).pk


def states() -> set[str]:
    with duty("react", ranges=WHOLE, cause="test"):
        return set(CaseReport.objects.values_list("state", flat=True))


def test_cases_are_verified_with_their_signal_and_a_cluster_gets_its_file(world: World) -> None:
    verified(world)
    run_reactions()

    assert states() == {CaseState.VERIFIED}
    with duty("react", ranges=WHOLE, cause="test"):
        file = EventFile.objects.get(kind="cluster")
        assert (file.reason, file.cases.count()) == ("measles", 2)
        assert CaseReport.objects.count() == 2  # counted once: the file holds copies of another kind


def test_each_consequence_may_run_twice(world: World) -> None:
    ids = [report(world, "measles"), report(world, "measles", "liu", GRID_B)]

    with duty("react", ranges=WHOLE, cause="test"):
        assert [verify_cases(report_ids=ids, now=world.now) for _ in range(2)] == [2, 0]
        for _ in range(2):
            open_event_file(key="signal-1", report_ids=ids, now=world.now)
        assert EventCase.objects.count() == 2
        assert CaseReport.objects.filter(version=2).count() == 2


def test_an_event_file_seals_with_its_own_key_and_knows_people_by_its_own_pseudonym(world: World) -> None:
    child = world.resident("陈晓雯")
    ids = [
        report(world, "measles", resident_id=child.pk, note="咳嗽三天"),
        report(world, "measles", "liu", GRID_B),
    ]

    with duty("react", ranges=WHOLE, cause="test"):
        file = open_event_file(key="signal-1", report_ids=ids, now=world.now)
        assert file is not None
        assert file.area_code == SPRING  # the smallest area that holds both grids
        copied, source = EventCase.objects.get(report_id=ids[0]), CaseReport.objects.get(pk=ids[0])
        assert copied.pseudonym is not None
        assert source.pseudonym is not None
        assert copied.pseudonym.pk != source.pseudonym.pk
        assert copied.note is not None
        assert bytes(copied.note) != bytes(source.note or b"")
        assert decrypt_with(bytes(file.data_key or b""), bytes(copied.note)) == "咳嗽三天"


def test_one_case_or_an_excluded_one_makes_no_cluster(world: World) -> None:
    ids = [report(world, "measles"), report(world, "measles", "liu", GRID_B)]
    actor = world.actor("zhou")
    with scope(actor):
        take_case_step(
            actor=actor,
            report_id=ids[0],
            state=CaseState.EXCLUDED,
            note="",
            now=world.now,
            expected_version=1,
        )

    with duty("react", ranges=WHOLE, cause="test"):
        assert open_event_file(key="signal-1", report_ids=ids, now=world.now) is None
        assert verify_cases(report_ids=ids, now=world.now) == 1
    assert states() == {CaseState.EXCLUDED, CaseState.VERIFIED}


def test_a_notifiable_case_waits_for_its_card_with_a_light(world: World) -> None:
    case = report(world, "measles")
    actor = world.actor("zheng")

    with scope(actor):
        row = awaiting_card(actor).get(pk=case)
        assert row.card_due_at == world.now + timedelta(hours=24)
        kinds = [card_lines([row], world.now + timedelta(hours=hours))[0].kind for hours in (1, 20, 24)]
    assert kinds == ["working", "soon", "overdue"]
    with scope(world.actor("feng")):
        assert not awaiting_card(world.actor("feng")).exists()  # another community's doctor


def test_a_two_hour_syndrome_has_the_two_hour_clock(world: World) -> None:
    case = report(world, "unknown_cluster", "zhou")

    with scope(world.actor("zhou")):
        assert awaiting_card(world.actor("zhou")).get(pk=case).card_due_at == world.now + timedelta(hours=2)


def test_a_card_or_a_reason_takes_a_case_off_the_list(client: Client, world: World) -> None:
    case = report(world, "measles")
    world.sign_in(client, "zheng")
    assert "尚未网络直报" in client.get("/reports/awaiting-card/").content.decode()
    assert "麻疹" in client.get("/reports/awaiting-card/").content.decode()

    client.post(f"/reports/{case}/card/", {"version": "1", "because": "实验室排除"})

    assert "麻疹" not in client.get("/reports/awaiting-card/").content.decode()
    world.sign_in(client, "wang")
    assert client.get("/reports/awaiting-card/").status_code == 403


DISEASES = {"A": "tuberculosis", "B": "rabies", "C": "varicella"}
TITLES = {"A": "肺结核", "B": "狂犬病", "C": "水痘"}


@pytest.mark.parametrize("visibility", ["A", "B", "C"])
@pytest.mark.parametrize("sees", ["ABC", "BC", "C", ""])
def test_a_disease_is_named_within_the_posts_visibility_classes_alone(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch, visibility: str, sees: str
) -> None:
    case = report(world, DISEASES[visibility], "zhou")
    role = post_roles()["health_centre_officer"].model_copy(update={"sees_visibility": list(sees)})
    monkeypatch.setattr("anlan.health.queries.reports.post_role", lambda key: role)
    world.sign_in(client, "zheng")

    for surface in ("/reports/", f"/reports/{case}/", "/reports/awaiting-card/", "/reporting/"):
        page = client.get(surface).content.decode()
        assert (TITLES[visibility] in page) is (visibility in sees), surface
        assert ("传染病" in page) is (visibility not in sees), surface


@pytest.mark.parametrize("visibility", ["A", "B", "C"])
def test_what_a_reporter_is_told_names_no_disease(client: Client, world: World, visibility: str) -> None:
    report(world, DISEASES[visibility])

    with scope(world.actor("wang")):
        receipt = ReportReceipt.objects.get()
        assert TITLES[visibility] not in f"{receipt.reply} {receipt.place_name}"
        assert CaseReport.objects.count() == 0
    world.sign_in(client, "wang")
    assert TITLES[visibility] not in client.get("/work/").content.decode()
    for page in ("/reports/", "/reports/awaiting-card/", "/counts/"):
        assert client.get(page).status_code == 403


def test_a_place_is_found_by_words_in_a_large_area(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("anlan.health.forms.reports", "anlan.health.queries.places"):
        monkeypatch.setattr(f"{module}.FOUND_AT_MOST", 3)
    building = world.buildings[GRID_D][0]
    world.sign_in(client, "zhou")

    assert 'id="place-words"' in client.get("/report/").content.decode()
    found = client.get("/report/places/", {"q": "青田第一 1号楼"}).content.decode()
    assert f"building:{building.pk}" in found
    assert (
        f"class:{world.classes[0].pk}"
        in client.get("/report/places/", {"q": "春泉小学 一（1）"}).content.decode()
    )
    assert GRID_D in client.get("/report/places/", {"q": "青田"}).content.decode()
    assert "没有找到" in client.get("/report/places/", {"q": "无此处"}).content.decode()

    sent = {
        "report_id": str(new_id()),
        "condition": "varicella",
        "onset_on": world.now.date().isoformat(),
        "place": f"building:{building.pk}",
    }
    assert client.post("/report/", sent).status_code == 302
    with duty("react", ranges=WHOLE, cause="test"):
        row = CaseReport.objects.get()
        assert (row.area_code, row.building_id) == (GRID_D, building.pk)
    for wrong in ("", "330101001001001", f"building:{new_id()}", "building:x", f"class:{new_id()}"):
        assert client.post("/report/", sent | {"place": wrong}).status_code == 422


def test_places_of_others_are_not_found(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("anlan.health.forms.reports", "anlan.health.queries.places"):
        monkeypatch.setattr(f"{module}.FOUND_AT_MOST", 1)
    world.sign_in(client, "zheng")  # the northern subdistrict

    assert "青田" not in client.get("/report/places/", {"q": "第一"}).content.decode()
    assert "没有找到" in client.get("/report/places/", {"q": "青田"}).content.decode()
    sent = {
        "report_id": str(new_id()),
        "condition": "varicella",
        "onset_on": world.now.date().isoformat(),
        "place": f"building:{world.buildings[GRID_D][0].pk}",
    }
    assert client.post("/report/", sent).status_code == 422
