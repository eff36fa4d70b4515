"""Run a replay: each day's cases through the inbox, then everything the staff would do before the next."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta

from anlan.exercises.replay.ground import Ground, build_ground, practising
from anlan.exercises.replay.line_list import Case, LineList
from anlan.exercises.replay.outcome import DayLine, Outcome, measure
from anlan.exercises.replay.sending import send_cases, settle
from anlan.exercises.replay.staff import ScriptedStaff
from anlan.foundation.clock import end_of, start_of
from anlan.foundation.practice import move_practice_clock
from anlan.surveillance.models import Signal
from anlan.surveillance.rules import OPEN_STATES
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import OPEN_STAGES

MORNING = timedelta(hours=8)  # a day's reports arrive at 08:00
LONGEST_TAIL = timedelta(days=120)  # after the last report; what is open then stays open, and is told
Say = Callable[[str], None]


def replay(listed: LineList, say: Say) -> tuple[Ground, Outcome]:
    """Replay a line list in a new practice district and return it with the figures."""
    ground = build_ground(listed)
    say(f"演练区 practice district {ground.code} · 网格 grids {len(ground.grid_of_area)}")
    if not listed.has_coordinates:
        say("没有坐标：网格没有边界，也就没有相邻网格 / no coordinates: no polygons and no neighbours")
    if ground.group_of_place:
        say("名单中的地点视为同一所学校的班级 / the places of the list are taken as classes of one school")
    say("脚本人员按本地包的时长核实、评估、签发、应答、关闭 / scripted staff act after the pack's delays")
    staff, days = ScriptedStaff(ground), list[DayLine]()
    by_day: dict[date, list[Case]] = defaultdict(list)
    for case in listed.cases:
        by_day[case.reported_on].append(case)
    day, last = min(by_day), max(by_day)
    so_far = 0
    while day <= last:
        so_far += _morning(ground, by_day.get(day, []), start_of(day) + MORNING)
        _work_until(ground, staff, end_of(day))
        days.append(_line(ground, day, len(by_day.get(day, [])), so_far))
        if by_day.get(day):
            say(_words(days[-1]))
        day += timedelta(days=1)
    _work_until(ground, staff, end_of(last) + LONGEST_TAIL)
    return ground, measure(ground, listed, days)


def _morning(ground: Ground, cases: list[Case], at: datetime) -> int:
    move_practice_clock(ground.code, at)
    accepted = send_cases(ground, cases) if cases else 0
    settle(ground)
    return accepted


def _work_until(ground: Ground, staff: ScriptedStaff, end: datetime) -> None:
    """Let the staff act, one after another, until nobody has anything to do before `end`."""
    while (due := staff.next_due()) is not None and due.at < end:
        move_practice_clock(ground.code, due.at)
        staff.act(due)
        settle(ground)


def _line(ground: Ground, day: date, reports: int, so_far: int) -> DayLine:
    begins, ends = start_of(day), end_of(day)
    own = {"area_code__startswith": ground.code}
    with practising(ground):
        signals, orders = Signal.objects.filter(**own), WorkOrder.objects.filter(**own)
        return DayLine(
            day=day,
            reports=reports,
            reports_so_far=so_far,
            signals_opened=signals.filter(raised_at__gte=begins, raised_at__lt=ends).count(),
            signals_open=signals.filter(state__in=OPEN_STATES).count(),
            orders_opened=orders.filter(opened_at__gte=begins, opened_at__lt=ends).count(),
            orders_closed=orders.exclude(stage__in=OPEN_STAGES).count(),
        )


def _words(line: DayLine) -> str:
    return (
        f"{line.day}  报告 reports {line.reports:3} ({line.reports_so_far:4})  "
        f"新信号 signals +{line.signals_opened} (在办 open {line.signals_open})  "
        f"新工单 orders +{line.orders_opened} (已结 closed {line.orders_closed})"
    )
