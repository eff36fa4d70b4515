"""What stands beside a signal at the duty desk: its sources, the record of its rule, the legal clocks."""

from datetime import timedelta
from uuid import UUID

from django.test import Client

from anlan.foundation.clock import day_of
from anlan.foundation.packs import Text
from anlan.foundation.scope import duty, scope
from anlan.health.models import ReportReceipt
from anlan.health.queries import replies_owed
from anlan.surveillance.clocks import event_clock
from anlan.surveillance.gauge import readings
from anlan.surveillance.models import HeldFinding, Signal, SignalStep
from anlan.surveillance.queries import open_signals
from anlan.surveillance.signal_parts import record_words
from anlan.surveillance.verdicts import RuleRecord
from tests.surveillance.test_clocks import signal_of
from tests.surveillance.test_loop import (
    WHOLE,
    as_zhou,
    raise_signal,
    report_measles,
    run_reactions,
    verified,
    version_of,
)
from tests.world import GRID_C, World

LINE = 10  # measles cases in a unit that make an event, in the pack
NUMBER = "3301992026000123"


def desk(world: World) -> str:
    answer = world.sign_in(Client(), "zhou").get("/desk/")
    assert answer.status_code == 200
    return answer.content.decode()


def cluster(world: World, count: int) -> UUID:
    """Report so many measles cases in a class, a minute apart; return the signal."""
    for minute in range(count):
        report_measles(world, "wang", world.now + timedelta(minutes=minute))
    run_reactions()
    zhou = world.actor("zhou")
    with scope(zhou):
        return open_signals(zhou).get(place_kind="class").pk


def test_a_signal_names_the_doors_its_reports_came_by_and_what_is_next(world: World) -> None:
    signal_id = raise_signal(world)
    shown = desk(world)
    assert "页面填报 2" in shown and f"/signals/{signal_id}/#acts" in shown and "响应</a>" in shown

    as_zhou(world, "acknowledge_signal", signal_id)
    assert "核实或排除</a>" in desk(world)
    as_zhou(world, "verify_signal", signal_id, holds=True, note="属实")
    assert f'href="/signals/{signal_id}/assess/"' in desk(world)


def test_the_record_of_a_rule_stands_beside_its_signal(world: World) -> None:
    signal_id = raise_signal(world)
    assert "此规则还没有核实过的信号" in desk(world)

    as_zhou(world, "acknowledge_signal", signal_id)
    as_zhou(world, "verify_signal", signal_id, holds=True, note="属实")

    assert "此规则已判 1 条，属实 1 条：100%（21–100%）" in desk(world)
    page = world.sign_in(Client(), "zhou").get(f"/signals/{signal_id}/").content.decode()
    assert "此规则已判 1 条" in page
    leader = world.sign_in(Client(), "zhao").get(f"/signals/{signal_id}/").content.decode()
    assert "此规则已判" not in leader


def test_the_words_of_a_record() -> None:
    mixed = RuleRecord("rule", 7, 173, 2, 7 / 180, 0.019, 0.078)

    assert record_words(mixed) == "此规则已判 180 条，属实 7 条：4%（2–8%）"
    assert record_words(RuleRecord("rule", 0, 0, 3, None, None, None)) == "此规则还没有核实过的信号"


def test_the_event_clock_runs_from_the_report_that_reached_the_line(world: World) -> None:
    signal_id = cluster(world, LINE)
    zhou = world.actor("zhou")

    with scope(zhou):
        signal = Signal.objects.get(pk=signal_id)
        found = readings(zhou, [signal])[signal_id]
        running = event_clock(signal, found, [], world.now)
        late = event_clock(signal, found, [], world.now + timedelta(hours=3))

    tenth = world.now + timedelta(minutes=LINE - 1)
    assert running is not None and running.due_at == tenth + timedelta(hours=2) and not running.is_late
    assert late is not None and late.is_late
    assert running.title == Text(zh="报告突发公共卫生事件", en="Report as a public health emergency event")


