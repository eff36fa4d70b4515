"""What phones send under a code that ended, or that their post no longer has, lies where that now is."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings

from anlan.foundation.actor import AreaRanges
from anlan.foundation.models import Envelope, FieldChange
from anlan.foundation.runner.envelopes import drain_envelopes
from anlan.foundation.scope import duty
from anlan.organisation.redrawing.making import Part
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind
from tests.foundation.asking import envelope, give_token, send_all, with_token
from tests.foundation.inbox_ports_name import PORTS_NAME
from tests.organisation.redrawing import undone, wished
from tests.world import GRID_A, GRID_B, GRID_C, SPRING, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NEW_GRID = SPRING + "003"


@pytest.fixture(autouse=True)
def the_tests_own_sources() -> Iterator[None]:
    with override_settings(ANLAN_PORTS=PORTS_NAME):
        yield


@pytest.fixture
def town(standard_pack: None) -> World:
    return build_world()


@pytest.fixture
def liu(town: World) -> dict[str, str]:
    return with_token(give_token(town.appointments["liu"].pk))


@pytest.fixture
def merged() -> Wish:
    """Grid B goes on as part of A."""
    return Wish(kind=RedrawKind.MERGE, code=GRID_A, others=(GRID_B,))


def areas_of_notes() -> list[str]:
    drain_envelopes()
    with transaction.atomic(), duty("react", ranges=AreaRanges.everywhere(), cause="test"):
        notes = FieldChange.objects.filter(model="tests.Note").order_by("changed_at")
        return list(notes.values_list("area_code", flat=True))


def states() -> list[tuple[str, str]]:
    with transaction.atomic(), duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="test"):
        return list(Envelope.objects.order_by("id").values_list("area_code", "state"))


def test_an_ended_code_leads_to_the_area_that_took_over(
    town: World, liu: dict[str, str], merged: Wish
) -> None:
    wished(town, "qian", merged)

    [told] = send_all([(liu, envelope(GRID_B))])

    assert told.status == 201
    assert areas_of_notes() == [GRID_A]


def test_the_same_envelope_sent_before_and_after_is_one(
    town: World, liu: dict[str, str], merged: Wish
) -> None:
    sent = envelope(GRID_B)
    [before] = send_all([(liu, sent)])

    wished(town, "qian", merged)
    [after] = send_all([(liu, sent)])

    assert (before.status, after.status) == (201, 200)
    assert areas_of_notes() == [GRID_A]  # it waited while the grids were joined
    assert states() == [(GRID_A, "applied")]


def test_a_post_that_was_sent_to_a_new_grid_may_still_name_the_old(town: World, liu: dict[str, str]) -> None:
    parts = (Part(code=GRID_B, name="第二"), Part(name="第三", post_ids=(town.posts["liu"].pk,)))
    wished(town, "qian", Wish(kind=RedrawKind.SPLIT, code=GRID_B, parts=parts))

    old, new, foreign = send_all([(liu, envelope(code)) for code in (GRID_B, NEW_GRID, GRID_C)])

    assert (old.status, new.status, foreign.status) == (201, 201, 403)
    assert areas_of_notes() == [NEW_GRID, NEW_GRID]


def test_a_code_that_came_back_by_undo_is_itself_again(
    town: World, liu: dict[str, str], merged: Wish
) -> None:
    undone(town, "qian", wished(town, "qian", merged))

    [told] = send_all([(liu, envelope(GRID_B))])

    assert told.status == 201
    assert areas_of_notes() == [GRID_B]
