"""A restored backup does not bring an erased person back: a real house, a real dump, a real restore."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from anlan.foundation.ledger import ERASED
from tests.journeys.browser import ROOT

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="needs the embedded PostgreSQL")

MAKE = """
from anlan.foundation.pack_store import find_pack, load_pack
from anlan.foundation.clock import utc_now
from tests.world import build_world
load_pack(find_pack("standard"), utc_now())
build_world()
"""
ERASE = """
from django.db import transaction
from anlan.foundation.clock import utc_now
from anlan.foundation.models import Account
from anlan.foundation.scope import scope
from anlan.organisation.queries import posts_of_account
from anlan.people.actions import ErasureGround, erase_resident
from anlan.people.models import Resident
you = posts_of_account(Account.objects.get(username="you").pk, now=utc_now())[0]
ground = ErasureGround("purpose_ended", "迁出本区，按申请办理")
with transaction.atomic(), scope(you):
    person = Resident.objects.get(name="陈晓雯")
    erase_resident(actor=you, resident_id=person.pk, ground=ground, expected_version=1, now=utc_now())
"""
COUNT = """
import json
from django.db import transaction
from anlan.foundation.actor import AreaRanges
from anlan.foundation.models import AuditEntry, Fact
from anlan.foundation.scope import duty
from anlan.people.models import Enrolment, Erasure, Resident, SearchToken
with transaction.atomic(), duty("erase_again", ranges=AreaRanges.everywhere(), cause="test"):
    ids = list(Erasure.objects.values_list("resident_id", flat=True))
    print(json.dumps({
        "named": Resident.objects.filter(name="陈晓雯").count(),
        "people": Resident.objects.count(),
        "erasures": len(ids),
        "tokens": SearchToken.objects.filter(resident_id__in=ids).count(),
        "enrolments": Enrolment.objects.filter(resident_id__in=ids).count(),
        "facts": Fact.objects.filter(name="people.ResidentErased").count(),
    }))
"""


class House:
    """A house in a folder of its own, told by its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "first-start-done").touch()  # no district: people come from the small town

    def tell(self, *command: str) -> str:
        """Run one `anlan` command and return what it printed."""
        told = subprocess.run(
            [sys.executable, "-m", "anlan.wiring.commands", *command],
            env={**os.environ, "ANLAN_DATA_DIR": str(self.folder), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        return told.stdout + told.stderr

    def counts(self) -> dict[str, int]:
        """Return what the database holds of the erased and of all."""
        found: dict[str, int] = json.loads(self.tell("shell", "--no-imports", "-c", COUNT).splitlines()[0])
        return found


def test_who_was_erased_after_a_backup_is_erased_again_after_its_restore(short_folder: Path) -> None:
    house = House(short_folder / "house")
    house.tell("prepare")
    house.tell("shell", "--no-imports", "-c", MAKE)
    everybody = house.counts()["people"]
    older = house.tell("backup", str(short_folder / "backups")).splitlines()[0]
    house.tell("shell", "--no-imports", "-c", ERASE)
    assert (house.counts()["named"], (house.folder / ERASED).read_text().count("\n")) == (0, 1)
    house.tell("backup", str(short_folder / "backups"))

    restored = House(short_folder / "restored")
    said = restored.tell("restore", older)
    assert "1 people erased since" in said
    assert restored.counts()["named"] == 1  # not yet: nobody can read before the first start
    shutil.copytree(house.folder / "keys", restored.folder / "keys", dirs_exist_ok=True)

    assert "erased again after a restore: 1" in restored.tell("prepare")

    assert restored.counts() == {
        "named": 0, "people": everybody - 1, "erasures": 1, "tokens": 0, "enrolments": 0, "facts": 1,
    }  # fmt: skip
    assert "erased again" not in restored.tell("prepare")
    assert restored.counts()["facts"] == 1
    ledger = (restored.folder / ERASED).read_text()
    assert ledger == (house.folder / ERASED).read_text()
    assert "陈" not in ledger
