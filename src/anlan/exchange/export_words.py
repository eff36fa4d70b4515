"""What stands on an exported file: its watermark and its name."""

from datetime import datetime

from django.utils.translation import gettext as _

from anlan.exchange.export_models import Export
from anlan.exchange.lists import ListSheet
from anlan.foundation.clock import SHANGHAI


def watermark_of(export: Export, now: datetime) -> str:
    """Return who made a file, in which post, when, under which number and what for."""
    facts = {
        "number": export.number,
        "name": export.member_name,
        "post": export.post_title,
        "at": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "why": export.get_why_display(),
    }
    return _("导出编号 %(number)s · %(name)s（%(post)s）· %(at)s · 仅用于：%(why)s") % facts


def file_name(export: Export, sheet: ListSheet) -> str:
    """Return the name of the file, by which it is known again."""
    return f"{sheet.title}-{export.number}.{export.format}"
