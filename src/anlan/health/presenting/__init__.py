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
    "ReportLine",
    "SheetLine",
    "card_lines",
    "count_page",
    "due_forms",
    "form_titles",
    "reply_lines",
    "report_lines",
    "sheet_lines",
    "sheet_page",
    "silence",
    "titled",
]
