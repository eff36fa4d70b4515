"""Every question about exports: which lists, which exports, who may decide."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from anlan.exchange.export_models import Export
from anlan.exchange.export_rules import DAYS, MOST_ROWS, ExportState
from anlan.exchange.lists import LISTS, ListSheet
from anlan.foundation.actor import Actor
from anlan.foundation.crypto import decrypt
from anlan.foundation.errors import NotFound
from anlan.foundation.register import context_of
from anlan.foundation.scope import within
from anlan.organisation.models import Member
from anlan.organisation.queries import setting

APPROVERS = ("privacy", "lead")
KEEPS_RECALL_LIST = "privacy"


def access_list(actor: Actor, key: str) -> ListSheet:
    """Return a list whose page the post may open, or raise NotFound."""
    sheet = LISTS.get(key)
    if sheet is None or not sheet.is_open_to(actor):
        raise NotFound
    return sheet


def own_exports(actor: Actor) -> QuerySet[Export]:
    """Return what this post asked for: whoever holds it goes on with it."""
    return Export.objects.filter(within(actor.ranges), post_id=actor.post_id)


def exports_to_decide(actor: Actor) -> QuerySet[Export]:
    """Return what waits for somebody like the actor; none for a post that may not approve."""
    if not actor.has_purpose(*APPROVERS):
        return Export.objects.none()
    waiting = Export.objects.filter(within(actor.ranges), state=ExportState.ASKED)
    return waiting.exclude(member_id=actor.member_id).exclude(account_id=actor.account_id)


def exports_in_range(actor: Actor) -> QuerySet[Export]:
    """Return every export of the actor's ranges, for data protection; none for others."""
    rows = Export.objects.filter(within(actor.ranges))
    return rows if actor.has_purpose(KEEPS_RECALL_LIST) else rows.none()


def access_export(actor: Actor, export_id: UUID) -> Export:
    """Return an export to its post and to posts that approve in its area, or raise NotFound."""
    row = Export.objects.filter(within(actor.ranges), pk=export_id).first()
    if row is None or not (row.post_id == actor.post_id or actor.has_purpose(*APPROVERS)):
        raise NotFound
    return row


def covers(actor: Actor, export: Export) -> bool:
    """Say whether the post approves for all areas that the export is about."""
    return actor.has_purpose(*APPROVERS) and all(actor.ranges.covers(code) for code in export.ranges)


def is_own(actor: Actor, export: Export) -> bool:
    """Say whether the actor is who asked, also under another account or in another post."""
    if actor.member_id == export.member_id or actor.account_id == export.account_id:
        return True
    found = {row.pk: row for row in Member.objects.filter(pk__in=[actor.member_id, export.member_id])}
    if len(found) < 2:
        return False
    (one, another) = found.values()
    return one.name == another.name and bool(one.phone) and _phone(one) == _phone(another)


def _phone(member: Member) -> str:
    return decrypt(bytes(member.phone or b""), context=context_of(Member, "phone")) if member.phone else ""


def may_decide(actor: Actor, export: Export) -> bool:
    """Say whether the actor may approve or decline it now."""
    return export.state == ExportState.ASKED and covers(actor, export) and not is_own(actor, export)


def may_recall(actor: Actor, export: Export) -> bool:
    """Say whether the actor may take it back: its post, and whoever may approve there."""
    return export.post_id == actor.post_id or covers(actor, export)


def most_rows(actor: Actor, now: datetime) -> int:
    """Return how many rows one export may have in the actor's area."""
    return int(setting(MOST_ROWS.key, actor.area_code, now=now, default=MOST_ROWS.default))


def days_kept(area_code: str, now: datetime) -> int:
    """Return how many days a file is kept."""
    return int(setting(DAYS.key, area_code, now=now, default=DAYS.default))
