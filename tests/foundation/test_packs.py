"""Reading regional packs: the good one loads whole, every fault names its file and line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from anlan.foundation.packs import LIBRARY, Pack, PackInvalid, Text, read_pack
from anlan.health.pack import Disease, EventGauge
from anlan.organisation.pack import Level, PostRole
from anlan.surveillance.pack import Rule
from anlan.workorders.pack import OrderKind, OrderStage

MANIFEST = "name: {name}\ntitle: {{zh: 测试, en: Trial}}\ndescription: {{zh: 测试, en: Trial}}\n"
SOURCES = "- {key: local, title: {zh: 本地, en: Local}, issued_by: {zh: 区, en: District}}\n"
DISTRICT = (
    "- key: district\n"
    "  source: local\n"
    "  effective_on: 2025-09-01\n"
    "  local_edit: true\n"
    "  title: {zh: 区, en: District}\n"
    "  short_title: {zh: 区, en: District}\n"
    "  rank: 1\n"
    "  code_digits: 6\n"
)


def written(folder: Path, **files: str) -> Path:
    """Write a small pack named after its folder; `levels__csv` becomes levels.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"pack": MANIFEST.format(name=folder.name), "sources": SOURCES, "levels": DISTRICT} | files
    for name, text in contents.items():
        stem, _, suffix = name.partition("__")
        (folder / f"{stem}.{suffix or 'yaml'}").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> dict[str, str]:
    """Read a pack that must fail: the faults by `file:line field`."""
    with pytest.raises(PackInvalid) as caught:
        read_pack(folder)
    return {f"{error.place} {error.field}".strip(): str(error) for error in caught.value.errors}


def texts_of(model: BaseModel) -> Iterator[Text]:
    """Walk a model for its texts."""
    for value in (getattr(model, name) for name in type(model).model_fields):
        items: list[Any] = list(value) if isinstance(value, list) else [value]
        for item in items:
            if isinstance(item, Text):
                yield item
            elif isinstance(item, BaseModel):
                yield from texts_of(item)


@pytest.fixture(scope="module")
def standard() -> Pack:
    return read_pack(LIBRARY / "standard")


def test_a_good_pack_is_read_whole_with_the_place_of_each_entry(tmp_path: Path) -> None:
    pack = read_pack(written(tmp_path / "town"))

    assert (pack.name, pack.title.en) == ("town", "Trial")
    assert [level.code_digits for level in pack.bodies(Level)] == [6]
    assert str(pack.sections["levels"][0].place) == "town/levels.yaml:1"


def test_the_version_follows_the_content_and_not_the_layout(tmp_path: Path) -> None:
    first = read_pack(written(tmp_path / "a" / "town"))
    spaced = read_pack(written(tmp_path / "b" / "town", levels="# remark\n\n" + DISTRICT))
    changed = read_pack(written(tmp_path / "c" / "town", levels=DISTRICT.replace("rank: 1", "rank: 2")))

    assert first.version == spaced.version
    assert first.version != changed.version


def test_a_missing_field_names_the_line_of_its_entry(tmp_path: Path) -> None:
    folder = written(tmp_path / "town", levels=DISTRICT.replace("  rank: 1\n", ""))

    assert "缺少必填项" in faults(folder)["town/levels.yaml:1 rank"]


def test_a_wrong_value_names_its_own_line_in_both_languages(tmp_path: Path) -> None:
    message = faults(written(tmp_path / "town", levels=DISTRICT.replace("rank: 1", "rank: first")))

    assert "应为整数" in message["town/levels.yaml:7 rank"]
    assert "a whole number is expected" in message["town/levels.yaml:7 rank"]


def test_a_text_in_one_language_only_is_refused(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "town", levels=DISTRICT.replace("  title: {zh: 区, en: District}", "  title: {zh: 区}")
    )

    assert list(faults(folder)) == ["town/levels.yaml:5 title.en"]


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    assert (
        "there is no such field"
        in faults(written(tmp_path / "town", levels=DISTRICT + "  colour: red\n"))[
            "town/levels.yaml:9 colour"
        ]
    )


def test_a_duplicate_key_names_both_places(tmp_path: Path) -> None:
    message = faults(written(tmp_path / "town", levels=DISTRICT + DISTRICT))["town/levels.yaml:9 key"]

    assert "a duplicate of town/levels.yaml:1" in message


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    assert (
        "there is no section colours"
        in faults(written(tmp_path / "town", colours="- {key: red}\n"))["town/colours.yaml:1"]
    )


def test_a_reference_to_nothing_is_refused(tmp_path: Path) -> None:
    message = faults(written(tmp_path / "town", levels=DISTRICT + "  below: province\n"))

    assert "there is no province in levels" in message["town/levels.yaml:9 below"]


