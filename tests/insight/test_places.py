"""The size of grids and the hand-over sheet: right numbers, for whom they are meant, nothing for others."""

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.scope import duty, scope
from anlan.insight.grid_sizes import MOST_HOUSEHOLDS, grid_sizes
from anlan.organisation.actions import set_setting
from anlan.organisation.models import Appointment
from anlan.organisation.queries import access_area
from anlan.people.models import Household
from anlan.workorders.models import WorkOrder
from tests.surveillance.test_loop import raise_signal
from tests.world import DISTRICT, GRID_A, GRID_B, NORTH, SPRING, World


def test_grids_are_counted_with_their_workers(world: World) -> None:
    qian = world.actor("qian")
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Household.objects.bulk_create(Household(area_code=GRID_A, room=str(n)) for n in range(120))
        Appointment.objects.filter(pk=world.appointments["liu"].pk).update(ends_at=utc_now())
    with scope(qian):
        set_setting(actor=qian, key=MOST_HOUSEHOLDS.key, area_code=NORTH, value=110, now=utc_now())

        sizes = grid_sizes(access_area(SPRING, now=utc_now()), now=utc_now())

    by_code = {grid.code: grid for grid in sizes.grids}
    full, empty = by_code[GRID_A], by_code[GRID_B]
    assert (full.households, full.size, full.per_worker, full.state) == (124, "large", 124, "large")
    assert (empty.size, empty.workers, empty.state) == ("small", 0, "open")
    assert (sizes.large, sizes.small, sizes.unanswered) == (1, 1, 1)
    assert sizes.people == 9


@pytest.mark.parametrize(("handle", "status"), [("qian", 200), ("mei", 200), ("kong", 200), ("wang", 403)])
def test_who_delineates_or_leads_sees_the_sizes(
    client: Client, world: World, handle: str, status: int
) -> None:
    page = world.sign_in(client, handle)

    assert page.get(reverse("grid_sizes", args=[SPRING])).status_code == status
    assert page.get(reverse("grid_sizes", args=[DISTRICT])).status_code == (200 if handle == "mei" else 403)


def test_the_sheet_lists_what_hangs_on_somebody(client: Client, world: World) -> None:
    raise_signal(world)
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        order = WorkOrder.objects.get()
        WorkOrder.objects.filter(pk=order.pk).update(accountable=world.posts["wang"], purpose="")
    page = world.sign_in(client, "qian")

    sheet = page.get(reverse("leaving", args=[world.members["wang"].pk])).context["sheet"]

    assert [line.appointment.post for line in sheet.posts] == [world.posts["wang"]]
    assert [row.pk for row in sheet.orders] == [order.pk]
    assert sheet.posts[0].others == ()


def test_a_sheet_is_for_oneself_and_who_looks_after_the_post(client: Client, world: World) -> None:
    wang = reverse("leaving", args=[world.members["wang"].pk])

    assert world.sign_in(client, "wang").get(wang).status_code == 200
    assert world.sign_in(client, "liu").get(wang).status_code == 404
    assert world.sign_in(client, "zhou").get(wang).status_code == 404
    client.logout()
    assert client.get(wang).status_code == 302
