"""The signal's page shows what its statistical rule expected of the place, beside what was seen."""

import json
from datetime import timedelta

from django.test import Client

from anlan.foundation.clock import day_of
from anlan.foundation.scope import duty, scope
from anlan.surveillance.expectation import Expectation, expectation_of
from anlan.surveillance.models import DailyCount, Signal
from anlan.surveillance.runs import run_detectors
from tests.surveillance.test_loop import WHOLE, raise_signal
from tests.surveillance.test_runs import history, open_rows, set_today
from tests.world import GRID_C, World


def raised(world: World) -> Signal:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        set_today(world, GRID_C, school_gastro=6, pharmacy_gastro=4, clinic_gastro=4)
        run_detectors(now=world.now)
        return open_rows()[0]


def shown(world: World, signal: Signal, handle: str = "zhou") -> Expectation | None:
    with scope(world.actor(handle)):
        return expectation_of(signal, world.now)


def test_the_last_day_stands_above_the_upper_bound_and_a_quiet_one_does_not(world: World) -> None:
    found = shown(world, raised(world))

    assert found is not None and found.rule.key == "gastro_fused"
    assert len(found.days) == 28 and found.days[-1] == day_of(world.now).isoformat()
    assert found.sources == ["学校", "药店", "诊所"]
    assert found.observed[-1] == 14
    expected, upper = found.expected[-1], found.upper[-1]
    assert expected is not None and upper is not None and expected < upper < 14
    pairs = zip(found.observed, found.upper, strict=True)
    assert sum(one is not None and most is not None and one > most for one, most in pairs) == 1


def test_what_is_seen_is_what_was_counted(world: World) -> None:
    signal = raised(world)
    found = shown(world, signal)
    day = day_of(world.now) - timedelta(days=5)
    with duty("detect", ranges=WHOLE, cause="test"):
        counted = sum(DailyCount.objects.filter(area_code=GRID_C, on=day).values_list("count", flat=True))

    assert found is not None and found.observed[-6] == counted


def test_a_day_nobody_reported_is_open_and_not_zero(world: World) -> None:
    signal = raised(world)
    day = day_of(world.now) - timedelta(days=3)
    with duty("detect", ranges=WHOLE, cause="test"):
        DailyCount.objects.filter(area_code=GRID_C, on=day).delete()

    found = shown(world, signal)

    assert found is not None and found.observed[-4] is None and found.upper[-4] is None


def test_a_post_of_one_subdistrict_sees_the_same_expectation(world: World) -> None:
    signal = raised(world)

    assert shown(world, signal, "zheng") == shown(world, signal, "zhou")


def test_a_signal_of_a_fixed_number_has_no_such_chart(world: World) -> None:
    signal_id = raise_signal(world)
    client = world.sign_in(Client(), "zhou")

    assert f"/signals/{signal_id}/expected/" not in client.get(f"/signals/{signal_id}/").content.decode()
    assert "报数太少，算不出预期" in client.get(f"/signals/{signal_id}/expected/").content.decode()


def test_the_page_asks_for_the_chart_and_gets_it(world: World) -> None:
    signal = raised(world)
    client, address = world.sign_in(Client(), "zhou"), f"/signals/{signal.pk}/expected/"
    page = client.get(f"/signals/{signal.pk}/").content.decode()
    asks = page[page.index('id="expected"') :].partition(">")[0]
    assert address in asks and 'hx-select="unset"' in asks  # the live area around it selects itself

    part = client.get(address).content.decode()

    chart = json.loads(part[part.index("{") : part.index("}") + 1])
    assert set(chart) == {"days", "observed", "expected", "lower", "upper"}
    assert "1/50,000" in part and "学校、药店、诊所" in part


def test_it_is_hidden_from_the_neighbour_and_from_leaders(world: World) -> None:
    address = f"/signals/{raised(world).pk}/expected/"

    assert {h: world.sign_in(Client(), h).get(address).status_code for h in ("feng", "zhao", "wang")} == {
        "feng": 404,
        "zhao": 403,
        "wang": 403,
    }
    stranger = Client().get(address)
    assert stranger.status_code == 302 and stranger["Location"].startswith("/accounts/login/")
