"""How reports, replies and counts are put before people."""

from anlan.health.presenting.counts import (
    DueForm,
    SheetLine,
    due_forms,
    form_titles,
    sheet_lines,
    silence,
    titled,
)
from anlan.health.presenting.files import KeptRow, count_files, kept_rows
from anlan.health.presenting.reports import (
    REPLIES,
    CardLine,
    ReportLine,
    card_lines,
    reply_lines,
    report_lines,
)
from anlan.health.presenting.sheets import count_page, sheet_page

__all__ = [
    "REPLIES",
    "CardLine",
    "DueForm",
    "KeptRow",
    "ReportLine",
    "SheetLine",
    "card_lines",
    "count_files",
    "count_page",
    "due_forms",
    "form_titles",
    "kept_rows",
    "reply_lines",
    "report_lines",
    "sheet_lines",
    "sheet_page",
    "silence",
    "titled",
]
