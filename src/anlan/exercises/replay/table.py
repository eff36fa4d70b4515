"""The table at the end of a replay, in Chinese and English, as Markdown."""

from anlan.exercises.replay.outcome import Outcome
from anlan.foundation.clock import SHANGHAI


def table(outcome: Outcome) -> str:
    """Return the table."""
    lines = [*_first_things(outcome), *_loop(outcome), *_ends(outcome)]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in lines)])


def _first_things(outcome: Outcome) -> list[tuple[str, object]]:
    moment = outcome.first_signal_at
    rule = f"{outcome.first_signal_rule}：{outcome.first_signal_words}" if moment else "—"
    is_counts = outcome.kind == "daily_counts"
    known = outcome.first_signal_count if is_counts else outcome.cases_known_then
    return [
        ("第一份计数 first count" if is_counts else "第一份报告 first report", outcome.first_report or "—"),
        ("第一条信号 first signal", f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else "—"),
        ("其规则 its rule", rule),
        (
            "其计数 its count" if is_counts else "当时已知病例 cases known by then",
            "—" if known is None else known,
        ),
        (
            "计数合计 counted in all" if is_counts else "病例总数 cases in all",
            outcome.counted_in_all if is_counts else outcome.cases_stored,
        ),
    ]


def _loop(outcome: Outcome) -> list[tuple[str, object]]:
    made_up = "，邻接为虚拟 made-up borders" if outcome.borders_are_made_up else ""
    return [
        (
            "信号总数 signals in all",
            f"{outcome.signals}（已关闭 closed {outcome.signals_closed}，"
            f"预算压下 held {outcome.findings_held}）",
        ),
        (
            "预警产品 warning products signed",
            f"{outcome.products_signed}（已应答 answered {outcome.products_answered}）",
        ),
        (
            "响应方案 plans activated",
            f"{outcome.plans_activated} / {outcome.plans_proposed}（已解除 lifted {outcome.plans_lifted}）",
        ),
        (
            "被通报的网格 neighbours warned",
            f"{outcome.areas_warned}（已应答 answered {outcome.areas_answered}{made_up}）",
        ),
        (
            "周边协防 co-response orders",
            f"{outcome.co_responses}（六项已答 items answered {outcome.co_responses_done}）",
        ),
        (
            "准入关口 gate",
            f"放行 passed {outcome.gate_passed}，拦下 held {outcome.gate_held}；应急准入 emergency items "
            f"{outcome.emergencies}（已复核 reviewed {outcome.emergencies_reviewed}）",
        ),
        (
            "工单 orders opened / closed / open",
            f"{outcome.orders_opened} / {outcome.orders_closed} / {outcome.orders_open}",
        ),
    ]


def _ends(outcome: Outcome) -> list[tuple[str, object]]:
    is_counts = outcome.kind == "daily_counts"
    return [
        ("最后一份计数 last count" if is_counts else "最后一份报告 last report", outcome.last_report or "—"),
        ("全部关闭 all closed on", outcome.all_closed_on or "—"),
    ]
