"""Look at one report as it arrives: count it, try the pack's rules on it, raise or join a signal."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scope import within
from anlan.health.models import CaseReport
from anlan.health.queries import condition_title
from anlan.health.rules import CaseState
from anlan.organisation.queries import area_names, posts_with_role
from anlan.surveillance.counting import count_report
from anlan.surveillance.events import SignalRaised
from anlan.surveillance.models import Signal, SignalReason, SignalStep
from anlan.surveillance.notices import pass_on_to_new_areas
from anlan.surveillance.pack import Rule
from anlan.surveillance.queries import due_at, rules_for
from anlan.surveillance.rules import OPEN_STATES, Match, PlacedReport, SignalState, matches
from anlan.workorders.actions import open_order
from anlan.workorders.queries import order_kind

VERIFY_ORDER = "verify_signal"
SUBJECT = "surveillance.Signal"
LATE_REPORTING = timedelta(days=30)  # how long after others of its days a report may still come in
AREA_DIGITS = {"grid": 15, "community": 12, "subdistrict": 9, "district": 6}


def consider_report(*, report_id: UUID, now: datetime) -> list[Signal]:
    """Count a report and try every rule on it; return the signals it raised or joined.

    Safe to run twice: counts, reasons and signals are each kept once.
    """
    with transaction.atomic():
        report = CaseReport.objects.select_related("facility", "group", "building").get(pk=report_id)
        if report.state == CaseState.EXCLUDED:
            return []
        newest = placed(report)
        count_report(
            report_id=report.pk, condition=report.condition, area_code=report.area_code, on=newest.on
        )
        rules = [rule for rule in rules_for(report.condition) if _concerns(rule, report)]
        others = _reports_near(report, rules)
        found = [match for rule in rules for match in _matches(rule, newest, others)]
        return [_raise_or_join(match, report, now) for match in found]


def placed(report: CaseReport) -> PlacedReport:
    """Return a report as the rules see it."""
    places = {kind: report.area_code[:digits] for kind, digits in AREA_DIGITS.items()}
    if report.household_id:
        places["household"] = str(report.household_id)
    if report.building_id:
        places["building"] = str(report.building_id)
    if report.facility_id:
        places["unit"] = str(report.facility_id)
    if report.group is not None:
        places["dormitory" if report.group.kind == "dormitory" else "class"] = str(report.group_id)
    on = report.onset_on or day_of(report.reported_at)
    return PlacedReport(report.pk, on, report.reported_at, places)


def _concerns(rule: Rule, report: CaseReport) -> bool:
    """Say whether a rule that is for certain kinds of facility has one of them before it."""
    return not rule.facility_kinds or (
        report.facility is not None and report.facility.kind in rule.facility_kinds
    )


def _reports_near(report: CaseReport, rules: Sequence[Rule]) -> list[tuple[str, PlacedReport]]:
    """Return, each with its condition, the district's other reports that any of the rules may count."""
    longest = max((rule.within_days for rule in rules), default=0)
    others = (
        CaseReport.objects.filter(
            within(_district_of(report)),
            condition__in={condition for rule in rules for condition in rule.conditions},
            reported_at__gte=report.reported_at - timedelta(days=longest) - LATE_REPORTING,
        )
        .exclude(pk=report.pk)
        .exclude(state=CaseState.EXCLUDED)
        .select_related("group")
    )
    return [(other.condition, placed(other)) for other in others]


def _matches(rule: Rule, newest: PlacedReport, others: Iterable[tuple[str, PlacedReport]]) -> list[Match]:
    reach = timedelta(days=rule.within_days)
    near = [
        other
        for condition, other in others
        if condition in rule.conditions
        and other.known_at >= newest.known_at - reach - LATE_REPORTING
        and abs(other.on - newest.on) < reach
    ]
    return matches(rule, newest, near)


def _district_of(report: CaseReport) -> AreaRanges:
    return AreaRanges.of([report.area_code[: AREA_DIGITS["district"]]])


def _raise_or_join(match: Match, report: CaseReport, now: datetime) -> Signal:
    """Join the open signal of this matter, or raise one: the same place, or a report in common."""
    open_ones = Signal.objects.select_for_update().filter(
        within(_district_of(report)), condition=report.condition, state__in=OPEN_STATES
    )
    signal = (
        open_ones.filter(place_kind=match.place_kind, place_key=match.place_key).first()
        or open_ones.filter(report_ids__overlap=list(match.report_ids)).order_by("raised_at").first()
    )
    if signal is None:
        return _raise(match, report, now)
    known = set(signal.report_ids)
    signal.report_ids = [*signal.report_ids, *(new for new in match.report_ids if new not in known)]
    signal.case_count = len(signal.report_ids)
    signal.first_on = min(signal.first_on, match.first_on)
    signal.last_on = max(signal.last_on, match.last_on)
    signal.version += 1
    signal.save()
    _add_reason(signal, match, report, now)
    pass_on_to_new_areas(signal, now)
    announce_change("signals", signal.area_code)
    announce_change(f"signals:{signal.pk}", signal.area_code)
    return signal


