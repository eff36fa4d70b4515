"""The section of grants: what a pack may say of them, told by file and line where it may not."""

from pathlib import Path

import pytest

from anlan.affairs.pack_grants import GrantKind
from anlan.foundation.packs import LIBRARY, read_pack
from tests.foundation.test_packs import MANIFEST, faults

LINE = (
    "- {{key: pass, source: law_2025, effective_on: 2025-01-01, local_edit: true,"
    " title: {{zh: 通行证, en: Pass}}, facility_kinds: {kinds}, categories: {categories},"
    " checked_by: {checked}, decided_by: [district_commander], longest_days: {longest},"
    " renewal_days: {renewal}, points: {points}{more}}}\n"
)
POINT = "{key: plan, text: {zh: 方案, en: Plan}}"
SAID = {
    "kinds": "[factory]",
    "categories": "[{key: one, title: {zh: 甲, en: One}}]",
    "checked": "[community_secretary]",
    "longest": "30",
    "renewal": "10",
    "points": f"[{POINT}]",
    "more": "",
}


def town(tmp_path: Path, **said: str) -> Path:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "pack.yaml").write_text(MANIFEST.format(name="town") + "extends: standard\n", encoding="utf-8")
    (folder / "grants.yaml").write_text(LINE.format(**(SAID | said)), encoding="utf-8")
    return folder


def test_a_district_adds_a_kind_to_those_of_the_standard_pack(tmp_path: Path) -> None:
    kinds = read_pack(town(tmp_path)).bodies(GrantKind)

    assert {kind.key for kind in kinds} == {"resumption_white_list", "pass"}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kinds": "[castle]"}, "facility_kinds.0"),
        ({"kinds": "[]"}, "facility_kinds"),
        ({"checked": "[wizard]"}, "checked_by.0"),
        ({"checked": "[]"}, "checked_by"),
        ({"longest": "0"}, "longest_days"),
        ({"points": "[]"}, "points"),
        ({"renewal": "31"}, ""),
        ({"points": f"[{POINT}, {POINT}]"}, ""),
        ({"categories": "[{key: one, title: {zh: 甲, en: One}, facility_kinds: [pharmacy]}]"}, ""),
        ({"more": ", published: false, published_by: [district_commander]"}, ""),
        ({"more": ", colour: red"}, "colour"),
    ],
)
def test_what_a_kind_of_grant_cannot_be_is_told_by_file_and_line(
    tmp_path: Path, said: dict[str, str], field: str
) -> None:
    assert f"town/grants.yaml:1 {field}".strip() in faults(town(tmp_path, **said))


def test_the_white_list_has_the_three_categories_and_both_permits() -> None:
    [kind] = read_pack(LIBRARY / "standard").bodies(GrantKind)

    assert [row.title.zh for row in kind.categories] == [
        "重点园区",
        "重点龙头企业",
        "“专精特新”中小企业",
    ]
    assert [row.key for row in kind.permits] == ["transport", "closed_loop"]
    assert [row.key for row in kind.categories_for("industrial_park")] == ["key_park"]
    assert not kind.categories_for("primary_school")
