"""Forget what care no longer needs: consent that ended, visits of a year ago, arrivals past their day."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from anlan.foundation import audit
from anlan.foundation.actor import RANGE_END
from anlan.foundation.clock import day_of
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.people.actions.care import SUBJECT_CARE
from anlan.people.models import Arrival, KeyPerson, Visit
from anlan.people.rules.care import KEPT_AFTER_CONSENT, VISITS_KEPT, CareBasis


def forget_care(*, now: datetime) -> int:
    """Delete entries 30 days after their consent ended, visits after a year, arrivals after their day.

    Called by the clock under its duty; returns how many rows went. Each district has its own line on record.
    """
    count = 0
    with transaction.atomic():
        going = _going(day_of(now))
        codes = {code for rows in going.values() for code in rows.values_list("area_code", flat=True)}
        for district in sorted({code[: CODE_LENGTH[AreaLevel.DISTRICT]] for code in codes}):
            inside = Q(area_code__gte=district, area_code__lt=district + RANGE_END)
            gone = {name: rows.filter(inside).delete()[0] for name, rows in going.items()}
            audit.record("forget_care", SUBJECT_CARE, area_code=district, detail=gone)
            count += sum(gone.values())
    return count


def _going(today: date) -> dict[str, QuerySet[Model]]:
    lapsed = Q(basis=CareBasis.CONSENT, consent_until__lte=today - KEPT_AFTER_CONSENT)
    return {
        "key_entries": KeyPerson.objects.filter(Q(withdrawn_on__lte=today - KEPT_AFTER_CONSENT) | lapsed),
        "visits": Visit.objects.filter(on__lte=today - VISITS_KEPT),
        "arrivals": Arrival.objects.filter(ends_on__lte=today),
    }
