"""Counts all reports and sheets anew and compares: `anlan rebuild-counts`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.scope import duty
from anlan.organisation.models import Area
from anlan.organisation.rules import AreaLevel
from anlan.surveillance.recounting import Recount, rebuild_counts

SHOWN = 20


class Command(BaseCommand):
    """Recount, print every disagreement, put it right; fail where there was one."""

    help = "从报告和计数表重新计数并核对 / count reports and sheets anew, compare with what is kept"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the area, whether only to compare, and how much to print."""
        parser.add_argument("--area", default="", help="只算这个区域 / this area only")
        parser.add_argument("--check", action="store_true", help="只核对不改 / compare only")
        parser.add_argument("--show", type=int, default=SHOWN, help="最多列出几处 / disagreements to list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recount district by district."""
        districts = [options["area"]] if options["area"] else _districts()
        wrong = 0
        for code in districts:
            with duty("detect", ranges=AreaRanges.of([code]), cause="rebuild_counts"):
                found = rebuild_counts(code, mend=not options["check"], now=utc_now())
            wrong += len(found.sources) + len(found.cells)
            self._tell(code, found, options["show"])
        if wrong:
            mended = "" if options["check"] else "，已改正"
            raise CommandError(f"共 {wrong} 处不符{mended} / {wrong} disagreements")

    def _tell(self, code: str, found: Recount, show: int) -> None:
        said = "相符 agrees" if found.agrees else "不符 disagrees"
        self.stdout.write(f"{code}: {found.source_count} 份报告和表 reports and sheets · {said}")
        for source, kept, wanted in found.sources[:show]:
            self.stdout.write(f"  ✗ {source}: 计为 counted {kept}, 应为 should be {wanted}")
        for indicator, area, on, count, right in found.cells[:show]:
            self.stdout.write(f"  ✗ {indicator} {area} {on}: {count} ≠ {right}")


def _districts() -> list[str]:
    rows = Area.objects.filter(level=AreaLevel.DISTRICT, ends_at=None)
    return list(rows.order_by("code").values_list("code", flat=True))
