"""How far a happening is from an event that must be reported: the pack's gauge, read in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.pack_store import section
from anlan.foundation.packs import Text
from anlan.health.models import CaseReport
from anlan.health.pack import EventGauge
from anlan.health.queries import visible_reports
from anlan.health.rules import CaseState
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.surveillance.models import Signal
from anlan.surveillance.rules import PLACE_KINDS

LOOK_BACK = timedelta(days=40)  # before a signal's first day; the longest window of the pack is 30 days
WIDEST = {
    "unit": "unit",
    "village_or_community": "community",
    "subdistrict": "subdistrict",
    "district": "district",
}
DIGITS = {
    "village_or_community": CODE_LENGTH[AreaLevel.COMMUNITY],
    "subdistrict": CODE_LENGTH[AreaLevel.SUBDISTRICT],
    "district": CODE_LENGTH[AreaLevel.DISTRICT],
}
HOURS_EN = {1: "one hour", 2: "two hours", 6: "six hours", 12: "twelve hours", 24: "24 hours"}
COUNTED = {
    "cases": Text(zh="例", en="cases"),
    "admitted": Text(zh="例住院", en="admitted"),
    "deaths": Text(zh="例死亡", en="deaths"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the gauge against what is known; `count` is None where the house does not know it."""

    gauge: EventGauge
    count: int | None
    reached_at: datetime | None = None  # when the report came that made it an event

    @property
    def is_reached(self) -> bool:
        """Say whether the happening is to be reported."""
        return self.count is not None and self.count >= self.gauge.at_least

    @property
    def share(self) -> int:
        """Return how far it has come, in percent, at most 100."""
        return min(100, 100 * (self.count or 0) // self.gauge.at_least)


@dataclass(frozen=True, slots=True)
class Known:
    """A case report as the gauge counts it."""

    report_id: UUID
    condition: str
    area_code: str
    facility_id: UUID | None
    on: date
    at: datetime  # when it was reported


def words(reading: Reading) -> Text:
    """Return the sentence of a reading, such as 14/20：尚未达到…"""
    gauge, count = reading.gauge, reading.count
    limit, hours = gauge.at_least, gauge.report_hours
    unit = COUNTED[gauge.counts]
    hours_en = HOURS_EN.get(hours, f"{hours} hours")
    if count is None:
        return Text(
            zh=f"{unit.zh.removeprefix('例') or '病例'}数未在本系统登记，请人工核对：{gauge.words.zh}",
            en=f"The number of {unit.en} is not kept here, check by hand. {gauge.words.en}",
        )
    if reading.is_reached:
        return Text(
            zh=f"{count}/{limit}：已达到突发公共卫生事件报告标准，须在 {hours} 小时内报告",
            en=f"{count} of {limit}: a reportable event; report within {hours_en}",
        )
    return Text(
        zh=f"{count}/{limit}：尚未达到突发公共卫生事件报告标准；达到 {limit} {unit.zh}，{hours} 小时内报告",
        en=f"{count} of {limit}: not yet a reportable event; at {limit}: {hours_en}",
    )


def readings(actor: Actor, signals: Sequence[Signal]) -> dict[UUID, list[Reading]]:
    """Return the gauge of each signal, the nearest to its limit first. Health posts only: it counts cases."""
    whole = section(EventGauge)
    lines = {
        signal.pk: [gauge for gauge in whole if signal.condition in gauge.conditions] for signal in signals
    }
    wanted = {key for found in lines.values() for gauge in found for key in gauge.conditions}
    known = _known(actor, signals, wanted) if wanted else []
    return {
        signal.pk: sorted(
            (_read(gauge, signal, known) for gauge in lines[signal.pk]),
            key=lambda reading: (-reading.share, reading.count is None, reading.gauge.at_least),
        )
        for signal in signals
    }


def _known(actor: Actor, signals: Sequence[Signal], conditions: set[str]) -> list[Known]:
    since = min(signal.first_on for signal in signals) - LOOK_BACK
    rows = (
        visible_reports(actor)
        .filter(condition__in=conditions, reported_at__date__gte=since)
        .exclude(state=CaseState.EXCLUDED)
    )
    return [
        _as_known(row)
        for row in rows.only("condition", "area_code", "facility_id", "onset_on", "reported_at")
    ]


def _as_known(row: CaseReport) -> Known:
    on = row.onset_on or day_of(row.reported_at)
    return Known(row.pk, row.condition, row.area_code, row.facility_id, on, row.reported_at)


def _read(gauge: EventGauge, signal: Signal, known: Iterable[Known]) -> Reading:
    """Count the cases of the fullest window in the place the line names; of no unit, the signal's own."""
    if gauge.counts != "cases":
        return Reading(gauge, None)
    own_ids = set(signal.report_ids)
    mine = [row for row in known if row.condition in gauge.conditions]
    own = [row for row in mine if row.report_id in own_ids]
    if gauge.within_days is None:
        places = [own]
    elif gauge.place == "unit":
        units = {row.facility_id for row in own if row.facility_id is not None}
        places = [[row for row in mine if row.facility_id == unit] for unit in units] or [own]
    else:
        area = signal.area_code[: DIGITS[gauge.place]]
        places = [[row for row in mine if row.area_code.startswith(area)]]
    counted = max(fullest([row.on for row in place], gauge.within_days) for place in places)
    by_counts = signal.case_count if signal.counted_at or not own_ids else 0
    if by_counts >= gauge.at_least > counted and not _is_one_place(gauge, signal):
        return Reading(gauge, None)
    counted = max(counted, by_counts)
    if counted < gauge.at_least:
        return Reading(gauge, counted)
    moments = [_moment_reached(gauge, place) for place in places]
    return Reading(gauge, counted, min([one for one in moments if one], default=signal.raised_at))


def _is_one_place(gauge: EventGauge, signal: Signal) -> bool:
    """Say whether all that a signal counts lies in one place of the kind the line names.

    Where it is wider, so many may be spread over several units: enough to rule the line out, not to reach it.
    """
    if gauge.within_days is None:
        return True
    return PLACE_KINDS.index(signal.place_kind) <= PLACE_KINDS.index(WIDEST[gauge.place])


def _moment_reached(gauge: EventGauge, place: Iterable[Known]) -> datetime | None:
    """Return when the report came with which the cases of a place reached the line."""
    days: list[date] = []
    for row in sorted(place, key=lambda row: (row.at, row.report_id)):
        days.append(row.on)
        if len(days) >= gauge.at_least and fullest(days, gauge.within_days) >= gauge.at_least:
            return row.at
    return None


def fullest(days: Iterable[date], within_days: int | None) -> int:
    """Return the most of these days that lie within so many consecutive days; all without a limit."""
    ordered = sorted(days)
    if within_days is None:
        return len(ordered)
    best, first = 0, 0
    for last, day in enumerate(ordered):
        while (day - ordered[first]).days >= within_days:
            first += 1
        best = max(best, last - first + 1)
    return best
