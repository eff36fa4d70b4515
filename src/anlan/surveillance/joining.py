"""Raise a signal for what a rule found, or join it to the open one of the same matter and place.

Findings are one signal when they share a report or a place; a class lies in its unit, a household in its
building. What bridges two open signals makes them one. What a detector finds in an area is one with what it
overlaps: it has the say on where and how many only until a fixed rule speaks, and bridges no two signals of
fixed rules. All of it is a function of sets, so the order in which things become known does not change what
stands in the end. The caller holds the lock of the matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.advisory_locks import AdvisoryLock, hold
from anlan.foundation.outbox import publish
from anlan.foundation.scope import within
from anlan.health.queries import condition_title, grids_of_reports, groups_of_reports
from anlan.organisation.queries import posts_with_role
from anlan.surveillance.announcing import tell_pages
from anlan.surveillance.events import SignalGrew, SignalJoined, SignalRaised
from anlan.surveillance.indicators import matter_of
from anlan.surveillance.models import Signal, SignalReason, SignalStep
from anlan.surveillance.notices import pass_on_to_new_areas
from anlan.surveillance.placing import AREA_DIGITS, Place, place_of, placed_reports
from anlan.surveillance.queries import due_at
from anlan.surveillance.rules import (
    OPEN_STATES,
    Match,
    SignalState,
    gravest,
    narrowest,
    overlap,
    place,
    prevailing,
)
from anlan.workorders.actions import hand_orders_on, open_order
from anlan.workorders.queries import order_kind

VERIFY_ORDER = "verify_signal"
SUBJECT = "surveillance.Signal"
COUNTED = (  # what a signal says by what is counted: where, since when, how many
    *("is_statistical", "condition", "first_on", "last_on", "case_count", "report_ids"),
    *("places", "counted_at", "place_kind", "place_key", "place_name", "area_code"),
)


def hold_matter(area_code: str, matter: str) -> None:
    """Let nobody else raise or join signals of this matter in the district until the transaction ends."""
    hold(AdvisoryLock.SIGNALS, f"{area_code[: AREA_DIGITS['district']]} {matter}")


def raise_or_join(found: Sequence[Match], *, now: datetime) -> Signal:
    """Put what rules found of one thing (all matches share a report or place) to one signal."""
    places = {match.place: place_of(match.place_kind, match.place_key, now=now) for match in found}
    known = open_signals_of(found, now=now)
    before = _extent(known[0]) if known else frozenset()
    if known:
        signal = _unite(known, now)
    else:
        first = found[0]
        signal = _begin(first, places[first.place], now)
    _take_in(signal, found, places, now)
    for match in found:
        _add_reason(signal, match, places[match.place], now)
    if known:
        pass_on_to_new_areas(signal, now)
        if _extent(signal) != before:
            publish(SignalGrew(signal_id=signal.pk, area_code=signal.area_code, occurred_at=now))
        tell_pages(signal)
    else:
        _announce_raised(signal, found[0], now)
    return signal


def _extent(signal: Signal) -> frozenset[str]:
    """Return where a signal lies and where its reports come from: whom it concerns follows from that."""
    own, groups = place(signal.place_kind, signal.place_key), map(str, groups_of_reports(signal.report_ids))
    return frozenset({signal.area_code, own, *signal.places, *grids_of_reports(signal.report_ids), *groups})


def corroborate(signal: Signal, match: Match, *, now: datetime) -> bool:
    """Add what other sources show to a signal's reasons; where it lies and how many it counts stays.

    Looking took a while: where the signal has joined another since, that one has the reason, and where it
    has ended nobody; return whether it was said.
    """
    with transaction.atomic():
        hold_matter(signal.area_code, signal.matter)
        standing = Signal.objects.get(pk=signal.pk)
        while standing.joined_to is not None:
            standing = Signal.objects.get(pk=standing.joined_to)
        if standing.state not in OPEN_STATES:
            return False
        _add_reason(standing, match, place_of(match.place_kind, match.place_key, now=now), now)
    tell_pages(standing)
    return True


def open_signals_of(found: Sequence[Match], *, now: datetime) -> list[Signal]:
    """Return the open signals that these findings are one with, the furthest and oldest first."""
    places = {match.place: place_of(match.place_kind, match.place_key, now=now) for match in found}
    matter = matter_of(found[0].condition)
    somewhere = next(iter(places.values()))
    district = AreaRanges.of([somewhere.area_code[: AREA_DIGITS["district"]]])
    rows = Signal.objects.select_for_update().filter(within(district), matter=matter, state__in=OPEN_STATES)
    ranked = sorted(rows, key=lambda row: (-OPEN_STATES.index(SignalState(row.state)), row.raised_at, row.pk))
    joins = frozenset().union(*(one.joins for one in places.values()))
    reports = {report for match in found for report in match.report_ids}
    areas = _areas_of(found, places)
    by_detector = all(not match.rule.is_fixed for match in found)
    one_with = [
        row
        for row in ranked
        if joins & set(row.places)
        or reports & set(row.report_ids)
        or ((by_detector or row.is_statistical) and overlap(areas, row.areas))
    ]
    if by_detector and not one_with:  # a wider rise is said of what is open within it
        return [row for row in ranked if row.area_code.startswith(tuple(areas))][:1]
    return _with_one_fixed(one_with) if by_detector else one_with


def _with_one_fixed(signals: Sequence[Signal]) -> list[Signal]:
    """Leave of the signals of fixed rules the first alone: a detector does not make two of them one."""
    fixed = [signal for signal in signals if not signal.is_statistical]
    return [signal for signal in signals if signal.is_statistical or signal is fixed[0]]


def _areas_of(found: Iterable[Match], places: Mapping[str, Place]) -> set[str]:
    """Return the areas that findings speak of: where each lies, and where what it counts does."""
    return {code for match in found for code in (places[match.place].area_code, *match.areas)}


def _unite(signals: Sequence[Signal], now: datetime) -> Signal:
    """Return the first signal with all the others taken into it; their orders are its orders now."""
    goes_on, *others = signals
    for other in others:
        other.state, other.state_entered_at, other.due_at = SignalState.JOINED, now, None
        other.closed_at, other.joined_to = now, goes_on.pk
        other.version += 1
        other.save()
        SignalStep.objects.create(
            signal=other, area_code=other.area_code, act="join", at=now, note=goes_on.place_name
        )
        SignalStep.objects.create(
            signal=goes_on, area_code=goes_on.area_code, act="take_in", at=now, note=other.place_name
        )
        hand_orders_on(subject_id=other.pk, to_subject_id=goes_on.pk)
        _take_over(goes_on, other)
        audit.record("join_signal", SUBJECT, [other.pk, goes_on.pk], area_code=other.area_code)
        publish(
            SignalJoined(signal_id=other.pk, into_id=goes_on.pk, area_code=other.area_code, occurred_at=now)
        )
        tell_pages(other)
    return goes_on


def _take_over(signal: Signal, other: Signal) -> None:
    """Add what stands behind another signal to this one, its reasons too."""
    signal.areas = sorted({*signal.areas, *other.areas})
    signal.receives = sorted({*signal.receives, *other.receives})
    _press(signal, other.urgency)
    if signal.is_statistical and not other.is_statistical:
        for name in COUNTED:
            setattr(signal, name, getattr(other, name))
    elif signal.is_statistical == other.is_statistical:
        signal.places = sorted({*signal.places, *other.places})
        signal.counted_at = sorted({*signal.counted_at, *other.counted_at})
        signal.case_count = max(signal.case_count, other.case_count)
        signal.report_ids = [*signal.report_ids, *(r for r in other.report_ids if r not in signal.report_ids)]
        signal.condition = min(signal.condition, other.condition)
        signal.first_on = min(signal.first_on, other.first_on)
        signal.last_on = max(signal.last_on, other.last_on)
    signal.seen_by_leaders = signal.seen_by_leaders or other.seen_by_leaders
    for reason in other.reasons.all():
        known = signal.reasons.filter(rule=reason.rule).first()
        if known is None or _speaks_louder(reason, known):
            fresh = known or SignalReason(signal=signal, area_code=signal.area_code, rule=reason.rule)
            fresh.at = min(reason.at, known.at) if known else reason.at
            fresh.place, fresh.count, fresh.first_on = reason.place, reason.count, reason.first_on
            fresh.words_zh, fresh.words_en, fresh.spoken_at = (
                reason.words_zh,
                reason.words_en,
                reason.spoken_at,
            )
            fresh.save()


def _begin(match: Match, where: Place, now: datetime) -> Signal:
    rule = match.rule
    return Signal(
        area_code=where.area_code,
        matter=matter_of(match.condition),
        condition=match.condition,
        urgency=rule.urgency,
        first_on=match.first_on,
        last_on=match.last_on,
        is_statistical=not rule.is_fixed,
        raised_at=now,
        state_entered_at=now,
        seen_by_leaders=rule.urgency == "two_hour",
    )


def _take_in(signal: Signal, found: Sequence[Match], places: Mapping[str, Place], now: datetime) -> None:
    """Add what was found to the signal, and put it where all of it lies."""
    areas, is_new = _areas_of(found, places), signal._state.adding
    is_here = is_new or set(places) & set(signal.places) or overlap(areas, signal.areas)
    if any(match.rule.is_fixed for match in found):
        if signal.is_statistical:
            _begin_anew(signal, found[0])
        _count_in(signal, found, places, now)
    elif signal.is_statistical and is_here:
        _count_in(signal, found, places, now)
    signal.areas = sorted({*signal.areas, *areas})
    signal.receives = sorted({*signal.receives, *(post for match in found for post in match.rule.receives)})
    _press(signal, *(match.rule.urgency for match in found))
    signal.version += 0 if is_new else 1
    signal.save()


def _press(signal: Signal, *urgencies: str) -> None:
    """Give the signal the gravest urgency, and the nearest limit of the state it is in."""
    urgency = gravest(signal.urgency, *urgencies)
    if urgency != signal.urgency or signal.due_at is None:
        signal.urgency = urgency
        limits = (signal.due_at, due_at(signal.state, urgency, signal.state_entered_at))
        signal.due_at = min((limit for limit in limits if limit is not None), default=None)
    signal.seen_by_leaders = signal.seen_by_leaders or urgency == "two_hour"


def _begin_anew(signal: Signal, match: Match) -> None:
    """Let a fixed rule say where it is, since when and how many, in place of what a detector said."""
    signal.is_statistical = False
    signal.condition, signal.first_on, signal.last_on = match.condition, match.first_on, match.last_on
    signal.places, signal.counted_at, signal.case_count = [], [], 0


def _count_in(signal: Signal, found: Sequence[Match], places: Mapping[str, Place], now: datetime) -> None:
    """Add places, reports, cases and days."""
    new = [report for match in found for report in match.report_ids]
    signal.report_ids = list(dict.fromkeys([*signal.report_ids, *new]))
    signal.places = sorted({*signal.places, *(one for where in places.values() for one in where.joins)})
    by_counts = [match for match in found if not match.report_ids]
    signal.counted_at = sorted({*signal.counted_at, *(match.place for match in by_counts)})
    reports = placed_reports(signal.report_ids)
    signal.case_count = max(signal.case_count, len(reports), *(match.cases for match in found))
    days = [report.on for report in reports] + [
        day for match in by_counts for day in (match.first_on, match.last_on, *match.days)
    ]
    signal.first_on, signal.last_on = min([signal.first_on, *days]), max([signal.last_on, *days])
    named = [report.condition for report in reports]
    signal.condition = prevailing(named) if named else min(signal.condition, *(m.condition for m in found))
    _put_in_place(signal, [report.all_places for report in reports], now)


def _put_in_place(signal: Signal, reported: Iterable[frozenset[str]], now: datetime) -> None:
    counted = [_by_name(name, now).inside for name in signal.counted_at]
    chosen = _by_name(narrowest(signal.places, [*reported, *counted]), now)
    signal.place_kind, signal.place_key, signal.place_name = chosen.kind, chosen.key, chosen.name
    signal.area_code = chosen.area_code


def _by_name(name: str, now: datetime) -> Place:
    kind, _colon, key = name.partition(":")
    return place_of(kind, key, now=now)


def _announce_raised(signal: Signal, match: Match, now: datetime) -> None:
    words = signal.reasons.order_by("at", "pk")[0].words_zh
    SignalStep.objects.create(signal=signal, area_code=signal.area_code, act="raise", at=now, note=words)
    _open_verify_order(signal, now)
    audit.record(
        "raise_signal", SUBJECT, [signal.pk], area_code=signal.area_code, detail={"rule": match.rule.key}
    )
    publish(
        SignalRaised(
            signal_id=signal.pk, condition=signal.condition, area_code=signal.area_code, occurred_at=now
        )
    )
    tell_pages(signal)


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


def _add_reason(signal: Signal, match: Match, where: Place, now: datetime) -> None:
    """Keep one reason a rule, in the words of where it spoke loudest; `at` stays when it first spoke."""
    known = signal.reasons.filter(rule=match.rule.key).first()
    words_zh, words_en = words_of(match, where)
    fresh = SignalReason(
        signal=signal,
        area_code=signal.area_code,
        rule=match.rule.key,
        place=match.place,
        words_zh=words_zh,
        words_en=words_en,
        count=match.count,
        first_on=match.first_on,
        at=known.at if known else now,
        spoken_at=now,
    )
    if known is None:
        fresh.save()
    elif not match.rule.is_fixed or _speaks_louder(fresh, known):
        fresh.pk = known.pk
        fresh.save(force_update=True)
    else:
        SignalReason.objects.filter(pk=known.pk).update(spoken_at=now)


def _speaks_louder(one: SignalReason, other: SignalReason) -> bool:
    """Compare by count, then the earlier days, then the place: a total order, so arrival plays no part."""

    def loudness(reason: SignalReason) -> tuple[int, int, str]:
        return -reason.count, reason.first_on.toordinal() if reason.first_on else 0, reason.place

    return loudness(one) < loudness(other)


def words_of(match: Match, where: Place) -> tuple[str, str]:
    """Return what a rule says of a place, in Chinese and English."""
    title = condition_title(match.condition)
    facts = {
        "count": match.count,
        "days": (match.last_on - match.first_on).days + 1,
        "limit": match.rule.at_least,
        "place": where.name,
        "first_on": match.first_on.isoformat(),
        "last_on": match.last_on.isoformat(),
    }
    further_zh = {name: words[0] for name, words in match.words.items()}
    further_en = {name: words[1] for name, words in match.words.items()}
    template = match.rule.words
    return (
        template.zh.format(condition=title.zh if title else match.condition, **facts, **further_zh),
        template.en.format(condition=title.en if title else match.condition, **facts, **further_en),
    )
