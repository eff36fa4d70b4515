"""Run a replay: each delivery through the inbox, then what clock and staff do until the next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from anlan.exercises.replay.build import build_ground
from anlan.exercises.replay.ground import Ground, practising
from anlan.exercises.replay.outcome import DayLine, Outcome, measure
from anlan.exercises.replay.read import Listed
from anlan.exercises.replay.sending import MORNING, Delivery, deliveries, send, settle
from anlan.exercises.replay.staff import ScriptedStaff
from anlan.foundation.clock import day_of, end_of, start_of
from anlan.foundation.jobs import run_district_duties
from anlan.foundation.practice import move_practice_clock
from anlan.response.models import PlanProposal
from anlan.response.rules import OPEN_STATES as OPEN_PLANS
from anlan.surveillance.models import Signal, SignalReason
from anlan.surveillance.rules import OPEN_STATES
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import OPEN_STAGES

LONGEST_TAIL = timedelta(days=120)  # after the last report; what is open then stays open, and is told
Say = Callable[[str], None]


@dataclass(slots=True)
class Replay:
    """One replay under way."""

    ground: Ground
    listed: Listed
    say: Say
    sent: list[Delivery] = field(default_factory=list)
    days: list[DayLine] = field(default_factory=list)
    first_count: int | None = None  # of the first signal when it was raised; later counts speak louder

    def run(self) -> Outcome:
        """Play every day of the file, then go on until nothing is open or patience ends."""
        staff = ScriptedStaff(self.ground)
        by_day = {day: list(group) for day, group in groupby(deliveries(self.ground, self.listed), _day)}
        day, last = self.listed.days
        while day <= last:
            self._play(day, by_day.get(day, []), staff)
            self.days.append(self._line(day))
            if by_day.get(day):
                self.say(_words(self.days[-1]))
            day += timedelta(days=1)
        self._finish(staff, day, last + LONGEST_TAIL)
        outcome = measure(self.ground, self.listed, self.sent, self.days)
        outcome.first_signal_count = self.first_count
        return outcome

    def _finish(self, staff: ScriptedStaff, day: date, end: date) -> None:
        """Go on from one day on which somebody acts to the next until nothing is open or patience ends."""
        while day <= end and self._is_something_open(staff):
            due = staff.next_due()
            day = max(day, day_of(due.at)) if due is not None else day
            if day <= end:
                self._play(day, [], staff)
            day += timedelta(days=1)

    def _play(self, day: date, due: list[Delivery], staff: ScriptedStaff) -> None:
        """Let a day pass: at the moment of each delivery, and each morning, the clock does its duties."""
        moments = sorted({start_of(day) + MORNING, *(delivery.at for delivery in due)})
        for at in moments:
            self._work_until(staff, at)
            move_practice_clock(self.ground.code, at)
            for delivery in due:
                if delivery.at == at:
                    send(self.ground, delivery)
                    self.sent.append(delivery)
            settle(self.ground)
            run_district_duties(self.ground.code, now=at)
            settle(self.ground)
            self._note_first_signal()
        self._work_until(staff, end_of(day))

    def _note_first_signal(self) -> None:
        if self.first_count is None:
            with practising(self.ground):
                raised = SignalReason.objects.filter(area_code__startswith=self.ground.code)
                self.first_count = raised.order_by("at", "id").values_list("count", flat=True).first()

    def _work_until(self, staff: ScriptedStaff, end: datetime) -> None:
        """Let the staff act, one after another, until nobody has anything to do before `end`."""
        while (due := staff.next_due()) is not None and due.at < end:
            move_practice_clock(self.ground.code, due.at)
            staff.act(due)
            settle(self.ground)

    def _is_something_open(self, staff: ScriptedStaff) -> bool:
        if staff.next_due() is not None:
            return True
        own = {"area_code__startswith": self.ground.code}
        with practising(self.ground):
            return (
                Signal.objects.filter(state__in=OPEN_STATES, **own).exists()
                or WorkOrder.objects.filter(stage__in=OPEN_STAGES, **own).exists()
                or PlanProposal.objects.filter(state__in=OPEN_PLANS, **own).exists()
            )

    def _line(self, day: date) -> DayLine:
        begins, ends = start_of(day), end_of(day)
        own = {"area_code__startswith": self.ground.code}
        today = [one for delivery in self.sent if delivery.day == day for one in delivery.parcels]
        with practising(self.ground):
            signals, orders = Signal.objects.filter(**own), WorkOrder.objects.filter(**own)
            return DayLine(
                day=day,
                reports=sum(one.reports for one in today),
                reports_so_far=sum(one.reports for sent in self.sent for one in sent.parcels),
                counted=sum(one.total for one in today),
                signals_opened=signals.filter(raised_at__gte=begins, raised_at__lt=ends).count(),
                signals_open=signals.filter(state__in=OPEN_STATES).count(),
                orders_opened=orders.filter(opened_at__gte=begins, opened_at__lt=ends).count(),
                orders_closed=orders.exclude(stage__in=OPEN_STAGES).count(),
            )


def replay(listed: Listed, say: Say) -> tuple[Ground, Outcome]:
    """Replay a file in a new practice district and return it with the figures."""
    ground = build_ground(listed)
    say(f"演练区 practice district {ground.code} · 网格 grids {len(ground.grid_of_area)}")
    if ground.borders_are_made_up:
        say(
            "没有坐标：网格按名称排成棋盘，相邻关系是虚拟的 / no coordinates (x_m, y_m): the grids stand "
            "on a chessboard by name, their neighbours are made up"
        )
    if ground.group_of_place:
        say("名单中的地点视为同一所学校的班级 / the places of the list are taken as classes of one school")
    if ground.unit_of:
        say("每个区域每张报数表一个虚拟单位 / each area counts each form in one made-up unit")
    say(
        "脚本人员按本地包的时长核实、评估、签发、批准方案、应答、办理、解除、关闭，并把每条信号都当作属实 / "
        "scripted staff act after the pack's delays; they take every signal as true"
    )
    return ground, Replay(ground, listed, say).run()


def _day(delivery: Delivery) -> date:
    return delivery.day


def _words(line: DayLine) -> str:
    counted = f"计数 counted {line.counted:5}  " if line.counted else ""
    reports = f"报告 reports {line.reports:3} ({line.reports_so_far:4})  " if line.reports_so_far else ""
    return (
        f"{line.day}  {reports}{counted}"
        f"新信号 signals +{line.signals_opened} (在办 open {line.signals_open})  "
        f"新工单 orders +{line.orders_opened} (已结 closed {line.orders_closed})"
    )
