"""Approve, decline or recall an export: one outcome each, the row locked."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.exchange.actions.exporting.asking import SUBJECT
from anlan.exchange.export_models import Export
from anlan.exchange.export_queries import access_export, covers, is_own, may_recall
from anlan.exchange.export_rules import MAY_RECALL, ExportState
from anlan.exchange.export_starting import start_export, tell_export
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.files import remove_file

LONGEST_REASON = 500


class OwnExport(NotAllowed):
    """Say that somebody else has to decide."""

    code = "own_export"
    sentence = _("自己申请的导出由另一人审批，换岗位、换账号也不行。")


class ReasonMissing(Invalid):
    """Ask why an export is declined."""

    code = "reason_missing"
    sentence = _("请写明不批准的理由，最多 500 字。")


class ExportMovedOn(Conflict):
    """Say that the export is no longer where the page showed it."""

    code = "export_moved_on"
    sentence = _("这项导出已有变化，请看过现在的状态再操作。")


def approve_export(*, actor: Actor, export_id: UUID, expected_version: int, now: datetime) -> Export:
    """Let an export be made. Raises NotFound, NotAllowed, OwnExport, ExportMovedOn."""
    with transaction.atomic():
        export = _to_decide(actor, export_id, expected_version)
        export.state = ExportState.APPROVED
        _decide(export, actor, now)
        audit.record("approve_export", SUBJECT, [export.pk], area_code=export.area_code)
        start_export(export)
    return export


def decline_export(
    *, actor: Actor, export_id: UUID, reason: str, expected_version: int, now: datetime
) -> Export:
    """Refuse an export, with the reason. Raises as approve_export does, and ReasonMissing."""
    words = reason.strip()
    if not 0 < len(words) <= LONGEST_REASON:
        raise ReasonMissing(fields={"reason": ReasonMissing.sentence})
    with transaction.atomic():
        export = _to_decide(actor, export_id, expected_version)
        export.state, export.decline_reason = ExportState.DECLINED, words
        _decide(export, actor, now)
        audit.record("decline_export", SUBJECT, [export.pk], area_code=export.area_code)
        tell_export(export)
    return export


def recall_export(*, actor: Actor, export_id: UUID, now: datetime) -> Export:
    """Take an export back: its file is gone at once, one that is being made stops, the row stays.

    Raises NotFound, NotAllowed, ExportMovedOn.
    """
    with transaction.atomic():
        export = _locked(actor, export_id)
        if not may_recall(actor, export):
            raise NotAllowed
        if export.state not in MAY_RECALL:
            raise ExportMovedOn
        end_export(export, ExportState.RECALLED, now)
        export.ended_by = f"{actor.post_title} {actor.member_name}"
        export.save()
        audit.record("recall_export", SUBJECT, [export.pk], area_code=export.area_code)
        tell_export(export)
    return export


def end_export(export: Export, state: ExportState, now: datetime) -> None:
    """Remove the file of an export and put its end down; the caller saves it."""
    if export.file_id:
        remove_file(export.file_id, cause=str(export.pk))
    export.state, export.ended_at, export.file_id = state, now, None
    export.version += 1


def _to_decide(actor: Actor, export_id: UUID, expected_version: int) -> Export:
    """Return an export that waits for this actor's decision, locked."""
    export = _locked(actor, export_id)
    if is_own(actor, export):
        raise OwnExport
    if not covers(actor, export):
        raise NotAllowed
    if export.state != ExportState.ASKED or export.version != expected_version:
        raise ExportMovedOn
    return export


def _locked(actor: Actor, export_id: UUID) -> Export:
    access_export(actor, export_id)
    return Export.objects.select_for_update().get(pk=export_id)


def _decide(export: Export, actor: Actor, now: datetime) -> None:
    export.decided_member_id, export.decided_name = actor.member_id, actor.member_name
    export.decided_post_id, export.decided_title = actor.post_id, actor.post_title
    export.decided_at = now
    export.version += 1
    export.save()
