"""A line list: every row in is a case or an error that says why."""

from pathlib import Path

import pytest
import shapely

from anlan.exercises.replay.line_list import read_line_list
from anlan.exercises.replay.mapping import grid_shapes
from anlan.exercises.replay.rows import NotReplayable

HEAD = "case,onset_on,reported_on,area,place,household,age_years,sex,syndrome,x_m,y_m,infected_by\n"
HAGELLOCH = Path(__file__).parents[2] / "examples" / "hagelloch-1861.csv"


def read(tmp_path: Path, rows: str, head: str = HEAD) -> tuple[list[str], dict[int, str]]:
    file = tmp_path / "list.csv"
    file.write_text(head + rows, encoding="utf-8")
    listed = read_line_list(file, lambda key: key == "measles")
    return [case.case for case in listed.cases], {bad.row: bad.reason for bad in listed.bad_rows}


def test_all_of_hagelloch_is_read() -> None:
    listed = read_line_list(HAGELLOCH, lambda key: key == "measles")

    assert len(listed.cases) == 188
    assert listed.bad_rows == []
    assert listed.has_coordinates


def test_empty_sex_age_and_household_are_unknown_not_wrong(tmp_path: Path) -> None:
    cases, bad = read(tmp_path, "1,,1861-11-03,A,,,,,measles,,,\n")

    assert cases == ["1"]
    assert bad == {}


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("2,,1861-13-03,A,,,,,measles,,,", "reported_on"),
        ("2,1861-11-09,1861-11-03,A,,,,,measles,,,", "onset_on"),
        ("2,,1861-11-03,A,,,200,,measles,,,", "age_years"),
        ("2,,1861-11-03,A,,,,other,measles,,,", "sex"),
        ("2,,1861-11-03,A,,,,,plague of frogs,,,", "pack"),
        ("2,,1861-11-03,,,,,,measles,,,", "area"),
        ("1,,1861-11-03,A,,,,,measles,,,", "twice"),
    ],
)
def test_a_bad_row_is_told_and_the_others_are_kept(tmp_path: Path, row: str, word: str) -> None:
    cases, bad = read(tmp_path, f"1,,1861-11-03,A,,,,,measles,,,\n{row}\n")

    assert cases == ["1"]
    assert word in bad[3]


def test_the_same_row_again_is_a_duplicate_and_another_of_that_case_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    row = "1,,1861-11-03,A,,,,,measles,,,\n"
    file.write_text(HEAD + row + row + row.replace(",A,", ",B,"), encoding="utf-8")
    listed = read_line_list(file, lambda key: True)

    assert [(bad.row, bad.outcome) for bad in listed.bad_rows] == [(3, "duplicate"), (4, "rejected")]
    assert listed.row_count == 3


def test_a_file_without_the_columns_says_which_are_missing(tmp_path: Path) -> None:
    with pytest.raises(NotReplayable, match="reported_on"):
        read(tmp_path, "1,x\n", head="case,onset_on\n")


def test_areas_drawn_from_houses_tile_their_ground_without_gaps() -> None:
    listed = read_line_list(HAGELLOCH, lambda key: True)
    areas = {case.area: case.area for case in listed.cases}

    shapes = grid_shapes(listed.points, areas)

    apart = sum(shape.area for shape in shapes.values())
    together = shapely.union_all(list(shapes.values())).area
    assert apart == pytest.approx(together, rel=1e-9)
