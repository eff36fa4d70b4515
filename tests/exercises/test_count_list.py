"""Daily counts: every row in is a number, a duplicate, or an error that says where and why."""

import runpy
from pathlib import Path

import pytest

from anlan.exercises.replay.count_list import CountList, Door, read_count_list
from anlan.exercises.replay.mapping import chessboard, grid_shapes
from anlan.exercises.replay.rows import NotReplayable, heading_of

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "day,area,indicator,count\n"
DOORS = {
    "school_gastro": Door("school_gastro", "diarrhoea_vomiting", "school_absence", "vomiting", "cdc"),
    "measles": Door("measles", "measles"),
}


def read(tmp_path: Path, rows: str, head: str = HEAD) -> CountList:
    file = tmp_path / "counts.csv"
    file.write_text(head + rows, encoding="utf-8")
    return read_count_list(file, DOORS.get)


def test_the_example_is_what_its_seed_makes() -> None:
    made = runpy.run_path(str(EXAMPLES / "make_counts.py"))["rows"]()
    lines = (EXAMPLES / "school-counts.csv").read_text(encoding="utf-8").splitlines()

    assert lines[0] == HEAD.strip()
    assert lines[1:] == [",".join(map(str, row)) for row in made]


def test_rows_are_read_in_the_order_of_their_days(tmp_path: Path) -> None:
    listed = read(tmp_path, "2026-03-03,B,measles,2\n\n2026-03-02,A,school_gastro,0\n")

    assert [(str(row.day), row.area, row.count, row.row) for row in listed.counts] == [
        ("2026-03-02", "A", 0, 4),
        ("2026-03-03", "B", 2, 2),
    ]
    assert listed.areas == ["A", "B"]
    assert listed.points == {}


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("2026-02-30,A,school_gastro,1", "day"),
        ("2026-03-02,,school_gastro,1", "area"),
        ("2026-03-02,A,frogs,1", "frogs"),
        ("2026-03-02,A,school_gastro,-1", "count"),
        ("2026-03-02,A,school_gastro,1.5", "count"),
        ("2026-03-02,A,school_gastro,", "count"),
        ("2026-03-02,A,school_gastro,1000001", "count"),
        ("2026-03-02,A,measles,201", "200"),
        ("2026-03-02,A,school_gastro", "count"),
        ("2026-03-01,A,school_gastro,6", "row 2 says 5"),
    ],
)
def test_a_bad_row_is_told_and_the_others_are_kept(tmp_path: Path, row: str, word: str) -> None:
    listed = read(tmp_path, f"2026-03-01,A,school_gastro,5\n{row}\n")

    assert [one.count for one in listed.counts] == [5]
    assert [(bad.row, bad.outcome) for bad in listed.bad_rows] == [(3, "rejected")]
    assert word in listed.bad_rows[0].reason
    assert listed.row_count == 2


def test_the_same_number_again_is_a_duplicate(tmp_path: Path) -> None:
    listed = read(tmp_path, "2026-03-01,A,school_gastro,5\n2026-03-01,A,school_gastro,5\n")

    assert [(bad.row, bad.outcome) for bad in listed.bad_rows] == [(3, "duplicate")]


def test_places_are_taken_where_each_area_has_its_own(tmp_path: Path) -> None:
    head = "day,area,indicator,count,x_m,y_m\n"
    rows = "2026-03-01,A,measles,1,0,0\n2026-03-01,B,measles,1,100,0\n"

    assert read(tmp_path, rows, head).points == {(0.0, 0.0): "A", (100.0, 0.0): "B"}

    listed = read(tmp_path, rows + "2026-03-02,A,measles,1,5,5\n2026-03-01,C,measles,1,100,0\n", head)
    assert [bad.row for bad in listed.bad_rows] == [4, 5]


def test_a_file_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotReplayable, match="indicator"):
        read(tmp_path, "2026-03-01,A,5\n", "day,area,count\n")
    with pytest.raises(NotReplayable, match="row 2"):
        read(tmp_path, "soon,A,school_gastro,5\n")
    file = tmp_path / "gb.csv"
    file.write_bytes("日期".encode("gb18030"))
    with pytest.raises(NotReplayable, match="UTF-8"):
        heading_of(file)


def test_a_chessboard_gives_every_area_its_square() -> None:
    areas = [f"{number:02}" for number in range(7)]
    shapes = grid_shapes(chessboard(areas), {area: area for area in areas})

    assert sorted(shapes) == areas
    assert all(shape.geom_type == "Polygon" and shape.area > 0 for shape in shapes.values())


def test_a_single_area_is_drawn_too() -> None:
    assert grid_shapes(chessboard(["A"]), {"A": "A"})["A"].area > 0
