"""`anlan count-place`: what the place of the pack in force declares, and what its rows hold, side by side."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from anlan.exercises.district.counting import count_place
from anlan.exercises.district.place import place_in_force
from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty


class Command(BaseCommand):
    """Count; end with exit code 1 where a number differs."""

    help = "核对区域包声明的数字与库中的行 / compare the figures of the place with the rows"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a code where the district has another than the place."""
        parser.add_argument("--code", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a figure."""
        place = place_in_force()
        code = options["code"] or settings.DISTRICT_CODE or place.code
        with transaction.atomic(), duty("build_district", ranges=AreaRanges.of([code]), cause="count_place"):
            counted = count_place(place, code)
        self.stdout.write(f"{place.name} {code}: 声明 declared / 库中 in the rows")
        for row in counted:
            mark = "  " if row.agrees else "≠ "
            self.stdout.write(
                f"{mark}{row.total.number:6,} {row.rows:6,}  {row.total.title.zh} {row.total.title.en}"
            )
        differing = [row.total.key for row in counted if not row.agrees]
        if differing:
            raise CommandError(f"与声明不符 / differ from the place: {', '.join(differing)}")
