"""Apply for a grant, apply again before it ends, and check what the pack asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions.grant_steps import held_grant, is_same_act, note_grant_step, take_turn
from anlan.affairs.grant_rules import APPLY, RENEW, TO, GrantAct
from anlan.affairs.models import Grant
from anlan.affairs.pack_grants import GrantKind
from anlan.affairs.queries.grants import (
    application_in_hand,
    grant_kinds,
    kinds_to_apply_for,
    may_renew,
    running_grants,
)
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.organisation.models import Facility
from anlan.organisation.queries.registers import access_facility

LONGEST_STATEMENT, LONGEST_NOTE = 1000, 200


class ApplicationInvalid(Invalid):
    """Say what of an application cannot be accepted."""

    code = "application_invalid"


class AlreadyApplied(Conflict):
    """An application of the facility waits for its decision."""

    code = "already_applied"
    sentence = _("这家单位已有一份申请在办，请等办结，或打开那份申请查看。")


class AlreadyGranted(Conflict):
    """The facility holds one, or may not renew it yet."""

    code = "already_granted"
    sentence = _("这家单位已有一项没有到期，还不能再申请；临近到期时申请续期，暂停的先恢复。")


class PointsInvalid(Invalid):
    """A point is not answered, or its note is too long."""

    code = "points_invalid"
    sentence = _("请对每一个核查点作出结论。")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrant:
    """An application; `renewing` where the facility holds one that is about to end."""

    facility_id: UUID
    kind: str
    category: str
    statement: str
    renewing: bool = False
    row_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class PointFound:
    """What was found of one point."""

    is_met: bool
    note: str = ""


def apply_for_grant(*, actor: Actor, application: NewGrant, now: datetime) -> Grant:
    """Apply as the facility's own post, or for it; the same form sent twice is one application.

    Raises NotFound, NotAllowed, ApplicationInvalid, AlreadyApplied, AlreadyGranted.
    """
    with transaction.atomic():
        access_facility(actor, application.facility_id)
        facility = Facility.objects.select_for_update().get(pk=application.facility_id)  # one at a time
        earlier = Grant.objects.filter(pk=application.row_id).first()
        if earlier is not None:
            return _same_application(actor, earlier, application)
        kind = next((one for one in kinds_to_apply_for(actor, facility) if one.key == application.kind), None)
        if kind is None:
            raise NotAllowed
        _check_said(application, kind, facility)
        if application_in_hand(facility, kind) is not None:
            raise AlreadyApplied
        renewed = _renewed(application, facility, kind, now)
        grant = _insert(
            Grant(
                pk=application.row_id,
                area_code=facility.area_code,
                kind=kind.key,
                category=application.category,
                facility=facility,
                statement=application.statement.strip(),
                renews=renewed,
                applied_at=now,
                applied_by_id=actor.post_id,
            )
        )
        note_grant_step(actor, grant, RENEW if renewed else APPLY, now)
    return grant


def check_grant(
    *,
    actor: Actor,
    grant_id: UUID,
    found: Mapping[str, PointFound],
    note: str,
    now: datetime,
    expected_version: int,
) -> Grant:
    """Say of every point whether it is met; said again before the decision it corrects.

    Raises NotFound, NotAllowed, OwnHands, GrantMoved, GrantOver, PointsInvalid, ReasonNeeded.
    """
    with transaction.atomic():
        grant = held_grant(actor, grant_id)
        if is_same_act(actor, grant, GrantAct.CHECK, expected_version):
            return grant
        words = take_turn(
            actor, grant, GrantAct.CHECK, expected_version=expected_version, reason=note, now=now
        )
        keys = [point.key for point in grant_kinds()[grant.kind].points]
        if set(found) != set(keys) or any(len(one.note) > LONGEST_NOTE for one in found.values()):
            raise PointsInvalid
        grant.points = [
            {"key": key, "is_met": found[key].is_met, "note": found[key].note.strip()} for key in keys
        ]
        grant.state = TO[GrantAct.CHECK]
        grant.version += 1
        grant.save(update_fields=["points", "state", "version"])
        note_grant_step(actor, grant, GrantAct.CHECK, now, note=words)
    return grant


def _same_application(actor: Actor, earlier: Grant, application: NewGrant) -> Grant:
    said = (application.facility_id, application.kind, actor.post_id)
    if (earlier.facility_id, earlier.kind, earlier.applied_by_id) != said:
        raise Conflict
    return earlier


def _check_said(application: NewGrant, kind: GrantKind, facility: Facility) -> None:
    if application.category not in {row.key for row in kind.categories_for(facility.kind)}:
        words = _("请选择这类单位可以申请的类别。")
        raise ApplicationInvalid(words, fields={"category": words})
    if not 0 < len(application.statement.strip()) <= LONGEST_STATEMENT:
        words = _("请写明申请理由和已具备的条件（1 到 1000 字）。")
        raise ApplicationInvalid(words, fields={"statement": words})


def _renewed(application: NewGrant, facility: Facility, kind: GrantKind, now: datetime) -> Grant | None:
    """Return the grant this one follows; raise AlreadyGranted where one runs that is not to be renewed."""
    today = day_of(now)
    running = running_grants(facility, kind, today).select_related("facility").first()
    if running is None:
        return None
    if not application.renewing or not may_renew(running, today):
        raise AlreadyGranted
    return running


def _insert(grant: Grant) -> Grant:
    try:
        with transaction.atomic():
            grant.save(force_insert=True)
    except IntegrityError as error:  # the id is another row's, beyond the actor's sight
        raise Conflict from error
    return grant
