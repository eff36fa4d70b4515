"""A replay runs through the ordinary doors and stays inside its practice district."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from anlan.exercises.replay.line_list import read_line_list
from anlan.exercises.replay.run import replay
from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty, scope
from anlan.health.models import CaseReport
from anlan.surveillance.models import Signal, WarningReceipt
from anlan.surveillance.queries import visible_signals
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ROWS = """case,onset_on,reported_on,area,place,household,age_years,sex,syndrome,x_m,y_m
1,1861-11-01,1861-11-03,A,class 1,h1,7,female,measles,0,0
2,1861-11-02,1861-11-04,B,class 1,h2,8,male,measles,100,0
3,1861-11-05,1861-11-06,C,,h3,3,,measles,200,0
4,1861-11-06,1861-11-08,B,class 1,h2,,male,measles,100,0
"""


@pytest.fixture
def line_list(tmp_path: Path) -> Path:
    file = tmp_path / "village.csv"
    file.write_text(ROWS, encoding="utf-8")
    return file


def test_four_cases_become_one_signal_that_is_warned_of_and_closed(world: World, line_list: Path) -> None:
    said: list[str] = []

    ground, outcome = replay(read_line_list(line_list, lambda key: True), said.append)

    assert (outcome.cases_stored, outcome.rows_refused) == (4, 0)
    assert (outcome.signals, outcome.signals_closed) == (1, 1)
    assert outcome.cases_known_then == 2
    assert (outcome.orders_opened, outcome.orders_closed) == (1, 1)
    # case 3 lies outside the school: the signal is the community's now, all three grids with cases are warned
    assert outcome.areas_warned == outcome.areas_answered == 3
    assert ground.code.startswith("99")
    _assert_invisible_from_the_real_district(world)


def _assert_invisible_from_the_real_district(world: World) -> None:
    for handle in ("zhou", "wu", "zhao", "zheng", "wang"):
        actor = world.actor(handle)
        with scope(actor), transaction.atomic():
            assert not visible_signals(actor).exists()
            assert not WarningReceipt.objects.exists()
    with duty("detect", ranges=AreaRanges.of(["330199"]), cause="test"), transaction.atomic():
        assert not CaseReport.objects.exists()
        assert not Signal.objects.exists()


def test_the_command_prints_the_table_and_writes_the_figures(
    standard_pack: None, line_list: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"

    call_command("replay", str(line_list), "--json", str(figures))

    assert "cases known by then | 2" in capsys.readouterr().out
    assert '"cases_stored": 4' in figures.read_text(encoding="utf-8")
