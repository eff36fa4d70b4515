"""Places in packs: what they declare adds up, what does not is told by its line; the standard one stays."""

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely
from stdnum import numdb

from anlan.exercises.district.layout import lay_out
from anlan.exercises.district.place_names import ordinal
from anlan.exercises.pack import Place
from anlan.foundation.packs import LIBRARY, read_pack
from anlan.organisation.attributes import asked_of, check_attributes
from anlan.organisation.pack_registers import Attribute
from tests.exercises.places import place_of
from tests.foundation.test_packs import MANIFEST, faults

PACKS = ("standard", "laiyuan", "hanyin")
# Codes, kinds and names of the areas of the standard district of seed 3, as before there were places.
STANDARD_AREAS = "75628df5d73c607a75d3341e0d8ca8f88c45e4ff0090c556fde71094312e66c3"


def changed(folder: Path, before: str, after: str, pack: str = "laiyuan") -> tuple[Path, int]:
    """Write a pack on top of `pack` whose place differs in one text; return it and the line of that."""
    text = (LIBRARY / pack / "place.yaml").read_text(encoding="utf-8")
    assert text.count(before) == 1
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        MANIFEST.format(name=folder.name) + f"extends: {pack}\n", encoding="utf-8"
    )
    (folder / "place.yaml").write_text(text.replace(before, after), encoding="utf-8")
    return folder, text[: text.index(before)].count("\n") + 1


@pytest.mark.parametrize("name", PACKS)
def test_what_a_place_says_of_its_institutions_vehicles_and_staff_is_what_the_register_asks(
    name: str,
) -> None:
    pack = read_pack(LIBRARY / name)
    place, asked = place_of(name), pack.bodies(Attribute)
    of = {kind: [row for row in asked if row.of == kind] for kind in ("facility", "vehicle", "member")}
    said = [
        *((line.said(), asked_of(of["facility"], line.kind)) for line in place.institutions if line.said()),
        *((line.said(), asked_of(of["vehicle"], line.kind)) for line in place.vehicles),
    ]
    people = [row for line in place.institutions for row in line.staff]

    found = [check_attributes(values, definitions) for values, definitions in said]
    engaged = [
        check_attributes({"profession": row.profession, "title_rank": row.title_rank}, of["member"])
        for row in people
    ]
    liaison = [check_attributes(line.said(), of["member"]) for line in place.people]

    assert [dict(row.errors) for row in (*found, *engaged, *liaison) if row.errors] == []
    assert [row.missing for row in (*found, *engaged) if row.missing] == []


@pytest.mark.parametrize("name", PACKS)
def test_the_code_of_a_place_is_no_real_districts(name: str) -> None:
    known = numdb.get("cn/loc").info(place_of(name).code)

    assert all("county" not in part for _digits, part in known)


def test_the_standard_district_is_drawn_as_it_always_was() -> None:
    layout = lay_out("330199", np.random.default_rng(3))
    written = "\n".join(f"{area.code} {area.kind} {area.name}" for area in layout.areas)

    assert hashlib.sha256(written.encode()).hexdigest() == STANDARD_AREAS


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["laiyuan", "hanyin"])
def test_a_county_town_lies_together_in_one_township_and_its_areas_tile_the_county(
    name: str, seed: int
) -> None:
    place = place_of(name)

    layout = lay_out(place.code, np.random.default_rng(seed), place)

    town = [area for area in layout.areas if len(area.code) == 12 and area.kind == "residential"]
    villages = [area for area in layout.areas if len(area.code) == 12 and area.kind == "village"]
    assert (len(town), len(villages)) == (place.communities, place.villages)
    assert len({area.code[:9] for area in town}) == 1
    assert shapely.union_all([area.shape for area in town]).geom_type == "Polygon"
    assert len({area.name for area in layout.areas if len(area.code) <= 12}) == sum(
        len(area.code) <= 12 for area in layout.areas
    )
    for length in (9, 12, 15):
        shapes = np.array([area.shape for area in layout.areas if len(area.code) == length])
        assert shapely.coverage_is_valid(shapes)
        assert {shape.geom_type for shape in shapes} == {"Polygon"}


