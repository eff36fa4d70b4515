"""A bulk edit is an import: tried, shown, written, a conflict where somebody was there first, undone."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from anlan.exchange.actions.bulk import BulkAsked, BulkInvalid, ask_bulk_edit
from anlan.exchange.models import ImportBatch
from anlan.exchange.rules import BatchState
from anlan.foundation.errors import NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import FieldChange
from anlan.foundation.scope import scope
from anlan.organisation.models import Facility
from anlan.people.models import Resident
from tests.exchange.tables import (
    CHEN,
    HEADINGS,
    NEWCOMER,
    batch_of,
    csv_of,
    outcomes,
    reasons,
    register_as_it_stands,
    run,
    send,
    undo,
    write,
)
from tests.world import GRID_A, GRID_B, SPRING, World

pytestmark = pytest.mark.django_db
DAY = "2026-01-31"


def asked(column: str = "verified_on", value: str = DAY, **filters: str) -> BulkAsked:
    return BulkAsked("residents", filters, column, value, new_id())


def tried(world: World, handle: str, wanted: BulkAsked) -> UUID:
    actor = world.actor(handle)
    with scope(actor):
        batch = ask_bulk_edit(actor=actor, asked=wanted, now=world.now)
    return run(actor, batch.pk)


def people_of(world: World, handle: str = "wang") -> list[Resident]:
    with scope(world.actor(handle)):
        return list(Resident.objects.order_by("pk"))


def sent(**more: object) -> Mapping[str, object]:
    return {"batch_id": new_id(), "column": "verified_on", "value": DAY, **more}


def test_the_narrowed_list_is_set_from_its_page_and_shown_first(world: World, client: Client) -> None:
    world.sign_in(client, "kong")
    address = reverse("bulk_edit", args=["residents"]) + f"?area={GRID_B}&age=adult"
    listed = client.get(reverse("people"), {"area": GRID_B, "age": "adult"}).content.decode()
    assert address.replace("&", "&amp;") in listed
    form = client.get(address)
    assert "春泉第二网格" in form.content.decode()
    expected = form.context["count"]
    assert expected > 0
    before = people_of(world, "kong")
    once = sent()

    answers = [client.post(address, once) for _twice in range(2)]

    assert {answer.status_code for answer in answers} == {302}
    with scope(world.actor("kong")):
        batch = ImportBatch.objects.get()
    assert {answer["Location"] for answer in answers} == {reverse("import", args=[batch.pk])}
    run(world.actor("kong"), batch.pk)
    batch = batch_of(world.actor("kong"), batch.pk)
    assert (batch.state, batch.questions, batch.changed) == (BatchState.TRIED, {}, expected)
    assert [row.version for row in people_of(world, "kong")] == [row.version for row in before]
    preview = client.get(reverse("import", args=[batch.pk])).content.decode()
    assert "批量修改：核对日期" in preview and f"→ {DAY}" in preview
    with scope(world.actor("kong")):
        target = batch.rows.order_by("number")[0].target_id
    assert reverse("person", args=[target]) in preview


def test_wrong_input_stands_again_with_its_reason(world: World, client: Client) -> None:
    world.sign_in(client, "wang")
    address = reverse("bulk_edit", args=["residents"])
    wrong = [{"value": "2099-01-01"}, {"value": "昨天"}, {"value": " "}, {"column": "id_number"}]

    answers = [client.post(address, sent(**one)) for one in wrong]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert "没有这一天，或晚于今天" in answers[0].content.decode()
    wang = world.actor("wang")
    with scope(wang):
        with pytest.raises(BulkInvalid):
            ask_bulk_edit(actor=wang, asked=asked("name", "陈"), now=world.now)
        assert not ImportBatch.objects.exists()


def test_more_rows_than_one_edit_takes_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wang = world.actor("wang")
    monkeypatch.setattr("anlan.exchange.bulk_queries.MOST_ROWS", len(people_of(world)) - 1)

    with scope(wang), pytest.raises(BulkInvalid) as refused:
        ask_bulk_edit(actor=wang, asked=asked(), now=world.now)

    assert refused.value.error_code == "too_many_rows"


def test_neighbours_rows_never_come_in_by_a_filter(world: World, client: Client) -> None:
    wang, liu = world.actor("wang"), world.actor("liu")
    neighbours = people_of(world, "liu")
    for area in (GRID_B, SPRING):
        with scope(wang), pytest.raises(NotFound):
            ask_bulk_edit(actor=wang, asked=asked(area=area), now=world.now)
    world.sign_in(client, "wang")
    assert client.get(reverse("bulk_edit", args=["residents"]), {"area": GRID_B}).status_code == 404

    batch_id = tried(world, "wang", asked())
    write(world, "wang", batch_id)

    with scope(wang):
        rows = batch_of(wang, batch_id).rows.values_list("target_id", flat=True)
        assert set(rows) == set(Resident.objects.filter(area_code=GRID_A).values_list("pk", flat=True))
    assert people_of(world, "liu") == neighbours
    assert all(row.verified_on != date(2026, 1, 31) for row in people_of(world, "liu"))
    assert liu.ranges != wang.ranges


def test_a_post_without_the_register_and_a_stranger_do_not_get_in(world: World, client: Client) -> None:
    address = reverse("bulk_edit", args=["residents"])
    assert client.get(address).status_code == 302
    assert world.sign_in(client, "wei").get(address).status_code == 403
    assert world.sign_in(client, "wang").get(reverse("bulk_edit", args=["buildings"])).status_code == 404


def test_all_are_written_as_single_edits_are_and_an_undo_restores_them(world: World) -> None:
    wang = world.actor("wang")
    with scope(wang):
        before = register_as_it_stands()
        versions = {row.pk: row.version for row in people_of(world)}
        relations = {row.pk: row.relation for row in people_of(world)}
    batch_id = tried(world, "wang", asked("relation", "租客"))

    assert set(write(world, "wang", batch_id).values()) == {"changed"}

    with scope(wang):
        for row in Resident.objects.all():
            assert (row.relation, row.version) == ("租客", versions[row.pk] + 1)
            change = FieldChange.objects.get(row_id=row.pk, field="relation")
            assert (change.old, change.new, change.version) == (relations[row.pk], "租客", row.version)
    again = tried(world, "wang", asked("relation", "租客"))
    assert set(outcomes(wang, again).values()) == {"same"}

    assert undo(world, "wang", batch_id).state == BatchState.UNDONE
    with scope(wang):
        assert register_as_it_stands() == before


def test_who_was_changed_meanwhile_is_a_conflict_and_keeps_it(world: World) -> None:
    wang = world.actor("wang")
    with scope(wang):
        batch = ask_bulk_edit(actor=wang, asked=asked(), now=world.now)
        chen = Resident.objects.get(area_code=GRID_A, name="陈大明")
        Resident.objects.filter(pk=chen.pk).update(relation="本人", version=chen.version + 1)

    run(wang, batch.pk)

    assert list(reasons(wang, batch.pk).values()) == [[("", "version_behind")]]
    assert list(write(world, "wang", batch.pk).values()).count("conflict") == 1
    with scope(wang):
        kept = Resident.objects.get(pk=chen.pk)
        assert (kept.relation, kept.verified_on) == ("本人", chen.verified_on)
        others = Resident.objects.exclude(pk=chen.pk)
        assert {row.verified_on for row in others} == {date(2026, 1, 31)}


def test_facilities_of_one_kind_get_one_address(world: World) -> None:
    kong = world.actor("kong")
    with scope(kong):
        schools = Facility.objects.filter(kind=world.school.kind).count()
    wanted = BulkAsked("facilities", {"kind": world.school.kind}, "address", "=学府路1号", new_id())

    batch_id = tried(world, "kong", wanted)

    assert list(write(world, "kong", batch_id).values()) == ["changed"] * schools
    with scope(kong):
        addresses = set(Facility.objects.filter(address="=学府路1号").values_list("kind", flat=True))
    assert addresses == {world.school.kind}


def test_a_table_says_when_somebody_was_verified(world: World) -> None:
    wang = world.actor("wang")
    headings = (*HEADINGS, "核对日期")
    content = csv_of([(*NEWCOMER, "2026-01-31"), (*CHEN, "2026/1/30"), (*NEWCOMER, "2099-01-01")], headings)

    batch_id = send(world, "wang", content)

    assert reasons(wang, batch_id) == {4: [("verified_on", "date_impossible")]}
    assert write(world, "wang", batch_id) == {2: "new", 3: "changed", 4: "rejected"}
    with scope(wang):
        days = dict(Resident.objects.filter(name__in=("何晓燕", "陈大明")).values_list("name", "verified_on"))
    assert days == {"何晓燕": date(2026, 1, 31), "陈大明": date(2026, 1, 30)}
