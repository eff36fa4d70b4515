"""Ask for a list as a file; nothing of it is read before whoever must allow it has."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.exchange.export_models import Export
from anlan.exchange.export_queries import access_list, most_rows
from anlan.exchange.export_rules import (
    IDENTITY,
    LONGEST_NOTE,
    NUMBER_LENGTH,
    NUMBER_LETTERS,
    ExportFormat,
    ExportReason,
    ExportState,
)
from anlan.exchange.export_starting import start_export, tell_export
from anlan.exchange.lists import ListSheet
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, Text
from anlan.foundation.ids import new_id
from anlan.foundation.keyset import count_up_to

SUBJECT = "exchange.Export"


class ExportInvalid(Invalid):
    """Say what is missing from the asking for an export."""

    code = "export_invalid"
    sentence = _("请按提示补全导出申请。")


class ExportFormSpent(Conflict):
    """The form's id is somebody else's: said as for one that is used up."""

    code = "form_spent"
    sentence = _("这份表单已失效，请重新打开导出页面再申请。")


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """What somebody asks for."""

    list: str
    filters: Mapping[str, str]
    columns: Collection[str]
    why: str
    note: str = ""
    format: str = ExportFormat.XLSX
    export_id: UUID | None = None


def ask_export(*, actor: Actor, asked: ExportAsked, now: datetime) -> Export:
    """Ask for a list of the actor's pages as a file. What tells of nobody is made at once.

    A second call with the same `export_id` is the same act. Raises NotFound for a list the post cannot open
    or a filter beyond its ranges, ExportInvalid.
    """
    sheet = access_list(actor, asked.list)
    with transaction.atomic():
        if asked.export_id is not None:
            earlier = Export.objects.filter(pk=asked.export_id, post_id=actor.post_id).first()
            if earlier is not None:
                return earlier
        filters = sheet.chosen(asked.filters)
        columns = [column.key for column in sheet.columns_of(filters)]
        _check(columns, asked)
        export = _make(
            id=asked.export_id or new_id(),
            area_code=actor.area_code,
            number=_number(),
            list_key=sheet.key,
            filters=filters,
            columns=[key for key in columns if key in asked.columns],
            why=asked.why,
            note=asked.note.strip(),
            format=asked.format,
            language="zh-hans" if sheet.register else get_language() or "zh-hans",
            is_personal=sheet.is_personal,
            ranges=list(actor.ranges.codes),
            state=ExportState.ASKED if sheet.is_personal else ExportState.APPROVED,
            estimate=estimate(actor, sheet, filters, now),
            account_id=actor.account_id,
            member_id=actor.member_id,
            member_name=actor.member_name,
            post_id=actor.post_id,
            post_title=actor.post_title,
            appointment_id=actor.appointment_id,
            asked_at=now,
        )
        detail = {"list": sheet.key, "number": export.number, "columns": export.columns}
        audit.record("ask_export", SUBJECT, [export.pk], why=export.why, detail=detail)
        (tell_export if sheet.is_personal else start_export)(export)
    return export


def estimate(actor: Actor, sheet: ListSheet, filters: Mapping[str, str], now: datetime) -> int:
    """Return how many rows the list has now; raise NotFound, or ExportInvalid for too many."""
    most = most_rows(actor, now)
    rows = sheet.found(actor, filters, now).select_related(None).prefetch_related(None)
    count, is_exact = count_up_to(rows, limit=most, ranges=actor.ranges if sheet.by_ranges else None)
    if not is_exact:
        sentence = _("超过一次导出的上限 %(most)s 行。请先在列表页缩小范围，再导出。") % {"most": f"{most:,}"}
        raise ExportInvalid(sentence, code="too_many_rows")
    return count


def _check(columns: Collection[str], asked: ExportAsked) -> None:
    wrong: dict[str, Text] = {}
    if not set(asked.columns) or set(asked.columns) - set(columns):
        wrong["columns"] = _("请至少选一列。只选用得着的。")
    if asked.why not in ExportReason.values:
        wrong["why"] = _("请选择导出原因。")
    if len(asked.note) > LONGEST_NOTE:
        wrong["note"] = _("补充说明最多 200 字。")
    elif IDENTITY.search(asked.note):
        wrong["note"] = _("补充说明里不要写证件号、电话等号码。")
    if asked.format not in ExportFormat.values:
        wrong["format"] = _("请选择文件格式。")
    if wrong:
        raise ExportInvalid(fields=wrong)


def _make(**columns: Any) -> Export:
    """Write the row; the id of somebody else's, or of no form, is said to be spent."""
    try:
        with transaction.atomic():
            return Export.objects.create(**columns)
    except IntegrityError as error:
        if "exchange_export_pkey" in str(error):
            raise ExportFormSpent from error
        raise


def _number() -> str:
    return "".join(secrets.choice(NUMBER_LETTERS) for _place in range(NUMBER_LENGTH))
