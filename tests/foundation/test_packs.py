"""Reading regional packs: the good one loads whole, every fault names its file and line."""

from pathlib import Path

import pytest

from anlan.foundation.pack_errors import PackInvalid
from anlan.foundation.packs import LIBRARY, read_pack
from anlan.organisation.pack import Level
from anlan.surveillance.pack import Rule

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


@pytest.mark.parametrize("heading", ["key,rank,rank", "key,title,title.zh", "key,title.zh,title.zh"])
def test_a_table_with_a_heading_twice_is_refused(tmp_path: Path, heading: str) -> None:
    folder = written(tmp_path / "town", levels__csv=f"{heading}\ndistrict,1,2\n")
    (folder / "levels.yaml").unlink()

    assert "is there twice" in faults(folder)["town/levels.csv:1"]


@pytest.mark.parametrize("name", ["pack.yaml", "levels.yaml"])
def test_a_file_in_another_encoding_is_refused(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path / "town")
    (folder / name).write_bytes("key: 区".encode("gb18030"))

    assert "the file is not UTF-8" in faults(folder)[f"town/{name}:1"]


def test_two_packs_cannot_extend_each_other(tmp_path: Path) -> None:
    written(tmp_path / "base", pack=MANIFEST.format(name="base") + "extends: town\n")
    town = written(tmp_path / "town", pack=MANIFEST.format(name="town") + "extends: base\n")

    assert "there is no pack town to extend" in faults(town)["base/pack.yaml:4 extends"]


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
