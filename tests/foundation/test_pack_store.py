"""The pack in force: loading, loading again, changing, and what running matters keep."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from anlan.foundation.clock import utc_now
from anlan.foundation.models import PackEntry, PackVersion
from anlan.foundation.pack_store import NoPackInForce, NoSuchEntry, PackInvalid, entry, load_pack, section
from anlan.foundation.packs import LIBRARY
from anlan.health.pack import Disease
from anlan.organisation.pack import Level
from tests.foundation.test_packs import DISTRICT, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pack() -> None:
    PackVersion.objects.update(in_force=False)


def test_the_standard_pack_answers_with_its_models() -> None:
    load_pack(LIBRARY / "standard", utc_now())

    measles = entry(Disease, "measles")

    assert (measles.title.zh, measles.clock_hours) == ("麻疹", 24)
    assert [level.key for level in section(Level)][:4] == ["district", "subdistrict", "community", "grid"]
    assert entry("diseases", "measles") == measles


def test_loading_the_same_pack_again_changes_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path / "town")
    first = load_pack(folder, utc_now())
    rows = PackEntry.objects.count()

    again = load_pack(folder, utc_now() + timedelta(days=1))

    assert (again.id, again.loaded_at, PackEntry.objects.count()) == (first.id, first.loaded_at, rows)


def test_a_running_matter_keeps_the_version_it_began_under(tmp_path: Path) -> None:
    old = load_pack(written(tmp_path / "town"), utc_now())
    load_pack(written(tmp_path / "town", levels=DISTRICT.replace("rank: 1", "rank: 2")), utc_now())

    assert entry(Level, "district").rank == 2
    assert entry(Level, "district", old).rank == 1


def test_going_back_to_an_older_version_stores_nothing_twice(tmp_path: Path) -> None:
    old = load_pack(written(tmp_path / "town"), utc_now())
    load_pack(written(tmp_path / "town", levels=DISTRICT.replace("rank: 1", "rank: 2")), utc_now())

    back = load_pack(written(tmp_path / "town"), utc_now())

    assert back == old
    assert list(PackVersion.objects.filter(in_force=True)) == [old]


def test_a_faulty_pack_leaves_the_one_in_force(tmp_path: Path) -> None:
    good = load_pack(written(tmp_path / "town"), utc_now())

    with pytest.raises(PackInvalid):
        load_pack(written(tmp_path / "town", levels=DISTRICT.replace("rank: 1", "rank: first")), utc_now())

    assert list(PackVersion.objects.filter(in_force=True)) == [good]


def test_an_unknown_entry_and_a_missing_pack_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(NoPackInForce):
        section("levels")

    load_pack(written(tmp_path / "town"), utc_now())

    with pytest.raises(NoSuchEntry):
        entry("levels", "province")


def test_the_command_says_what_it_loaded(tmp_path: Path) -> None:
    out = StringIO()

    call_command("load_pack", str(written(tmp_path / "town")), stdout=out)

    assert "levels: 1" in out.getvalue()
    assert "已启用" in out.getvalue()


def test_the_command_prints_every_fault_and_fails(tmp_path: Path) -> None:
    errors = StringIO()
    folder = written(tmp_path / "town", levels=DISTRICT.replace("rank: 1", "rank: first") + "  colour: red\n")

    with pytest.raises(CommandError, match="2 faults"):
        call_command("load_pack", str(folder), stderr=errors)

    assert "town/levels.yaml:7" in errors.getvalue()
    assert "town/levels.yaml:9" in errors.getvalue()
