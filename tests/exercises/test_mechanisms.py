"""What the sources of the packs name: each entry leads somewhere that exists, or says nothing."""

from pathlib import Path

import pytest
from django.urls import reverse

from anlan.foundation.packs import LIBRARY, read_pack
from anlan.organisation.pack_mechanisms import OWN_AREA, Mechanism
from tests.exercises.places import place_of
from tests.foundation.test_packs import MANIFEST, faults

ENTRY = (
    "- {{key: one, source: laiyuan_reply, effective_on: 2022-01-01, local_edit: true, rows: [M001],"
    " title: {{zh: 一, en: One}}, quote: 原文, object: {object}}}\n"
)


def mechanisms(name: str) -> list[Mechanism]:
    """Return the mechanisms of a pack that comes with the product."""
    return read_pack(LIBRARY / name).bodies(Mechanism)


@pytest.mark.parametrize("name", ["standard", "laiyuan", "hanyin"])
def test_every_page_a_mechanism_names_has_an_address(name: str) -> None:
    code = place_of(name).code
    pages = [row.object for row in mechanisms(name) if row.object and row.object.page]

    addresses = [reverse(row.page, args=[said.replace(OWN_AREA, code) for said in row.arguments])
                 for row in pages if row.page]  # fmt: skip

    assert len(addresses) == len(pages) > 0


@pytest.mark.parametrize("name", ["standard", "laiyuan", "hanyin"])
def test_each_row_of_the_catalogue_is_named_once_and_some_are_not_built(name: str) -> None:
    rows = [row for mechanism in mechanisms(name) for row in mechanism.rows]

    assert len(rows) == len(set(rows))
    assert any(mechanism.object is None for mechanism in mechanisms(name))


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("{body: seven_in_one}", "object.body"),
        ("{facility_kinds: [castle]}", "object.facility_kinds.0"),
        ("{body: six_in_one, page: posts}", "object"),
        ("{body: six_in_one, arguments: [a]}", "object"),
        ("{}", "object"),
    ],
)
def test_what_a_mechanism_cannot_lead_to_is_told_by_file_and_line(
    tmp_path: Path, written: str, field: str
) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "pack.yaml").write_text(MANIFEST.format(name="town") + "extends: laiyuan\n", encoding="utf-8")
    (folder / "mechanisms.yaml").write_text(ENTRY.format(object=written), encoding="utf-8")

    assert f"town/mechanisms.yaml:1 {field}" in faults(folder)


def test_a_pack_lists_what_its_own_sources_name_and_else_what_the_pack_below_names(tmp_path: Path) -> None:
    def listed(name: str, **files: str) -> list[str]:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pack.yaml").write_text(MANIFEST.format(name=name) + "extends: laiyuan\n", encoding="utf-8")
        for stem, text in files.items():
            (folder / f"{stem}.yaml").write_text(text, encoding="utf-8")
        return [row.key for row in read_pack(folder).bodies(Mechanism)]

    of_laiyuan = [row.key for row in mechanisms("laiyuan")]
    assert not set(of_laiyuan) & {row.key for row in mechanisms("standard")}
    assert listed("silent") == of_laiyuan
    assert listed("town", mechanisms=ENTRY.format(object="{page: posts}")) == ["one"]
