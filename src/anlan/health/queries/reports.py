"""Every question about case reports and what the pack says of conditions."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import NoSuchEntry, entry, section
from anlan.foundation.packs import Text
from anlan.foundation.scope import duty, require_scope, within
from anlan.health.models import CaseReport, Pseudonym, ReportReceipt
from anlan.health.pack import Disease, Symptom, Syndrome
from anlan.health.rules import CaseState, syndromes_of
from anlan.organisation.queries import post_role

RECEIVED = "received"  # a reply that says no more than that the report is here
UNSPECIFIED = "unspecified_illness"  # a syndrome of the pack: ill, and no pattern met


def condition_named(key: str) -> Disease | Syndrome | None:
    """Return the disease or syndrome under this key, or None."""
    try:
        return entry(Disease, key)
    except NoSuchEntry:
        pass
    try:
        return entry(Syndrome, key)
    except NoSuchEntry:
        return None


def conditions() -> list[Disease | Syndrome]:
    """Return all syndromes, then all diseases, of the pack in force."""
    return [*section(Syndrome), *section(Disease)]


def symptoms() -> list[Symptom]:
    """Return the pack's dictionary of symptoms."""
    return section(Symptom)


def syndrome_from(reported: Iterable[str]) -> str:
    """Return the syndrome these symptoms make; where they make none, the one for a case not understood."""
    found = syndromes_of(reported, section(Syndrome))
    return found[0] if found else UNSPECIFIED


def condition_title(key: str) -> Text | None:
    """Return what a condition is called."""
    found = condition_named(key)
    return found.title if found else None


def may_name(actor: Actor, condition: str) -> bool:
    """Say whether this post may be told the name of a condition, by its visibility class."""
    found, role = condition_named(condition), post_role(actor.role)
    return found is None or (role is not None and found.visibility in role.sees_visibility)


def visible_reports(actor: Actor) -> QuerySet[CaseReport]:
    """Return the reports in the actor's ranges; none without the purpose `health` (the policy)."""
    return CaseReport.objects.filter(within(actor.ranges))


def awaiting_card(actor: Actor) -> QuerySet[CaseReport]:
    """Return the reports whose legal clock runs: 尚未网络直报, the first to be due first."""
    open_ones = visible_reports(actor).filter(
        card_due_at__isnull=False, card_number="", not_notifiable_because=""
    )
    rows = open_ones.exclude(state=CaseState.EXCLUDED).select_related("facility", "group", "building")
    return rows.order_by("card_due_at", "id")


def access_report(actor: Actor, report_id: UUID) -> CaseReport:
    """Return one report, or raise NotFound."""
    report = (
        visible_reports(actor).filter(pk=report_id).select_related("facility", "group", "building").first()
    )
    if report is None:
        raise NotFound
    return report


def reports_behind(actor: Actor, report_ids: Iterable[UUID]) -> QuerySet[CaseReport]:
    """Return those of these reports that the actor may see, oldest onset first."""
    chosen = visible_reports(actor).filter(pk__in=list(report_ids))
    return chosen.select_related("facility", "group", "building").order_by("onset_on", "reported_at")


def grids_of_reports(report_ids: Iterable[UUID]) -> list[str]:
    """Return the grids these reports lie in, under the scope in force."""
    rows = CaseReport.objects.filter(pk__in=list(report_ids)).values_list("area_code", flat=True)
    return sorted(set(rows))


def groups_of_reports(report_ids: Iterable[UUID]) -> list[UUID]:
    """Return the classes, dormitories and wards these reports name, under the scope in force."""
    rows = CaseReport.objects.filter(pk__in=list(report_ids), group__isnull=False)
    return sorted({UUID(str(key)) for key in rows.values_list("group_id", flat=True)})


def replies_owed(actor: Actor, since: datetime) -> QuerySet[ReportReceipt]:
    """Return receipts in the actor's ranges whose reporters have heard nothing since, the oldest first."""
    waiting = ReportReceipt.objects.filter(within(actor.ranges), reported_at__gte=since, reply=RECEIVED)
    return waiting.order_by("reported_at", "id")


def replies_to(actor: Actor, since: datetime) -> QuerySet[ReportReceipt]:
    """Return what became of what this post reported, the newest first."""
    own = ReportReceipt.objects.filter(within(actor.ranges), post_id=actor.post_id, reported_at__gte=since)
    return own.order_by("-reported_at")


def people_in_event_files(ids: Collection[UUID]) -> set[UUID]:
    """Return which of these residents a report names, so that an undone import leaves them."""
    areas = require_scope().ranges
    with duty("undo_import", ranges=areas, cause="undo"):
        return set(Pseudonym.objects.filter(resident_id__in=ids).values_list("resident_id", flat=True))
