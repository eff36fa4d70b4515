"""Declare that two areas concern each other though they share no border, and end it."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.organisation.events import AreasLinked, AreasUnlinked
from anlan.organisation.models import AreaLink
from anlan.organisation.queries import access_area_of, in_force, in_realm, may_manage
from anlan.organisation.rules import LinkKind

SUBJECT = "organisation.AreaLink"
REASON_LIMIT = 300


class LinkInvalid(Invalid):
    """These two cannot be linked."""

    code = "link_invalid"


class AlreadyLinked(Conflict):
    """The two are linked already."""

    code = "already_linked"
    sentence = _("这两个区域已登记关联。")


def declare_link(*, actor: Actor, code: str, other_code: str, reason: str, now: datetime) -> AreaLink:
    """Link two areas of one level; the actor's post must look after one of them.

    Raises NotFound, NotAllowed, LinkInvalid, AlreadyLinked.
    """
    with transaction.atomic():
        one, other = access_area_of(actor, code, now=now), access_area_of(actor, other_code, now=now)
        if not (may_manage(actor, one.code) or may_manage(actor, other.code)):
            raise NotAllowed
        if one.code == other.code or one.level != other.level:
            raise LinkInvalid(fields={"other": _("请选择同一层级的另一个区域。")})
        words = reason.strip()
        if not words or len(words) > REASON_LIMIT:
            raise LinkInvalid(fields={"reason": _("请写明关联原因（1 到 300 字）。")})
        low, high = sorted((one.code, other.code))
        link = _create(low, high, words, now)
        audit.record("declare_link", SUBJECT, [link.pk], area_code=one.code, why=words)
        publish(AreasLinked(link_id=link.pk, low_code=low, high_code=high, area_code=low, occurred_at=now))
        _announce(link)
    return link


def end_link(*, actor: Actor, link_id: UUID, now: datetime) -> AreaLink:
    """End a declared link; a border cannot be ended, and ending twice changes nothing.

    Raises NotFound, NotAllowed.
    """
    with transaction.atomic():
        rows = AreaLink.objects.select_for_update().filter(in_realm(actor, "low_code"))
        link = rows.filter(pk=link_id, kind=LinkKind.DECLARED).first()
        if link is None:
            raise NotFound
        if not (may_manage(actor, link.low_code) or may_manage(actor, link.high_code)):
            raise NotAllowed
        if link.ends_at is not None:
            return link
        link.ends_at = now
        link.save(update_fields=["ends_at"])
        audit.record("end_link", SUBJECT, [link.pk], area_code=link.low_code)
        low, high = link.low_code, link.high_code
        publish(AreasUnlinked(link_id=link.pk, low_code=low, high_code=high, area_code=low, occurred_at=now))
        _announce(link)
    return link


def _create(low: str, high: str, reason: str, now: datetime) -> AreaLink:
    alike = AreaLink.objects.filter(in_force(now), low_code=low, high_code=high, kind=LinkKind.DECLARED)
    if alike.exists():
        raise AlreadyLinked
    try:
        with transaction.atomic():
            return AreaLink.objects.create(
                low_code=low, high_code=high, kind=LinkKind.DECLARED, reason=reason, starts_at=now
            )
    except IntegrityError as error:
        raise AlreadyLinked from error


def _announce(link: AreaLink) -> None:
    for code in (link.low_code, link.high_code):
        announce_change("areas", code)
