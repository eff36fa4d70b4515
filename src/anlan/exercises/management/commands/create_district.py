"""Makes the synthetic district of this installation, once."""

import os
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections, transaction

from anlan.exercises.district.build import build_district
from anlan.exercises.district.furnish import furnish_district
from anlan.exercises.district.place import place_in_force
from anlan.exercises.district.sign_ins import give_sign_ins, write_sign_ins
from anlan.foundation.clock import utc_now
from anlan.organisation.models import Area

ANALYSED = (
    "organisation_building", "people_household", "people_resident", "people_searchtoken", "people_enrolment",
    "organisation_body", "organisation_seat", "organisation_checklistanswer", "people_keyperson",
    "people_visit", "people_householdassignment",
)  # fmt: skip


class Command(BaseCommand):
    """Draw and store a district; leave one that exists alone."""

    help = "生成合成演示区 / make the synthetic district (skipped where one exists)"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many live there (else as many as the pack's place has), the seed, the code."""
        parser.add_argument("--residents", type=int, default=int(os.environ.get("RESIDENTS") or 0))
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--code", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it."""
        place, now, began = place_in_force(), utc_now(), time.monotonic()
        own_code = settings.DISTRICT_CODE or place.code
        code, residents = options["code"] or own_code, options["residents"] or place.residents
        if Area.objects.filter(code=code, ends_at=None).exists():
            self.stdout.write(f"  区 {code} 已存在，未改动 / district {code} exists; nothing was changed")
            return
        suffix = "" if code == own_code else f".{code}"
        with transaction.atomic():  # a district is there whole, or not at all
            built = build_district(
                code, residents=residents, seed=options["seed"], now=now, say=self.stdout.write, place=place
            )
            made = give_sign_ins(built.layout, built.staff, now, suffix)
            counts = furnish_district(built, seed=options["seed"], now=now)
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        self.stdout.write(f"  {time.monotonic() - began:5.1f} s  furnished: {told}")
        write_sign_ins(made, settings.DATA_DIR, suffix)
        with connections["owner"].cursor() as cursor:  # only an owner's ANALYZE counts
            cursor.execute(f"ANALYZE {', '.join(ANALYSED)}")
        self.stdout.write(f"  {residents:,} 居民 residents: {time.monotonic() - began:.1f} s")
