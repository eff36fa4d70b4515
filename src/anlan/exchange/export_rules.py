"""States of an export, why one is made, and its limits."""

import re
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.foundation.known_settings import KnownSetting

CHUNK_ROWS = 2000  # read, put on record and written at once
LONGEST_NOTE = 200
IDENTITY = re.compile(r"\d[\d\s-]{4,}\d")  # six digits and more: a number of somebody
NUMBER_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is read for another
NUMBER_LENGTH = 8
UNFINISHED_FILES_KEPT = timedelta(days=1)  # of jobs that were killed and never run again

DAYS = KnownSetting(
    "exports.days",
    _("导出文件保留天数"),
    _("调低则文件更早销毁；到期后只留导出记录。"),
    7,
    1,
    14,
)
MOST_ROWS = KnownSetting(
    "exports.most_rows",
    _("一次导出的最多行数"),
    _("调低则更早要求缩小范围；调高须有理由。"),
    100_000,
    1000,
    200_000,
)
EXPORT_SETTINGS = (DAYS, MOST_ROWS)


class ExportState(models.TextChoices):
    """The way of a list into a file, and the file's end."""

    ASKED = "asked", _("待审批")
    APPROVED = "approved", _("已批准，等待生成")
    DECLINED = "declined", _("未批准")
    MAKING = "making", _("生成中")
    READY = "ready", _("可下载")
    EXPIRED = "expired", _("已到期销毁")
    RECALLED = "recalled", _("已收回")
    FAILED = "failed", _("未能生成")


AT_WORK = frozenset({ExportState.APPROVED, ExportState.MAKING})
MAY_RECALL = frozenset({ExportState.ASKED, *AT_WORK, ExportState.READY})
NEEDS_DECISION = frozenset({*AT_WORK, ExportState.READY, ExportState.EXPIRED})


class ExportReason(models.TextChoices):
    """Why somebody needs a list as a file; there is no 'other' (SAFETY.md row 14)."""

    VISITS = "visits", _("入户走访，线下核对")
    REGISTER = "register", _("核对、补正登记后导回")
    RESPONSE = "response", _("应急处置，断网或现场备用")
    SUPERIOR = "superior", _("依法向上级或主管部门报送")
    MEETING = "meeting", _("会商、交接、总结")
    OVERSIGHT = "oversight", _("监督检查、审计")
    REQUEST = "request", _("本人要求提供其信息")


class ExportFormat(models.TextChoices):
    """The kinds of file."""

    XLSX = "xlsx", _("Excel 工作簿（.xlsx）")
    CSV = "csv", _("CSV 文本（.csv）")


PROBLEMS = {
    "rights_ended": _("申请人的任职或权限已结束，未生成。"),
    "too_large": _("文件超过 20 MB。请缩小范围或少选几列。"),
    "too_many_rows": _("行数超过上限。请缩小范围。"),
    "broken": _("生成时出错，错误已记录。请稍后重新申请。"),
    "cell_too_long": _("有一格的内容超出 Excel 的长度。请改用 CSV。"),
}
