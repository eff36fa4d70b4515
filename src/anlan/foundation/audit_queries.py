"""Questions about the audit: who looked at a record, and what was done, for those entitled to ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet, UUIDField
from django.utils.translation import gettext as _

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.audit_words import SUBJECTS, VERBS, WHY
from anlan.foundation.clock import end_of, start_of
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.models import AuditEntry, AuditSubject
from anlan.foundation.ports import ports
from anlan.foundation.register import read_register
from anlan.foundation.scope import duty, within
from anlan.foundation.scoped_models import UNSCOPED, is_placed

ERASE, REFUSE = "erase", "refuse"  # verbs
OVERSIGHT = ("audit", "privacy")  # auditor and data-protection officer
RECORD_SHOWN = 200  # the newest entries about one record


@dataclass(frozen=True, slots=True)
class Look:
    """One entry as it is shown: who, through which post, when, what and why; never what was seen."""

    id: UUID
    at: datetime
    what: str
    why: str
    member_id: UUID | None
    member_name: str
    post_id: UUID | None
    post_title: str
    about: str
    subject: str
    subject_count: int
    only_subject_id: UUID | None  # where a page tells who else looked at it


def may_ask_about_records(actor: Actor) -> bool:
    """Say whether a post may ask who looked: oversight anywhere in range, a supervisor for his own area.

    A supervisor is a post that both works in the grids and leads: community secretary, subdistrict officer.
    """
    return actor.has_purpose(*OVERSIGHT) or actor.purposes >= {"grid_work", "lead"}


def entries_about(actor: Actor, subject: str, row_id: UUID) -> list[Look]:
    """Return the newest looks at and changes of one record, also those by posts of wider areas.

    Raises NotAllowed for a post without oversight, NotFound for a record out of the actor's range.
    """
    if not may_ask_about_records(actor):
        raise NotAllowed
    area_code = _area_of_record(actor, subject, row_id)
    ranges = AreaRanges.everywhere() if area_code is not None else actor.ranges
    with duty("answer_audit", ranges=ranges, cause=str(row_id)):
        about = AuditSubject.objects.filter(subject_id=row_id).order_by("-entry_id")
        ids = list(about.values_list("entry_id", flat=True)[:RECORD_SHOWN])
        entries = list(AuditEntry.objects.filter(pk__in=ids, subject=subject).order_by("-at", "-id"))
        if area_code is None and (not entries or _is_erased(about)):
            raise NotFound
    return looks(entries)


def _is_erased(about: QuerySet[AuditSubject]) -> bool:
    """Say whether the record was erased: it is then as absent here as everywhere; the list has its acts."""
    return AuditEntry.objects.filter(pk__in=about.order_by().values("entry_id"), verb=ERASE).exists()


def _area_of_record(actor: Actor, subject: str, row_id: UUID) -> str | None:
    """Return where a record lies; None where oversight asks about one that its own post cannot read."""
    model = _placed_model(subject)
    rows = model._default_manager.filter(pk=row_id)
    if subject not in UNSCOPED:
        rows = rows.filter(within(actor.ranges))
    found = rows.values_list("area_code", flat=True).first()
    if found is None and not actor.has_purpose(*OVERSIGHT):
        raise NotFound
    return None if found is None else str(found)


def _placed_model(subject: str) -> type[Model]:
    if not _has_records(subject):
        raise NotFound
    return apps.get_model(subject)


@cache
def _has_records(subject: str) -> bool:
    """Say whether one may ask who looked at one record of this kind: it lies in an area."""
    if subject not in read_register().fields:
        return False
    model = apps.get_model(subject)
    return is_placed(model) and isinstance(model._meta.pk, UUIDField)


def visible_entries(
    actor: Actor,
    *,
    member_id: UUID | None = None,
    post_id: UUID | None = None,
    verb: str = "",
    on: date | None = None,
) -> QuerySet[AuditEntry]:
    """Return the entries of the auditor's ranges, narrowed as asked."""
    entries = AuditEntry.objects.filter(within(actor.ranges))
    if member_id:
        entries = entries.filter(member_id=member_id)
    if post_id:
        entries = entries.filter(post_id=post_id)
    if verb:
        entries = entries.filter(verb=verb)
    if on:
        entries = entries.filter(at__gte=start_of(on), at__lt=end_of(on))
    return entries


def looks(entries: Sequence[AuditEntry]) -> list[Look]:
    """Return entries with the names of members and posts."""
    names = ports().names_of(_ids(entries))
    return [
        Look(
            id=entry.pk,
            at=entry.at,
            what=str(VERBS.get(entry.verb, entry.verb)),
            why=str(WHY.get(entry.why, entry.why)),
            member_id=entry.member_id,
            member_name=names.get(entry.member_id, "") if entry.member_id else "",
            post_id=entry.post_id,
            post_title=names.get(entry.post_id, "") if entry.post_id else "",
            about=_about(entry),
            subject=entry.subject,
            subject_count=len(entry.subject_ids),
            only_subject_id=_only_record(entry),
        )
        for entry in entries
    ]


def _about(entry: AuditEntry) -> str:
    if entry.verb == REFUSE:  # its subject is the page that was asked for
        return _("页面 %(name)s") % {"name": entry.subject}
    return str(SUBJECTS.get(entry.subject, entry.subject))


def _only_record(entry: AuditEntry) -> UUID | None:
    """Return the one record of which the page about a record can tell more."""
    return entry.subject_ids[0] if len(entry.subject_ids) == 1 and _has_records(entry.subject) else None


def _ids(entries: Iterable[AuditEntry]) -> set[UUID]:
    both = [(entry.member_id, entry.post_id) for entry in entries]
    return {found for pair in both for found in pair if found is not None}