def test_below_the_line_no_event_clock_runs(world: World) -> None:
    signal_id = cluster(world, LINE - 1)
    zhou = world.actor("zhou")

    with scope(zhou):
        signal = Signal.objects.get(pk=signal_id)
        assert event_clock(signal, readings(zhou, [signal])[signal_id], [], world.now) is None
    assert "法定时限：报告突发公共卫生事件" not in desk(world)


def test_recording_the_event_report_ends_its_clock(world: World) -> None:
    signal_id = cluster(world, LINE)
    as_zhou(world, "acknowledge_signal", signal_id)
    client, address = world.sign_in(Client(), "zhou"), f"/signals/{signal_id}/event/"
    assert "法定时限：报告突发公共卫生事件" in desk(world)
    assert address in client.get(f"/signals/{signal_id}/").content.decode()

    without = client.post(address, {"version": version_of(signal_id), "note": ""})
    assert without.status_code == 422
    assert client.post(address, {"version": version_of(signal_id), "note": NUMBER}).status_code == 302

    assert "法定时限：报告突发公共卫生事件" not in desk(world)
    shown = client.get(f"/signals/{signal_id}/").content.decode()
    assert NUMBER in shown and address not in shown
    with duty("detect", ranges=WHOLE, cause="test"):
        step = SignalStep.objects.get(signal_id=signal_id, act="event")
    assert (step.note, step.member_name) == (NUMBER, "周航")


def test_only_the_desk_records_an_event_report(world: World) -> None:
    signal_id = cluster(world, LINE)
    as_zhou(world, "acknowledge_signal", signal_id)
    sent = {"version": version_of(signal_id), "note": NUMBER}

    answers = {
        handle: world.sign_in(Client(), handle).post(f"/signals/{signal_id}/event/", sent).status_code
        for handle in ("zheng", "zhao", "feng", "wang")
    }

    assert answers["zheng"] == 403 and all(status in {403, 404} for status in answers.values())
    stranger = Client().post(f"/signals/{signal_id}/event/", sent)
    assert stranger.status_code == 302 and stranger["Location"].startswith("/accounts/login/")
    assert version_of(signal_id) == sent["version"]


def test_reporters_without_word_stand_on_the_desk_until_they_have_it(world: World) -> None:
    verified_id = raise_signal(world)
    with duty("react", ranges=WHOLE, cause="test"):
        ReportReceipt.objects.update(reported_at=world.now - timedelta(hours=30))
    shown = desk(world)
    assert "待回音的报告人" in shown and "2 人等了超过 24 小时" in shown

    as_zhou(world, "acknowledge_signal", verified_id)
    as_zhou(world, "verify_signal", verified_id, holds=True, note="属实")
    run_reactions()

    zhou = world.actor("zhou")
    with scope(zhou):
        assert not replies_owed(zhou, since=world.now - timedelta(days=14)).exists()
    assert "待回音的报告人" not in desk(world)


def test_what_the_budget_held_back_is_read_at_the_desk_alone(world: World) -> None:
    with duty("detect", ranges=WHOLE, cause="test"):
        HeldFinding.objects.create(
            area_code=GRID_C,
            rule="gastro_fused",
            matter="diarrhoea_vomiting",
            condition="diarrhoea_vomiting",
            place_kind="grid",
            place_key=GRID_C,
            place_name="新桥第一网格",
            on=day_of(world.now),
            z=3.2,
            words_zh="新桥第一网格：学校 6（预期 0.4，贡献 60%）",
            words_en="Bridge grid 1: schools 6 (expected 0.4, contributes 60%)",
            held_by="cdc",
            held_at=world.now,
        )

    shown = desk(world)

    assert "预算内未发出" in shown and "学校 6（预期 0.4，贡献 60%）" in shown


def test_a_verified_signal_waits_for_no_verdict_at_the_department(world: World) -> None:
    signal_id = verified(world)
    page = world.sign_in(Client(), "wu").get("/desk/control/").content.decode()

    assert str(signal_id) in page and "核实或排除" not in page
    assert signal_of(signal_id).verified_at is not None