def test_a_rule_on_an_unknown_disease_is_refused(tmp_path: Path) -> None:
    standard = read_pack(LIBRARY / "standard").bodies(Rule)[0]
    rule = standard.model_copy(update={"conditions": ["dragon_pox"]}).model_dump_json()
    folder = written(
        tmp_path / "town", pack=MANIFEST.format(name="town") + "extends: standard\n", rules=f"- {rule}\n"
    )
    (folder / "levels.yaml").unlink()
    (folder / "sources.yaml").unlink()

    assert list(faults(folder)) == ["town/rules.yaml:1 conditions.0"]


def test_all_faults_are_told_at_once_in_order(tmp_path: Path) -> None:
    levels = (
        DISTRICT.replace("rank: 1", "rank: first").replace("source: local", "source: nowhere")
        + "  colour: red\n"
    )

    assert list(faults(written(tmp_path / "town", levels=levels))) == [
        "town/levels.yaml:2 source",
        "town/levels.yaml:7 rank",
        "town/levels.yaml:9 colour",
    ]


@pytest.mark.parametrize(
    ("levels", "place"),
    [
        ("- key: [\n", "town/levels.yaml:2"),
        ("", "town/levels.yaml:1"),
        ("key: district\n", "town/levels.yaml:1"),
        ("- district\n", "town/levels.yaml:1"),
        ("- key: district\n  key: district\n", "town/levels.yaml:2"),
        ("- key: district\n  effective_on: 2025-02-30\n", "town/levels.yaml:2"),
        ("- &same {key: a}\n- *same\n", "town/levels.yaml:1"),
    ],
    ids=["syntax", "empty", "no list", "no mapping", "field twice", "impossible day", "alias"],
)
def test_a_file_that_cannot_be_read_names_its_line(tmp_path: Path, levels: str, place: str) -> None:
    assert place in faults(written(tmp_path / "town", levels=levels))


def test_a_table_is_read_like_a_list(tmp_path: Path) -> None:
    table = (
        "key,title.zh,title.en,short_title.zh,short_title.en,rank,code_digits,source,effective_on,local_edit\n"
        '\ndistrict,区,"District, city",区,District,1,6,local,2025-09-01,true\n'
    )
    folder = written(tmp_path / "town", levels__csv=table)
    (folder / "levels.yaml").unlink()

    [entry] = read_pack(folder).sections["levels"]

    assert isinstance(entry.body, Level)
    assert (entry.body.title.en, str(entry.place)) == ("District, city", "town/levels.csv:3")


def test_a_table_row_of_the_wrong_width_names_its_line(tmp_path: Path) -> None:
    folder = written(tmp_path / "town", levels__csv="key,rank\ndistrict,1,2\n")
    (folder / "levels.yaml").unlink()

    assert "3 cells under 2 headings" in faults(folder)["town/levels.csv:2"]


def test_two_files_for_one_section_are_refused(tmp_path: Path) -> None:
    assert (
        "two files for levels"
        in faults(written(tmp_path / "town", levels__csv="key\ndistrict\n"))["town/levels.yaml:1"]
    )


def test_a_pack_extends_another_field_by_field(tmp_path: Path) -> None:
    written(tmp_path / "base")
    town = written(
        tmp_path / "town",
        pack=MANIFEST.format(name="town") + "extends: base\n",
        sources="- {key: own, title: {zh: 自, en: Own}, issued_by: {zh: 区, en: District}}\n",
        levels="- {key: district, rank: 3}\n",
    )

    pack = read_pack(town)

    [level] = pack.bodies(Level)
    assert (level.rank, level.code_digits) == (3, 6)
    assert {entry.key for entry in pack.sections["sources"]} == {"local", "own"}


def test_an_entry_closed_to_local_edits_stays_as_it_is(tmp_path: Path) -> None:
    written(tmp_path / "base", levels=DISTRICT.replace("local_edit: true", "local_edit: false"))
    town = written(
        tmp_path / "town",
        pack=MANIFEST.format(name="town") + "extends: base\n",
        levels="- {key: district, rank: 3}\n",
    )

    assert "may not be changed locally" in faults(town)["town/levels.yaml:1 key"]


def test_a_fault_of_the_pack_below_is_told_in_its_own_file(tmp_path: Path) -> None:
    written(tmp_path / "base", levels=DISTRICT.replace("rank: 1", "rank: first"))
    town = written(
        tmp_path / "town", pack=MANIFEST.format(name="town") + "extends: base\n", levels="- {key: district}\n"
    )

    assert list(faults(town)) == ["base/levels.yaml:7 rank"]


@pytest.mark.parametrize("extended", ["nowhere", "town"])
def test_a_pack_cannot_extend_what_is_missing_or_itself(tmp_path: Path, extended: str) -> None:
    folder = written(tmp_path / "town", pack=MANIFEST.format(name="town") + f"extends: {extended}\n")

    assert f"there is no pack {extended} to extend" in faults(folder)["town/pack.yaml:4 extends"]


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()

    assert "this file is missing" in faults(tmp_path / "town")["town/pack.yaml:1"]


