"""Who should be looked in on stands on a grid worker's day: the three longest overdue, masked, on record."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.field import presenting
from anlan.foundation.clock import day_of
from anlan.foundation.scope import scope
from anlan.people.actions import LookUpLimitExceeded
from tests.people.caring import audited, key_person
from tests.people.test_watermark import watermark_of
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db
DAY = "/field/today/"
A_DAY = timedelta(days=1)


@pytest.fixture
def wang(world: World, client: Client) -> Client:
    return world.sign_in(client, "wang")


def test_the_three_longest_overdue_stand_first_and_the_rest_is_one_step_away(
    world: World, wang: Client
) -> None:
    today = day_of(world.now)
    for days, (name, area) in enumerate(
        [("龚𬀪", GRID_A), ("单玉珍", GRID_A), ("陈大明", GRID_A), ("赵秀兰", GRID_A)]
    ):
        key_person(world, world.resident(name, area), "disabled", due_on=today - days * A_DAY)

    page = wang.get(DAY).content.decode()

    assert page.index("赵**") < page.index("陈**") < page.index("单**")
    assert "龚*" not in page and "赵秀兰" not in page
    assert "/people/care/?view=due" in page
    listed = [entry for entry in audited("list") if entry.subject == "people.Resident"]
    assert [len(entry.subject_ids) for entry in listed] == [3]
    assert "王芳" in watermark_of(page)


def test_nobody_is_named_before_their_day_nor_after_their_consent_ended(world: World, wang: Client) -> None:
    today = day_of(world.now)
    key_person(world, world.resident("赵秀兰"), due_on=today + A_DAY)
    key_person(world, world.resident("龚𬀪"), "disabled", consent_until=today - A_DAY)
    key_person(world, world.resident("单玉珍"), "disabled", withdrawn_on=today)
    key_person(world, world.resident("王伟"), "disabled")  # of the next grid

    page = wang.get(DAY).content.decode()

    assert "今天没有该走访的人" in page
    assert not any(f"{name}*" in page for name in "赵龚单王")


def test_who_stands_on_the_list_for_two_reasons_is_named_once(world: World, wang: Client) -> None:
    for kind in ("alone_70", "disabled"):
        key_person(world, world.resident("赵秀兰"), kind)

    assert wang.get(DAY).content.decode().count("赵**") == 1


def test_who_looked_up_too_many_still_has_a_day_but_no_names(
    world: World, wang: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_person(world, world.resident("赵秀兰"))

    def refuse(**_given: Any) -> None:
        raise LookUpLimitExceeded

    monkeypatch.setattr(presenting, "note_listed", refuse)
    answer = wang.get(DAY)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "暂时不列出姓名" in page and "赵**" not in page


def test_a_phone_is_given_nobody_of_them_to_keep(world: World, wang: Client) -> None:
    key_person(world, world.resident("赵秀兰"))

    kept = wang.get("/field/contact/").content.decode()

    assert "赵" not in kept
    with scope(world.actor("wang")):
        due = presenting.visits_due(world.actor("wang"), world.now)
    assert [line.person.name for line in due.lines] == ["赵**"]