@pytest.mark.parametrize(
    ("total", "before", "after", "found"),
    [
        ("staff", "counts: staff, number: 1880", "counts: staff, number: 1881", "1880"),
        ("beds", "counts: beds, number: 1527", "counts: beds, number: 1500", "1527"),
        (
            "institutions",
            "kinds: [hospital, township_hospital, village_clinic], number: 317",
            "kinds: [hospital, township_hospital, village_clinic], number: 318",
            "317",
        ),
        ("senior titles", "among: [senior]}], number: 140", "among: [senior]}], number: 14", "140"),
    ],
)
def test_a_total_that_does_not_add_up_is_told_by_file_and_line(
    tmp_path: Path, total: str, before: str, after: str, found: str
) -> None:
    folder, line = changed(tmp_path / "town", before, after)

    told = faults(folder)

    [(where, words)] = told.items()
    assert where.startswith(f"town/place.yaml:{line} totals.")
    assert where.endswith(".number")
    assert f"the lines add up to {found}" in words, total


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("        at: township_hospitals\n", "        at: township_hospital\n", "vehicles.0.at"),
        ('        name: "{area}卫生室"\n', '        name: "{village}卫生室"\n', "institutions.10.name"),
        ("        count: 285\n", "        count: 0\n", "institutions.10.count"),
        ("    grids: 900\n", "    grids: 4000\n", "grids"),
        ("    county_town: true\n", "    county_town: false\n", "institutions.0.in_town"),
        ("community_endings: [庄, 沟, 峪, 台, 口]", "community_endings: [庄, 沟]", "community_endings"),
        ('    code: "130699"\n', "    code: 13069x\n", "code"),
        ("          - {key: tests_per_day, value: 3000}\n", "          - {key: tests, value: 3000}\n",
         "vehicles.2.attributes.0.key"),
    ],
)  # fmt: skip
def test_what_does_not_fit_in_a_place_is_told_by_its_field(
    tmp_path: Path, before: str, after: str, field: str
) -> None:
    folder, line = changed(tmp_path / "town", before, after)

    told = {where.split()[-1]: where for where in faults(folder)}

    assert field in told
    assert told[field].startswith("town/place.yaml:")
    if field != "institutions.0.in_town":
        assert told[field] == f"town/place.yaml:{line} {field}"


def test_a_pack_of_ones_own_takes_the_place_below_and_changes_what_it_names(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "pack.yaml").write_text(MANIFEST.format(name="town") + "extends: laiyuan\n", encoding="utf-8")
    (folder / "place.yaml").write_text("- {key: place, name: 云溪县, residents: 5000}\n", encoding="utf-8")

    place = read_pack(folder).bodies(Place)[0]

    assert (place.name, place.residents, place.villages) == ("云溪县", 5000, 285)


def test_a_small_place_without_a_county_town_campus_or_hospital_is_drawn_too() -> None:
    standard = place_of("standard").model_dump()
    schools = [row for row in standard["institutions"] if row["kind"] == "primary_school"]
    small = {"subdistricts": 5, "communities": 9, "villages": 3, "grids": 40}
    small |= {name: [] for name in ("reserved", "vehicles", "totals")}
    place = Place.model_validate(standard | small | {"institutions": [schools[0] | {"count": 2}]})

    layout = lay_out(place.code, np.random.default_rng(4), place)

    lengths = Counter(len(area.code) for area in layout.areas)
    assert lengths == {6: 1, 9: 5, 12: 12, 15: 42}
    assert sum(grid.is_special for grid in layout.grids) == 2


def test_ordinals_are_written_as_they_are_said() -> None:
    said = {1: "一", 10: "十", 11: "十一", 20: "二十", 99: "九十九", 100: "一百", 101: "一百零一",
            110: "一百一十", 285: "二百八十五"}  # fmt: skip

    assert {number: ordinal(number) for number in said} == said