def test_the_standard_pack_names_the_forty_statutory_diseases(standard: Pack) -> None:
    classes = [disease.legal_class for disease in standard.bodies(Disease) if disease.is_statutory]

    assert {name: classes.count(name) for name in "ABC"} == {"A": 2, "B": 27, "C": 11}


def test_the_standard_pack_keeps_sensitive_diseases_from_area_staff(standard: Pack) -> None:
    hidden = {disease.key for disease in standard.bodies(Disease) if disease.visibility == "A"}
    area_staff = {
        "grid_worker",
        "building_head",
        "community_secretary",
        "community_worker",
        "subdistrict_officer",
    }
    posts = {post.key: post for post in standard.bodies(PostRole)}

    assert hidden >= {
        "hiv_aids",
        "gonorrhoea",
        "syphilis",
        "hepatitis_b",
        "hepatitis_c",
        "tuberculosis",
        "leprosy",
    }
    assert all(set(posts[key].sees_visibility) <= {"C"} for key in area_staff)
    assert all("health" not in posts[key].purposes for key in area_staff)


def test_the_two_hour_list_holds_class_a_what_is_managed_as_a_and_the_unknown(standard: Pack) -> None:
    two_hour = {disease.key for disease in standard.bodies(Disease) if disease.clock_hours == 2}
    as_class_a = {disease.key for disease in standard.bodies(Disease) if disease.managed_as == "A"}

    assert as_class_a == {"plague", "cholera", "sars", "anthrax_pulmonary"}
    assert two_hour >= as_class_a | {"unknown_pneumonia", "unknown_infectious", "new_infectious"}


def test_the_standard_pack_has_every_post_of_the_four_levels_and_beside_them(standard: Pack) -> None:
    assert {post.key for post in standard.bodies(PostRole)} >= {
        *("grid_worker", "building_head", "community_secretary", "community_worker", "subdistrict_officer"),
        *("district_commander", "cdc_duty_officer", "disease_control_officer", "health_centre_officer"),
        *(
            "village_doctor",
            "school_health_officer",
            "pharmacy_clerk",
            "hotline_operator",
            "governance_centre",
        ),
        *("social_work_officer", "civil_affairs_officer", "police_officer", "housing_officer"),
        *("education_officer", "market_supervision_officer", "data_protection_officer", "auditor"),
        *("system_administrator", "security_administrator"),
    }


def test_the_three_administrators_exclude_each_other_and_see_no_resident(standard: Pack) -> None:
    three = {"auditor", "system_administrator", "security_administrator"}
    posts = {post.key: post for post in standard.bodies(PostRole) if post.key in three}

    assert all({key, *post.not_together_with} == three for key, post in posts.items())
    assert not {"grid_work", "health", "org"} & {
        purpose for post in posts.values() for purpose in post.purposes
    }


def test_raw_signals_go_to_those_whose_work_they_are_and_nobody_else(standard: Pack) -> None:
    entitled = {post.key for post in standard.bodies(PostRole) if post.receives_raw_signals}

    assert entitled == {"cdc_duty_officer", "health_centre_officer"}
    assert {post for rule in standard.bodies(Rule) for post in rule.receives} <= entitled


@pytest.mark.parametrize(
    ("rule", "at_least", "within_days"),
    [
        ("hand_foot_mouth_unit", 5, 7),
        ("hand_foot_mouth_class", 2, 7),
        ("norovirus_unit", 10, 7),
        ("influenza_unit", 10, 7),
        ("scarlet_fever_unit", 10, 7),
        ("measles_unit", 2, 10),
        ("rubella_unit", 5, 7),
        ("mumps_unit", 5, 7),
        ("varicella_unit", 5, 7),
        ("conjunctivitis_unit", 3, 7),
        ("dysentery_unit", 10, 3),
        ("dengue_local", 3, 14),
    ],
)
def test_school_rules_stand_as_the_criteria_say(
    standard: Pack, rule: str, at_least: int, within_days: int
) -> None:
    found = {item.key: item for item in standard.bodies(Rule)}[rule]

    assert (found.at_least, found.within_days) == (at_least, within_days)


def test_the_gauge_for_infectious_diarrhoea_is_twenty_in_a_week(standard: Pack) -> None:
    gauge = {item.key: item for item in standard.bodies(EventGauge)}["diarrhoea_cluster"]

    assert (gauge.at_least, gauge.within_days, gauge.place) == (20, 7, "unit")


def test_every_kind_of_order_has_minutes_for_each_stage_of_its_template(standard: Pack) -> None:
    stages = standard.bodies(OrderStage)

    for kind in standard.bodies(OrderKind):
        assert [item.stage for item in kind.stages] == [
            stage.key for stage in stages if stage.template == kind.template
        ], kind.key


def test_every_text_of_the_standard_pack_is_chinese_and_english(standard: Pack) -> None:
    texts = [
        text for entries in standard.sections.values() for entry in entries for text in texts_of(entry.body)
    ]

    assert len(texts) > 500
    assert not [text for text in texts if not any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)]
    assert not [text for text in texts if any("\u4e00" <= letter <= "\u9fff" for letter in text.en)]
