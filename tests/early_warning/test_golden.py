"""The detectors agree with the reference vectors, and a disagreement is reported, not swallowed."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from early_warning.golden import compare_series

VECTORS = sorted(Path(__file__).parent.parent.joinpath("baselines").glob("sim_*.json"))


def document(path: Path) -> dict[str, Any]:
    """Return one series document."""
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def test_the_vectors_are_there() -> None:
    assert len(VECTORS) == 10


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_every_method_agrees_with_its_reference_vector(path: Path) -> None:
    compared = compare_series(document(path))

    assert len(compared) == 15
    assert [comparison.misses for comparison in compared if not comparison.passed] == []


@pytest.mark.parametrize("quantity", ["upperbound", "alarm", "expected", "mu0", "phi"])
def test_a_wrong_value_is_a_miss(quantity: str) -> None:
    wrong = copy.deepcopy(document(VECTORS[0]))
    result = next(r for r in wrong["results"] if r["control"].get("set") == "B_noufaily_nb")
    place = next(i for i, value in enumerate(result[quantity]) if value is not None)
    result[quantity][place] = (
        1 - result[quantity][place] if quantity == "alarm" else result[quantity][place] + 1
    )

    compared = compare_series({**wrong, "results": [result]})

    assert not compared[0].passed
    assert quantity in compared[0].misses[0]


def test_an_unknown_method_is_a_miss() -> None:
    wrong = document(VECTORS[0])
    wrong["results"] = [{**wrong["results"][0], "method": "outbreakP"}]

    assert not compare_series(wrong)[0].passed


def test_another_control_set_is_run_as_given() -> None:
    other = document(VECTORS[0])
    result = copy.deepcopy(next(r for r in other["results"] if r["method"] == "earsC"))
    result["control"]["alpha"] = 0.01

    compared = compare_series({**other, "results": [result]})

    assert compared[0].worst["upperbound"] > 1e-3
