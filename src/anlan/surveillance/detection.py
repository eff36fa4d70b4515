"""Look at a report or count sheet as it arrives: count it, try the pack's fixed rules where it lies."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import within
from anlan.health.models import CaseReport, CountSheet
from anlan.health.queries import lines_of_sheet
from anlan.health.rules import CaseState
from anlan.organisation.models import Facility
from anlan.surveillance.counting import Addition, additions_of_sheet, count_report, count_sheet
from anlan.surveillance.indicators import indicator_named, matter_of
from anlan.surveillance.joining import hold_matter, raise_or_join
from anlan.surveillance.models import Counted, Signal
from anlan.surveillance.pack import Indicator, Rule
from anlan.surveillance.placing import AREA_DIGITS, placed
from anlan.surveillance.queries import rules_for, rules_on_counts
from anlan.surveillance.rules import Match, PlacedReport, full_windows, matches

LATE_REPORTING = timedelta(days=30)  # how long apart reports of the same days may come in


def consider_report(*, report_id: UUID, now: datetime) -> list[Signal]:
    """Count a report and try every rule on it; return the signal it raised or joined, if any.

    Safe to run twice: counts, reasons and signals are each kept once.
    """
    with transaction.atomic():
        report = CaseReport.objects.select_related("facility", "group").get(pk=report_id)
        count_report(report=report, now=now)
        if report.state == CaseState.EXCLUDED:
            return []
        hold_matter(report.area_code, matter_of(report.condition))
        newest = placed(report)
        rules = [rule for rule in rules_for(report.condition) if _concerns(rule, report.facility)]
        others = _reports_near(report, rules)
        found = [match for rule in rules for match in _matches(rule, newest, others)]
        return [raise_or_join(found, now=now)] if found else []


def _concerns(rule: Rule, facility: Facility | None) -> bool:
    """Say whether a rule that is for certain kinds of facility has one of them before it."""
    return not rule.facility_kinds or (facility is not None and facility.kind in rule.facility_kinds)


def _reports_near(report: CaseReport, rules: Sequence[Rule]) -> list[PlacedReport]:
    """Return the district's other reports that any of the rules may count."""
    longest = max((rule.within_days for rule in rules), default=0)
    reach = timedelta(days=longest) + LATE_REPORTING
    others = (
        CaseReport.objects.filter(
            within(AreaRanges.of([report.area_code[: AREA_DIGITS["district"]]])),
            condition__in={condition for rule in rules for condition in rule.conditions},
            reported_at__gte=report.reported_at - reach,
            reported_at__lte=report.reported_at + reach,
        )
        .exclude(pk=report.pk)
        .exclude(state=CaseState.EXCLUDED)
        .select_related("group")
    )
    return [placed(other) for other in others]


def _matches(rule: Rule, newest: PlacedReport, others: Iterable[PlacedReport]) -> list[Match]:
    reach = timedelta(days=rule.within_days)
    near = [
        other
        for other in others
        if other.condition in rule.conditions
        and abs(other.known_at - newest.known_at) <= reach + LATE_REPORTING
        and abs(other.on - newest.on) < reach
    ]
    return matches(rule, newest, near)


def consider_sheet(*, sheet_id: UUID, now: datetime, version: int = 0) -> list[Signal]:
    """Count a sheet in place of what it said before and try the rules on counts where it lies.

    What counts is the version that stands; what is judged is the version that was sent, once, also where it
    has been amended since. So a sheet amended downwards lowers the counts, and the signal it raised stays
    for people to judge, whether the amendment came before or after anybody looked. Safe to run twice.
    """
    with transaction.atomic():
        sheet = CountSheet.objects.prefetch_related("lines").get(pk=sheet_id)
        count_sheet(sheet=sheet, now=now)
        said = additions_of_sheet(sheet, lines_of_sheet(sheet_id, version))
        signals: dict[UUID, Signal] = {}
        for key in sorted({one.indicator for one in said if one.count}, key=lambda key: (_matter(key), key)):
            heard = Heard(sheet_id, tuple(one for one in said if one.indicator == key and one.count))
            signals.update(_consider_indicator(key, heard, now))
        return list(signals.values())


@dataclass(frozen=True, slots=True)
class Heard:
    """What one version of a sheet says of one indicator."""

    sheet_id: UUID
    additions: tuple[Addition, ...]


def _matter(key: str) -> str:
    indicator = indicator_named(key)
    return matter_of(indicator.condition) if indicator else ""


def _consider_indicator(key: str, heard: Heard, now: datetime) -> dict[UUID, Signal]:
    indicator = indicator_named(key)
    rules = rules_on_counts(key)
    if indicator is None or not rules:
        return {}
    hold_matter(heard.additions[0].area_code, matter_of(indicator.condition))
    units = {one.facility_id for one in heard.additions if one.facility_id}
    kinds = dict(Facility.objects.filter(pk__in=units).values_list("pk", "kind"))
    signals: dict[UUID, Signal] = {}
    for rule in rules:
        touched = [one for one in heard.additions if _is_for(rule, kinds.get(one.facility_id))]  # type: ignore[arg-type]
        for kind in rule.per:
            for place_key, on in sorted(_touched(touched, kind)):
                match = _count_match(rule, indicator, (kind, place_key), on, heard)
                if match is not None:
                    signal = raise_or_join([match], now=now)
                    signals[signal.pk] = signal
    return signals


def _is_for(rule: Rule, facility_kind: str | None) -> bool:
    return not rule.facility_kinds or facility_kind in rule.facility_kinds


def _place_key(one: Addition, kind: str) -> str | None:
    """Return the key of the place of a kind that an addition lies in."""
    if kind in AREA_DIGITS:
        return one.area_code[: AREA_DIGITS[kind]]
    found = {"unit": one.facility_id, "class": one.group_id}.get(kind)
    return str(found) if found else None


def _touched(additions: Iterable[Addition], kind: str) -> set[tuple[str, date]]:
    """Return (key, day) of the places of a kind that these additions lie in."""
    return {(key, one.on) for one in additions if (key := _place_key(one, kind)) is not None}


def _count_match(
    rule: Rule, indicator: Indicator, where: tuple[str, str], on: date, heard: Heard
) -> Match | None:
    """Return what the rule finds in a place around a day, or None where its number is not reached.

    The sheet heard counts as it was said, all others as they stand.
    """
    kind, key = where
    reach = timedelta(days=rule.within_days)
    rows = Counted.objects.filter(
        within(AreaRanges.of([heard.additions[0].area_code[: AREA_DIGITS["district"]]])),
        indicator=indicator.key,
        on__gt=on - reach,
        on__lt=on + reach,
    ).exclude(source_id=heard.sheet_id)
    if kind in AREA_DIGITS:
        rows = rows.filter(within(AreaRanges.of([key])))
    else:
        rows = rows.filter(**{"group_id" if kind == "class" else "facility_id": key})
    by_day = Counter(dict(rows.values_list("on").annotate(total=Sum("count")).order_by("on")))
    by_day.update(
        {on: sum(one.count for one in heard.additions if one.on == on and _place_key(one, kind) == key)}
    )
    found = full_windows(by_day, on, rule.within_days, rule.at_least, present=indicator.present)
    if found is None:
        return None
    count, first_on, last_on, days = found
    cases = count if indicator.persons else 0
    return Match(rule, indicator.condition, kind, key, count, cases, first_on, last_on, days=days)
