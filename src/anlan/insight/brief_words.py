"""The words of the daily brief, the same for the page and for the PDF."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext

from anlan.foundation.actor import Actor
from anlan.foundation.templatetags.page import exact
from anlan.insight.brief import Brief
from anlan.surveillance.presenting import series_name, signal_lines
from anlan.workorders.presenting import order_lines


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name and unit, written out."""

    label: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the brief; `columns` are relative widths, `empty` is said where there are no rows."""

    title: str
    head: list[str]
    columns: list[int]
    empty: str
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BriefWords:
    """A whole brief, written out in the reader's language."""

    title: str
    sub: str
    mark: str
    lang: str
    on: date
    figures: list[Figure]
    parts: list[Part]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def brief_words(brief: Brief, actor: Actor) -> BriefWords:
    """Write a brief out for its reader; the mark at the foot names reader, post and moment."""
    made = exact(brief.made_at)
    return BriefWords(
        title=gettext("%(area)s疫情防控日报 %(on)s") % {"area": actor.area_name, "on": brief.on.isoformat()},
        sub=gettext("截至 %(made)s。只列核实后的事件；小于 5 的人数只对卫生岗位显示。") % {"made": made},
        mark=f"{actor.member_name} · {actor.post_title} · {made}",
        lang="en" if get_language() == "en" else "zh",
        on=brief.on,
        figures=_figures(brief),
        parts=[
            _day(brief),
            _first_times(brief),
            _events(brief),
            _late_orders(brief),
            _silent(brief),
            *([_indicators(brief)] if actor.has_purpose("health") else []),
        ],
    )


def _figures(brief: Brief) -> list[Figure]:
    return [
        Figure(gettext("新信号"), str(brief.raised), gettext("条")),
        Figure(gettext("核实属实"), str(brief.verified), gettext("条")),
        Figure(gettext("签发通报"), str(brief.notices_signed), gettext("份")),
        Figure(gettext("办结工单"), str(brief.orders_closed), gettext("张")),
        Figure(gettext("超时工单"), str(brief.orders_late), gettext("张")),
    ]


def _day(brief: Brief) -> Part:
    rows = [
        (gettext("新发出信号"), brief.raised),
        (gettext("核实属实"), brief.verified),
        (gettext("核实排除"), brief.excluded),
        (gettext("已关闭信号"), brief.closed),
        (gettext("签发通报"), brief.notices_signed),
        (gettext("通报尚未应答"), brief.notices_unanswered),
        (gettext("新派工单"), brief.orders_opened),
        (gettext("办结工单"), brief.orders_closed),
    ]
    written = [[label, str(count)] for label, count in rows]
    return Part(gettext("当日闭环"), [gettext("事项"), gettext("数量")], [4, 1], "", written)


def _first_times(brief: Brief) -> Part:
    times = [
        (gettext("信号到响应"), brief.figures.to_acknowledge),
        (gettext("信号到核实"), brief.figures.to_verify),
        (gettext("信号到通报"), brief.figures.to_warn),
    ]
    rows = [[label, f"{minutes:g}"] for label, minutes in times if minutes is not None]
    head = [gettext("首次时间（近 90 天中位）"), gettext("分钟")]
    return Part(gettext("三个首次时间"), head, [4, 1], gettext("近 90 天没有可计算的信号。"), rows)


def _events(brief: Brief) -> Part:
    rows = [
        [line.condition, line.signal.place_name, line.state, exact(line.signal.raised_at)]
        for line in signal_lines(brief.events, brief.made_at)
    ]
    head = [gettext("病种"), gettext("地点"), gettext("状态"), gettext("发出")]
    return Part(gettext("核实后的事件"), head, [2, 3, 1, 2], gettext("没有核实后的事件。"), rows)


def _late_orders(brief: Brief) -> Part:
    rows = [
        [line.title, line.order.place_name, line.order.accountable.title, exact(line.order.due_at)]
        for line in order_lines(brief.late_orders, brief.made_at)
    ]
    head = [gettext("工单"), gettext("地点"), gettext("主办岗位"), gettext("时限")]
    return Part(gettext("超时的工单"), head, [2, 2, 2, 2], gettext("没有超时的工单。"), rows)


def _silent(brief: Brief) -> Part:
    rows = [[name] for name in brief.silent_areas]
    empty = gettext("通报都已应答。")
    return Part(gettext("还没有应答的地方"), [gettext("区域")], [1], empty, rows)


def _indicators(brief: Brief) -> Part:
    rows = [
        [series_name(line.indicator), str(line.count), f"{line.week_mean:g}"] for line in brief.indicators
    ]
    head = [gettext("监测指标"), gettext("当日"), gettext("前七日日均")]
    return Part(gettext("监测数"), head, [4, 1, 1], gettext("当日和前七日没有报数。"), rows)
