"""What bodies are: how a call is answered, what becomes of a decision, and when a body is complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallAnswer(models.TextChoices):
    """What a called member says."""

    COMING = "coming", _("能到")
    CANNOT = "cannot", _("不能到")


class DecisionState(models.TextChoices):
    """What became of a decision."""

    OPEN = "open", _("办理中")
    DONE = "done", _("已办结")
    DROPPED = "dropped", _("不再办理")


class BodyState(models.TextChoices):
    """How a body of an area stands."""

    NOT_FOUNDED = "not_founded", _("未建立")
    INCOMPLETE = "incomplete", _("不齐")
    COMPLETE = "complete", _("齐全")


EXPECTED_KINDS = frozenset({"standing", "pair"})  # of these every fitting area is to have one
LONGEST_CALL_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class SlotWanted:
    """A slot of a template: how many sit there at least, and through which posts (none named: anybody)."""

    key: str
    at_least: int
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SeatTaken:
    """A seat that has not been left.

    `holder_count` is how many hold it now: through a post those who hold the post (0 where it is vacant or
    the appointment ended), else the one member named. `role` is the post's, '' where there is no post.
    """

    slot: str
    role: str
    holder_count: int
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a body lacks: seats by slot, and a lead where the template names one."""

    missing: Mapping[str, int]
    lacks_lead: bool

    @property
    def is_complete(self) -> bool:
        """Say whether nothing is missing."""
        return not self.missing and not self.lacks_lead


def counts_as_filled(seat: SeatTaken, slot: SlotWanted) -> bool:
    """Say whether a seat is held, by somebody who may sit there."""
    return seat.holder_count > 0 and (not slot.roles or seat.role in slot.roles)


def completeness(
    slots: Iterable[SlotWanted], seats: Iterable[SeatTaken], *, lead_role: str | None
) -> Completeness:
    """Return what a body lacks; where the template names who leads, a held seat through that post leads."""
    taken = list(seats)
    missing: dict[str, int] = {}
    for slot in slots:
        filled = sum(counts_as_filled(seat, slot) for seat in taken if seat.slot == slot.key)
        if filled < slot.at_least:
            missing[slot.key] = slot.at_least - filled
    leads = any(seat.is_lead and seat.holder_count > 0 and seat.role == lead_role for seat in taken)
    return Completeness(missing, lacks_lead=lead_role is not None and not leads)
