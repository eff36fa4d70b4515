"""Keep the roll-up of daily counts: each report counted once, taken out once when excluded."""

from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from anlan.surveillance.models import Counted, DailyCount


def indicator_of(condition: str) -> str:
    """Return the indicator that counts case reports of a condition."""
    return f"reports:{condition}"


def count_report(*, report_id: UUID, condition: str, area_code: str, on: date) -> bool:
    """Count a report in its grid and day; return False where it had been counted before."""
    indicator = indicator_of(condition)
    with transaction.atomic():
        _counted, is_new = Counted.objects.get_or_create(
            report_id=report_id, indicator=indicator, defaults={"area_code": area_code, "on": on}
        )
        if is_new:
            row, _made = DailyCount.objects.get_or_create(indicator=indicator, area_code=area_code, on=on)
            DailyCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return is_new


def uncount_report(*, report_id: UUID, condition: str) -> bool:
    """Take an excluded report out of the counts; return False where it was not in them."""
    indicator = indicator_of(condition)
    with transaction.atomic():
        counted = Counted.objects.select_for_update().filter(report_id=report_id, indicator=indicator).first()
        if counted is None:
            return False
        DailyCount.objects.filter(
            indicator=indicator, area_code=counted.area_code, on=counted.on, count__gt=0
        ).update(count=F("count") - 1)
        counted.delete()
    return True


REBUILD = """
    WITH recount AS (
        SELECT indicator, area_code, "on", count(*)::int AS n FROM surveillance_counted
        WHERE area_code >= %(low)s AND area_code < %(high)s GROUP BY 1, 2, 3
    )
    SELECT coalesce(r.indicator, d.indicator), coalesce(r.area_code, d.area_code), coalesce(r."on", d."on"),
           coalesce(d.count, 0), coalesce(r.n, 0)
    FROM recount r FULL JOIN (
        SELECT * FROM surveillance_dailycount WHERE area_code >= %(low)s AND area_code < %(high)s
    ) d ON (d.indicator, d.area_code, d."on") = (r.indicator, r.area_code, r."on")
    WHERE coalesce(d.count, 0) <> coalesce(r.n, 0)
"""


def disagreements(area_code: str) -> list[tuple[str, str, date, int, int]]:
    """Return (indicator, area, day, kept, recounted) wherever the roll-up and a recount differ."""
    with connection.cursor() as cursor:
        cursor.execute(REBUILD, {"low": area_code, "high": area_code + "~"})
        return list(cursor.fetchall())
