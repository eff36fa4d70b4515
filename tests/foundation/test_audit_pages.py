"""Who looked at a record: for auditor, data-protection officer and the supervisors of the place."""

from uuid import UUID

import pytest
from django.test import Client

from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.audit_queries import Look, entries_about
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.reveal import reveal_fields
from anlan.foundation.scope import duty, scope
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
RESIDENT = "people.Resident"


@pytest.fixture
def looked(world: World) -> World:
    """Wang shows Chen's phone; the CDC officer lists him with another; Liu shows a neighbour."""
    for handle, name, area, why in (("wang", "陈大明", GRID_A, "visit"), ("liu", "王伟", GRID_B, "call")):
        actor = world.actor(handle)
        with scope(actor):
            reveal_fields(
                actor=actor, model=RESIDENT, row_id=world.resident(name, area).pk, fields=["phone"], why=why,
                now=world.now,
            )  # fmt: skip
    with scope(world.actor("zhou")):
        audit.record("list", RESIDENT, [chen(world), world.resident("赵秀兰").pk])
    return world


def chen(world: World) -> UUID:
    return world.resident("陈大明", GRID_A).pk


def about(world: World, handle: str, row_id: UUID, subject: str = RESIDENT) -> list[Look]:
    actor = world.actor(handle)
    with scope(actor):
        return entries_about(actor, subject, row_id)


@pytest.mark.parametrize("handle", ["kong", "qian", "xu", "you"])
def test_those_entitled_see_every_look_also_that_of_a_wider_post(looked: World, handle: str) -> None:
    found = about(looked, handle, chen(looked))

    assert [(look.member_name, look.what, look.why) for look in found] == [
        ("周航", "浏览列表", ""),
        ("王芳", "显示完整号码", "上门走访"),
    ]


@pytest.mark.parametrize("handle", ["wang", "tao", "zhao", "wu", "zhou", "han", "he", "lu", "chu"])
def test_others_may_not_ask(looked: World, handle: str) -> None:
    with pytest.raises(NotAllowed):
        about(looked, handle, chen(looked))


@pytest.mark.parametrize("handle", ["li", "bai"])
def test_for_a_supervisor_of_another_place_the_record_does_not_exist(looked: World, handle: str) -> None:
    with pytest.raises(NotFound):
        about(looked, handle, chen(looked))


@pytest.mark.parametrize("handle", ["kong", "xu", "you"])
@pytest.mark.parametrize("subject", [RESIDENT, "people.Nobody", "foundation.Account", "people.SearchToken"])
def test_a_record_that_is_not_there_is_not_found(looked: World, handle: str, subject: str) -> None:
    with pytest.raises(NotFound):
        about(looked, handle, new_id(), subject)


def test_an_auditor_of_one_place_is_not_told_of_another(looked: World) -> None:
    looked.posts["xu"].post_ranges.update(code="330199002")

    with pytest.raises(NotFound):
        about(looked, "xu", chen(looked))


def test_the_page_shows_who_and_why_and_records_the_asking(looked: World, client: Client) -> None:
    page = looked.sign_in(client, "kong").get(f"/audit/record/{RESIDENT}/{chen(looked)}/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "王芳" in text
    assert "上门走访" in text
    assert "陈大明" not in text
    assert "15400000001" not in text
    with duty("answer_audit", ranges=AreaRanges.everywhere(), cause="test"):
        entry = AuditEntry.objects.get(verb="audit_of_record")
    assert (entry.member_id, entry.subject_ids) == (looked.members["kong"].pk, [chen(looked)])


def test_the_page_is_hidden_from_the_neighbour_and_asks_the_stranger_to_sign_in(
    looked: World, client: Client
) -> None:
    address = f"/audit/record/{RESIDENT}/{chen(looked)}/"

    assert client.get(address).status_code == 302
    hidden = looked.sign_in(client, "li").get(address)
    absent = client.get(f"/audit/record/{RESIDENT}/{new_id()}/")
    assert hidden.status_code == absent.status_code == 404
    assert looked.sign_in(client, "wang").get(address).status_code == 403


def test_the_auditors_list_filters_by_person_act_and_day(looked: World, client: Client) -> None:
    looked.sign_in(client, "xu")

    def names(query: str) -> list[str]:
        return [
            look.member_name
            for look in client.get(f"/audit/?{query}").context["looks"]
            if look.what != "查阅审计记录"
        ]

    assert names("") == ["周航", "刘洋", "王芳"]
    assert names(f"member={looked.members['wang'].pk}") == ["王芳"]
    assert names(f"post={looked.posts['liu'].pk}") == ["刘洋"]
    assert names("verb=reveal") == ["刘洋", "王芳"]
    assert names("day=2020-01-01") == []


@pytest.mark.parametrize("query", ["member=1", "day=2026-02-30", "after=xx"])
def test_a_wrong_filter_is_refused(looked: World, client: Client, query: str) -> None:
    assert looked.sign_in(client, "xu").get(f"/audit/?{query}").status_code == 422


def test_the_list_is_paged_by_key(looked: World, client: Client) -> None:
    with scope(looked.actor("wang")):
        for number in range(60):
            audit.record("read", RESIDENT, detail={"n": number})
    looked.sign_in(client, "xu")

    first = client.get("/audit/").context["page"]
    second = client.get(f"/audit/?after={first.after}").context["page"]

    assert len(first.rows) == 50
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}


@pytest.mark.parametrize("handle", ["wang", "kong", "zhao", "he", "lu", "you"])
def test_only_the_auditor_has_the_list(looked: World, client: Client, handle: str) -> None:
    assert looked.sign_in(client, handle).get("/audit/").status_code == 403


def test_the_list_shows_nothing_of_another_district(looked: World, client: Client) -> None:
    with duty("build_district", ranges=AreaRanges.of(["990001"]), cause="test"):
        audit.record("read", RESIDENT, area_code="990001001001001")

    page = looked.sign_in(client, "xu").get("/audit/").context["page"]

    assert {row.area_code[:6] for row in page.rows} == {DISTRICT}
