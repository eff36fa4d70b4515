"""What the tests of phones do and ask in the house behind the browser's back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment
from anlan.workorders.actions import open_order
from anlan.workorders.models import WorkOrder
from tests.journeys.town import ask
from tests.world import DISTRICT, World


def give_order(world: World, handle: str, *, task: str, place: str, kind: str = "resident_problem") -> UUID:
    def give() -> UUID:
        with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
            order = open_order(
                kind=kind,
                area_code=world.posts[handle].area_code,
                accountable=world.posts[handle],
                asked_by_id=world.posts["wu" if kind == "neighbour_co_response" else "kong"].pk,
                task=task,
                place_name=place,
                category="help_needed" if kind == "resident_problem" else "",
                now=world.now,
            )
            return order.pk

    return ask(give)


def move_order(order_id: UUID, world: World, handle: str) -> None:
    """Let another post answer for the order."""

    def move() -> None:
        with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
            WorkOrder.objects.filter(pk=order_id).update(accountable=world.posts[handle])

    ask(move)


def order_of(order_id: UUID) -> tuple[str, str]:
    """Stage and finding of an order; asked aside."""
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        order = WorkOrder.objects.get(pk=order_id)
        return order.stage, order.finding


@contextmanager
def ended(world: World, handle: str, *, days_ago: int) -> Iterator[None]:
    """Let a person's appointment have ended, for as long as the block lasts."""
    held = Appointment.objects.filter(pk=world.appointments[handle].pk)
    ends_at = world.now - timedelta(days=days_ago)
    ask(lambda: held.update(starts_at=ends_at - timedelta(days=100), ends_at=ends_at))
    try:
        yield
    finally:
        ask(lambda: held.update(starts_at=world.now - timedelta(days=1), ends_at=None))


def problems(record_ids: list[UUID]) -> list[tuple[str, str, str]]:
    """Category, words and place of the problems the house made of what a phone wrote; asked aside."""
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        rows = WorkOrder.objects.filter(pk__in=record_ids)
        return list(rows.values_list("category", "task", "place_name"))
