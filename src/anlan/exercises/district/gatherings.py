"""Lets a body of the district and one of the home community meet, decide, and be called up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.exercises.district.bodies import BodyPlan, SeatPlan
from anlan.exercises.district.furnished import Furnished
from anlan.foundation.clock import day_of, start_of
from anlan.organisation.models import CallUp, CallUpReceipt, Decision, Meeting, Member
from anlan.organisation.rules import AreaLevel
from anlan.organisation.rules.bodies import CallAnswer, DecisionState

MET_DAYS_AGO, CALLED_DAYS_AGO = 10, 6
MET_AT, CALLED_AT = timedelta(hours=9, minutes=30), timedelta(hours=15)
FEWEST = 3  # who sit in a body that meets


@dataclass(frozen=True, slots=True)
class Words:
    """What is met about, what is decided (done, then open), where, and what is called for."""

    agenda: str
    place: str
    done: str
    how: str
    still_open: str
    open_days: int  # until the open decision is due; negative: it is overdue
    call: str


WORDS = {
    AreaLevel.DISTRICT: Words(
        "秋冬季呼吸道传染病防控调度", "区政府三楼会议室", "各街道核对值班表和联系电话，报办公室备查",
        "各街道均已报齐", "学校、养老机构晨午检和缺勤追踪抽查一遍，一周内报结果", 7,
        "到三楼会议室，商量一所学校聚集性发热的核实和处置",
    ),
    AreaLevel.COMMUNITY: Words(
        "入冬走访和重点人群联系", "社区服务站会议室", "楼栋公示栏更新网格员、家庭医生联系方式",
        "已全部更新", "独居老人逐户走访一遍，需要送餐、代取药的登记清楚", -2,
        "到社区服务站集合，分头上门核对独居老人情况",
    ),
}  # fmt: skip


def store_gatherings(ground: Furnished, bodies: Iterable[BodyPlan]) -> tuple[int, int]:
    """Store a meeting with two decisions and a finished call of each; return (meetings, calls)."""
    chosen = [(body, words) for level, words in WORDS.items() if (body := _of_level(ground, bodies, level))]
    for body, words in chosen:
        _hold(ground, body, words)
        _call(ground, body, words)
    return len(chosen), len(chosen)


def _of_level(ground: Furnished, bodies: Iterable[BodyPlan], level: AreaLevel) -> BodyPlan | None:
    """Return a standing body at home, one that commands where there is one, led and with some seats."""
    fitting = [
        body
        for body in bodies
        if body.template.level == level
        and body.template.kind == "standing"
        and ground.is_home(body.area.code)
        and body.seats
        and body.seats[0].is_lead
        and len(_sitting(body)) >= FEWEST
    ]
    return min(fitting, key=lambda body: "command" not in body.template.key, default=None)


def _sitting(body: BodyPlan) -> dict[object, tuple[Member, SeatPlan]]:
    """Return everybody who sits in a body, each with the first seat held."""
    found: dict[object, tuple[Member, SeatPlan]] = {}
    for seat in body.seats:
        for member in seat.sitting:
            found.setdefault(member.pk, (member, seat))
    return found


def _moment(ground: Furnished, days_ago: int, at: timedelta) -> datetime:
    return start_of(day_of(ground.ago(days_ago))) + at


def _hold(ground: Furnished, body: BodyPlan, words: Words) -> None:
    held_at, today = _moment(ground, MET_DAYS_AGO, MET_AT), day_of(ground.now)
    meeting = Meeting.objects.create(
        id=ground.new_id(), area_code=body.area.code, body_id=body.id, held_at=held_at,
        place=words.place, agenda=words.agenda, present=[member.pk for member, _ in _sitting(body).values()],
    )  # fmt: skip
    common = {"area_code": body.area.code, "meeting": meeting}
    Decision.objects.bulk_create(
        [
            Decision(
                **common, id=ground.new_id(), words=words.done, accountable=body.seats[-1].held.post,
                due_on=today - timedelta(days=5), state=DecisionState.DONE, reason=words.how,
                done_at=held_at + timedelta(days=3), version=2,
            ),
            Decision(
                **common, id=ground.new_id(), words=words.still_open, accountable=body.seats[0].held.post,
                due_on=today + timedelta(days=words.open_days),
            ),
        ]
    )  # fmt: skip


def _call(ground: Furnished, body: BodyPlan, words: Words) -> None:
    """Store a call that all have answered, the last of them that they cannot come."""
    lead, minutes = body.seats[0], body.template.call_up_minutes
    caller, asked_at = lead.sitting[0], _moment(ground, CALLED_DAYS_AGO, CALLED_AT)
    called = [row for row in _sitting(body).values() if row[0].pk != caller.pk]
    waited = sorted(ground.rng.integers(1, max(minutes, 2), len(called)).tolist())
    call = CallUp.objects.create(
        id=ground.new_id(), area_code=body.area.code, body_id=body.id, text=words.call, place=words.place,
        minutes=minutes, asked_at=asked_at, asked_by=lead.held.post, asked_by_name=caller.name,
        due_at=asked_at + timedelta(minutes=minutes), closed_at=asked_at + timedelta(minutes=waited[-1]),
    )  # fmt: skip
    CallUpReceipt.objects.bulk_create(
        CallUpReceipt(
            id=ground.new_id(), area_code=body.area.code, call_up=call, seat_id=seat.id, member=member,
            post=seat.held.post, due_at=call.due_at, told_at=asked_at,
            answered_at=asked_at + timedelta(minutes=after),
            answer=CallAnswer.CANNOT if number == len(called) - 1 else CallAnswer.COMING,
            reason="正在外出办事，已请同事代到" if number == len(called) - 1 else "",
        )
        for number, ((member, seat), after) in enumerate(zip(called, waited, strict=True))
    )  # fmt: skip
