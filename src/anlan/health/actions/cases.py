"""Take a case a step on, enter its statutory card, tell its reporter what became of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.health.events import CaseExcluded
from anlan.health.models import CaseReport, CaseStep, EventCase, ReportReceipt
from anlan.health.queries import access_report
from anlan.health.rules import NEXT_STATES, CaseState

SUBJECT = "health.CaseReport"
NOTE_LIMIT = 1000
WITH_ITS_SIGNAL = "所属信号已核实"


class NotNextState(Conflict):
    """The case is not at a state from which this step leads."""

    code = "not_next_state"
    sentence = _("病例状态已改变，不能再做这一步，请刷新后再看。")


def take_case_step(
    *, actor: Actor, report_id: UUID, state: CaseState, note: str, now: datetime, expected_version: int
) -> CaseReport:
    """Take a case to its next state, with who and when. Raises NotFound, NotNextState."""
    with transaction.atomic():
        access_report(actor, report_id)
        row = CaseReport.objects.select_for_update().get(pk=report_id)
        if row.version != expected_version or state not in NEXT_STATES[row.state]:
            raise NotNextState
        row.state = state
        row.version += 1
        row.save(update_fields=["state", "version"])
        EventCase.objects.filter(report_id=row.pk).update(state=state)
        enter_state(row, now, actor, note[:NOTE_LIMIT])
        reply = "excluded" if state == CaseState.EXCLUDED else "looked_at"
        ReportReceipt.objects.filter(report_id=row.pk).update(reply=reply, replied_at=now)
        audit.record("take_case_step", SUBJECT, [row.pk], area_code=row.area_code, detail={"state": state})
        if state == CaseState.EXCLUDED:
            publish(
                CaseExcluded(
                    report_id=row.pk,
                    condition=row.condition,
                    counted_on=row.onset_on or day_of(row.reported_at),
                    area_code=row.area_code,
                    occurred_at=now,
                )
            )
        announce_change("reports", row.area_code)
    return row


def verify_cases(*, report_ids: Iterable[UUID], now: datetime) -> int:
    """Take the suspected of these cases to verified with their signal; return how many. A consequence."""
    with transaction.atomic():
        suspected = CaseReport.objects.select_for_update().filter(
            pk__in=list(report_ids), state=CaseState.SUSPECTED
        )
        rows = list(suspected.order_by("pk"))
        for row in rows:
            row.state = CaseState.VERIFIED
            row.version += 1
            row.save(update_fields=["state", "version"])
            CaseStep.objects.create(
                report=row, area_code=row.area_code, state=row.state, at=now, note=WITH_ITS_SIGNAL
            )
            announce_change("reports", row.area_code)
        EventCase.objects.filter(report_id__in=[row.pk for row in rows]).update(state=CaseState.VERIFIED)
        if rows:
            ids = [row.pk for row in rows]
            audit.record("verify_cases", SUBJECT, ids, area_code=rows[0].area_code[:6])
    return len(rows)


def enter_card(
    *, actor: Actor, report_id: UUID, card_number: str, because: str, now: datetime, expected_version: int
) -> CaseReport:
    """Enter the number of the statutory card, or why the case is not notifiable; one of the two."""
    card_number, because = card_number.strip(), because.strip()
    if bool(card_number) == bool(because) or len(card_number) > 40 or len(because) > 200:
        raise Invalid(_("请填写报告卡编号，或写明无需报卡的理由（二者填一）。"), code="card_or_reason")
    with transaction.atomic():
        access_report(actor, report_id)
        row = CaseReport.objects.select_for_update().get(pk=report_id)
        if row.version != expected_version:
            raise Conflict
        row.card_number, row.not_notifiable_because = card_number, because
        row.version += 1
        row.save(update_fields=["card_number", "not_notifiable_because", "version"])
        enter_state(row, now, actor, because)
        audit.record("enter_card", SUBJECT, [row.pk], area_code=row.area_code)
        announce_change("reports", row.area_code)
    return row


def settle_reports(*, report_ids: Iterable[UUID], holds: bool, now: datetime) -> int:
    """Tell the reporters of these reports what became of them; return how many. A consequence."""
    reply = "confirmed" if holds else "excluded"
    told = ReportReceipt.objects.filter(report_id__in=list(report_ids)).exclude(reply=reply)
    with transaction.atomic():
        for area_code in told.values_list("area_code", flat=True).distinct():
            announce_change("replies", area_code)
        return told.update(reply=reply, replied_at=now)


def enter_state(row: CaseReport, now: datetime, actor: Actor, note: str) -> None:
    """Write down that a case entered its state, by whom."""
    CaseStep.objects.create(
        report=row,
        area_code=row.area_code,
        state=row.state,
        at=now,
        post_title=actor.post_title,
        member_name=actor.member_name,
        note=note,
    )
