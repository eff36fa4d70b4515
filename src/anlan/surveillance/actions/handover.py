"""The shift of the CDC desk is given with a sheet and taken by another person."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, NotAllowed
from anlan.foundation.live import announce_change
from anlan.surveillance.actions.steps import check_words
from anlan.surveillance.handover import sheet_of
from anlan.surveillance.models import ShiftHandover
from anlan.surveillance.queries import access_handover, keeps_desk, visible_handovers

SUBJECT = "surveillance.ShiftHandover"


class ShiftOpen(Conflict):
    """The last sheet has not been taken."""

    code = "shift_open"
    sentence = _("上一份交班单还没有人接班，请先接班。")


class SameHands(Conflict):
    """A shift is taken by somebody else than who gave it."""

    code = "same_hands"
    sentence = _("接班人不能是交班人本人。")


class ShiftTaken(Conflict):
    """Somebody took the shift first."""

    code = "shift_taken"
    sentence = _("已有人接班，请刷新后再看。")


def give_shift(*, actor: Actor, note: str, now: datetime) -> ShiftHandover:
    """Give the shift: the sheet keeps what stands open now. Raises WordsNeeded, ShiftOpen, NotAllowed."""
    check_words(note)
    if not keeps_desk(actor):
        raise NotAllowed
    with transaction.atomic():
        if visible_handovers(actor).filter(area_code=actor.area_code, taken_at=None).exists():
            raise ShiftOpen
        try:
            with transaction.atomic():
                shift = ShiftHandover.objects.create(
                    area_code=actor.area_code,
                    given_at=now,
                    given_by=actor.member_id,
                    given_title=actor.post_title,
                    given_name=actor.member_name,
                    note=note.strip(),
                    sheet=sheet_of(actor, now),
                )
        except IntegrityError as error:  # two hands at once: one_shift_to_take
            raise ShiftOpen from error
        audit.record("give_shift", SUBJECT, [shift.pk], area_code=shift.area_code)
        announce_change("shifts", shift.area_code, readers=ShiftHandover.read_purposes)
    return shift


def take_shift(*, actor: Actor, handover_id: UUID, now: datetime, expected_version: int) -> ShiftHandover:
    """Take the shift that was given. Raises SameHands, ShiftTaken, NotAllowed, NotFound."""
    with transaction.atomic():
        access_handover(actor, handover_id)
        shift = ShiftHandover.objects.select_for_update().get(pk=handover_id)
        if not keeps_desk(actor) or shift.area_code != actor.area_code:
            raise NotAllowed
        if shift.taken_at is not None or shift.version != expected_version:
            raise ShiftTaken
        if shift.given_by == actor.member_id:
            raise SameHands
        shift.taken_at, shift.taken_title, shift.taken_name = now, actor.post_title, actor.member_name
        shift.version += 1
        shift.save()
        audit.record("take_shift", SUBJECT, [shift.pk], area_code=shift.area_code)
        announce_change("shifts", shift.area_code, readers=ShiftHandover.read_purposes)
    return shift