def _raise(match: Match, report: CaseReport, now: datetime) -> Signal:
    rule = match.rule
    signal = Signal.objects.create(
        area_code=_area_of(match, report),
        condition=report.condition,
        place_kind=match.place_kind,
        place_key=match.place_key,
        place_name=_place_name(match, report, now),
        urgency=rule.urgency,
        receives=list(rule.receives),
        report_ids=list(match.report_ids),
        case_count=match.count,
        first_on=match.first_on,
        last_on=match.last_on,
        raised_at=now,
        state_entered_at=now,
        due_at=due_at(SignalState.RAISED, rule.urgency, now),
        seen_by_leaders=rule.urgency == "two_hour",
    )
    reason = _add_reason(signal, match, report, now)
    SignalStep.objects.create(
        signal=signal, area_code=signal.area_code, act="raise", at=now, note=reason.words_zh
    )
    _open_verify_order(signal, now)
    audit.record("raise_signal", SUBJECT, [signal.pk], area_code=signal.area_code, detail={"rule": rule.key})
    publish(
        SignalRaised(
            signal_id=signal.pk, condition=signal.condition, area_code=signal.area_code, occurred_at=now
        )
    )
    announce_change("signals", signal.area_code)
    return signal


def _open_verify_order(signal: Signal, now: datetime) -> None:
    """Give the verification to the post that answers for the place; the CDC desk where that is vacant."""
    kind = order_kind(VERIFY_ORDER)
    roles: Iterable[str] = (kind.accountable, *kind.checked_by)
    candidates = (posts_with_role(role, covering=signal.area_code, now=now).first() for role in roles)
    accountable = next((post for post in candidates if post is not None), None)
    if accountable is None:
        SignalStep.objects.create(
            signal=signal, area_code=signal.area_code, act="no_post_to_verify", at=now, note=kind.accountable
        )
        return
    open_order(
        kind=VERIFY_ORDER,
        area_code=signal.area_code,
        accountable=accountable,
        task=kind.title.zh,
        purpose="health",
        place_name=signal.place_name,
        subject_kind=SUBJECT,
        subject_id=signal.pk,
        now=now,
    )


def _add_reason(signal: Signal, match: Match, report: CaseReport, now: datetime) -> SignalReason:
    """Keep one reason a rule, in the words of its highest count; `at` stays when it first spoke."""
    known = signal.reasons.filter(rule=match.rule.key).first()
    if known is not None and match.count < known.count:
        known.spoken_at = now
        known.save(update_fields=["spoken_at"])
        return known
    title = condition_title(signal.condition)
    facts = {
        "count": match.count,
        "days": (match.last_on - match.first_on).days + 1,
        "limit": match.rule.at_least,
        "place": _place_name(match, report, now),
        "first_on": match.first_on.isoformat(),
        "last_on": match.last_on.isoformat(),
    }
    words = match.rule.words
    latest = {
        "words_zh": words.zh.format(condition=title.zh if title else signal.condition, **facts),
        "words_en": words.en.format(condition=title.en if title else signal.condition, **facts),
        "count": match.count,
        "spoken_at": now,
    }
    reason, _new = SignalReason.objects.update_or_create(
        signal=signal,
        rule=match.rule.key,
        defaults=latest,
        create_defaults={"area_code": signal.area_code, "at": now, **latest},
    )
    return reason


def _area_of(match: Match, report: CaseReport) -> str:
    if match.place_kind in AREA_DIGITS:
        return match.place_key
    if match.place_kind in {"class", "dormitory", "unit"} and report.facility is not None:
        return str(report.facility.area_code)
    return str(report.area_code)


def _place_name(match: Match, report: CaseReport, now: datetime) -> str:
    facility = report.facility.name if report.facility else ""
    if match.place_kind in {"class", "dormitory"} and report.group is not None:
        return f"{facility} {report.group.name}".strip()
    if match.place_kind == "unit":
        return facility
    area = match.place_key if match.place_kind in AREA_DIGITS else report.area_code
    name = area_names([area], now=now).get(area, area)
    if match.place_kind in {"building", "household"} and report.building is not None:
        return f"{name} {report.building.name or report.building.number}"
    return name
