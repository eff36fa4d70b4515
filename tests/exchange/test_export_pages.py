"""The pages of exports: asking, allowing, downloading, recalling; neighbour and stranger."""

import pytest
from django.test import Client
from django.urls import reverse

from anlan.exchange.actions.exporting.making import make_export
from anlan.exchange.export_models import Export
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from tests.exchange.lists import ask, export_as, made
from tests.exchange.test_exports import EVERYWHERE
from tests.world import GRID_B, World

pytestmark = pytest.mark.django_db


def said(**more: object) -> dict[str, object]:
    return {"export_id": new_id(), "why": "visits", "columns": ["area", "name"], "format": "xlsx", **more}


def test_a_list_is_asked_for_from_its_page_narrowed_as_it_was(world: World, client: Client) -> None:
    world.sign_in(client, "kong")
    page = client.get(reverse("people"), {"area": GRID_B, "age": "old"})
    address = reverse("export_new", args=["residents"]) + f"?area={GRID_B}&age=old"
    assert address.replace("&", "&amp;") in page.content.decode()
    form = client.get(address)
    assert "春泉第二网格" in form.content.decode()
    assert 'value="name"' in form.content.decode()
    assert form.context["form"]["columns"].initial == ["area"]

    sent = said()
    answer = client.post(address, sent)
    again = client.post(address, sent)

    assert answer.status_code == again.status_code == 302
    assert answer["Location"] == again["Location"]
    with scope(world.actor("kong")):
        export = Export.objects.get()
    assert (export.filters, export.columns) == ({"area": GRID_B, "age": "old"}, ["area", "name"])
    assert export.state == "asked"


def test_a_wrong_form_stands_again_with_its_errors(world: World, client: Client) -> None:
    world.sign_in(client, "kong")

    answer = client.post(reverse("export_new", args=["residents"]), said(why="other", note="13800138000"))

    assert answer.status_code == 422
    with scope(world.actor("kong")):
        assert not Export.objects.exists()


def test_a_list_that_tells_of_nobody_is_made_at_once(world: World, client: Client) -> None:
    world.sign_in(client, "wang")

    client.post(reverse("export_new", args=["posts"]), said(columns=["title", "state"]))

    with scope(world.actor("wang")):
        export = Export.objects.get()
    assert export.state == "approved"
    make_export(export.pk, export.appointment_id)
    assert export_as(world.actor("wang"), export.pk).state == "ready"


def test_somebody_else_allows_it_and_the_asker_downloads_it(world: World, client: Client) -> None:
    export = ask(world, "wang", "residents")
    world.sign_in(client, "you")
    waiting = client.get(reverse("exports"), {"view": "decide"}).content.decode()
    assert reverse("export", args=[export.pk]) in waiting
    page = client.get(reverse("export", args=[export.pk])).content.decode()
    assert "王芳" in page
    assert "陈" not in page  # nothing of the list itself

    client.post(reverse("export_decide", args=[export.pk]), {"version": 1, "decision": "approve"})
    make_export(export.pk, export.appointment_id)

    world.sign_in(client, "wang")
    page = client.get(reverse("export", args=[export.pk])).content.decode()
    file_id = export_as(world.actor("wang"), export.pk).file_id
    assert reverse("file", args=[file_id]) in page
    answer = client.get(reverse("file", args=[file_id]))
    assert answer.content[:2] == b"PK"
    with duty("answer_audit", ranges=EVERYWHERE, cause="test"):
        assert AuditEntry.objects.filter(verb="open_file", subject_ids=[file_id]).exists()


def test_ones_own_is_refused_and_the_attempt_is_on_record(world: World, client: Client) -> None:
    export = ask(world, "kong", "residents")
    world.sign_in(client, "kong")

    answer = client.post(reverse("export_decide", args=[export.pk]), {"version": 1, "decision": "approve"})

    assert answer.status_code == 403
    assert export_as(world.actor("kong"), export.pk).state == "asked"
    with duty("answer_audit", ranges=EVERYWHERE, cause="test"):
        entry = AuditEntry.objects.get(verb="refuse", subject="export_decide")
    assert entry.detail["code"] == "own_export"
    assert entry.subject_ids == [export.pk]


def test_a_decline_needs_its_reason_and_the_asker_reads_it(world: World, client: Client) -> None:
    export = ask(world, "wang", "residents")
    world.sign_in(client, "you")
    decline = {"version": 1, "decision": "decline", "reason": ""}
    assert client.post(reverse("export_decide", args=[export.pk]), decline).status_code == 422

    client.post(reverse("export_decide", args=[export.pk]), {**decline, "reason": "用任务派发即可"})

    world.sign_in(client, "wang")
    assert "用任务派发即可" in client.get(reverse("export", args=[export.pk])).content.decode()


def test_data_protection_recalls_from_its_list(world: World, client: Client) -> None:
    export = made(world, "wang", "residents")
    world.sign_in(client, "you")
    assert export.number in client.get(reverse("exports"), {"view": "all"}).content.decode()

    client.post(reverse("export_recall", args=[export.pk]))

    world.sign_in(client, "wang")
    assert client.get(reverse("file", args=[export.file_id])).status_code == 404
    assert "已收回" in client.get(reverse("export", args=[export.pk])).content.decode()


def test_a_neighbour_finds_nothing_and_a_stranger_is_asked_to_sign_in(world: World, client: Client) -> None:
    export = made(world, "wang", "residents")
    address = reverse("export", args=[export.pk])
    assert client.get(address).status_code == 302
    for handle in ("liu", "li", "shi"):
        world.sign_in(client, handle)
        assert client.get(address).status_code == 404
        assert export.number not in client.get(reverse("exports"), {"view": "all"}).content.decode()
