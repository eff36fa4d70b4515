"""Brings dirty workbooks into a house of its own, workers killed on the way; prints what was wrong with each.

    python -m tests.exchange.dirty_run SEED FIRST BEYOND ROWS     in the environment of a house with tables

Each workbook is imported while whoever carries it is killed with -9 in the trial and in the writing, then
again whole, undone, and imported without a kill: all must end the same.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import django

POSTED = "tao"  # works for the community of grids A and B


def main() -> None:
    """Do workbooks of ROWS rows; print one JSON line for each."""
    seed, first, beyond, rows = (int(word) for word in sys.argv[1:5])
    django.setup()
    from anlan.exchange.actions import reading
    from anlan.foundation.clock import utc_now
    from anlan.foundation.pack_store import find_pack, load_pack
    from tests.world import build_world

    load_pack(find_pack("standard"), utc_now())
    world = build_world()
    reading.CHUNK_ROWS = int(os.environ.get("TEST_CHUNK_ROWS") or reading.CHUNK_ROWS)
    for number in range(first, beyond):
        found: dict[str, Any] = {"wrong": [], "rows": 0, "kills": 0, "outcomes": Counter()}
        DirtyImport(world.actor(POSTED), Random(f"{seed}/{number}"), rows, found).run()
        print(json.dumps(found, ensure_ascii=False), flush=True)


class DirtyImport:
    """One workbook and all that is done with it."""

    def __init__(self, actor: Any, random: Random, rows: int, found: dict[str, Any]) -> None:
        from tests.exchange.dirt import DirtyArea
        from tests.exchange.dirty_workbooks import dirty_workbook
        from tests.world import AREAS, GRID_A, GRID_B

        self.actor, self.random, self.found = actor, random, found
        self.is_full = rows > 1000
        areas = [DirtyArea(AREAS[code], code) for code in (GRID_A, GRID_B)]
        self.content, self.truth = dirty_workbook(random, rows, areas)

    def run(self) -> None:
        """Import, import again, undo, import once more."""
        before = self.register()
        places = ("trial", "writing", "both") if self.is_full else ("trial", "writing")
        first = self.imported(killed_in=self.random.choice(places))
        written, ends = self.register(), self.outcomes(first)
        self.compare_with_the_truth(first)
        again = self.imported()
        self.expect("the same file again changed something", self.register() == written)
        self.expect("the same file again wrote rows", not self.batch(again).written_count)
        self.undone(first)
        self.expect("the undo left something", self.register() == before)
        third = self.imported()
        self.expect("without a kill it ended otherwise", self.register() == written)
        self.expect("rows ended otherwise", self.outcomes(third) == ends)
        self.undone(third)

    def expect(self, words: str, is_so: bool) -> None:
        """Note what is not as it should be."""
        if not is_so:
            self.found["wrong"].append(words)

    def imported(self, *, killed_in: str = "") -> UUID:
        """Take the workbook through an import, who carries it killed once in `trial`, `writing` or both."""
        from anlan.exchange.actions import answer_questions, receive_file, write_batch
        from anlan.foundation.clock import utc_now

        now = utc_now()
        with self.acting():
            batch = receive_file(
                actor=self.actor, register="residents", name="名册.xlsx", content=self.content, now=now
            )
        self.carry(batch.pk, kill=killed_in in {"trial", "both"})
        asked = self.batch(batch.pk)
        if asked.state == "asked":
            answers = dict.fromkeys(set(asked.questions) - {"columns"}, "yes")
            columns = {int(place): key for place, key in asked.layout["columns"].items()}
            with self.acting():
                answer_questions(
                    actor=self.actor,
                    batch_id=batch.pk,
                    expected_version=asked.version,
                    answers=answers,
                    columns=columns if "columns" in asked.questions else {},
                    now=now,
                )
            self.carry(batch.pk)
        tried = self.batch(batch.pk)
        self.expect(f"not tried: {tried.state} {tried.problem}", tried.state == "tried")
        with self.acting():
            write_batch(actor=self.actor, batch_id=batch.pk, expected_version=tried.version, now=now)
        self.carry(batch.pk, kill=killed_in in {"writing", "both"})
        done = self.batch(batch.pk)
        self.expect(f"not written: {done.state} {done.problem}", done.state == "written")
        return UUID(str(batch.pk))

    def undone(self, batch_id: UUID) -> None:
        """Undo a batch."""
        from anlan.exchange.actions import undo_batch
        from anlan.foundation.clock import utc_now

        with self.acting():
            version = self.batch(batch_id).version
            undo_batch(actor=self.actor, batch_id=batch_id, expected_version=version, now=utc_now())
        self.carry(batch_id)
        self.expect("rows stayed", not self.batch(batch_id).stayed_count)

    def carry(self, batch_id: UUID, *, kill: bool = False) -> None:
        """Carry a batch on; with `kill`, who begins is killed after some steps, and another goes on."""
        from anlan.exchange.actions import carry_on

        asked = [
            sys.executable,
            "-m",
            "tests.exchange.carrier",
            str(batch_id),
            str(self.actor.appointment_id),
        ]
        if kill:
            carrier = subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)
            assert carrier.stdout is not None
            for _step in range(self.random.randint(1, 5)):
                carrier.stdout.readline()
            carrier.kill()
            carrier.wait()
            self.found["kills"] += 1
        carry_on(batch_id, self.actor.appointment_id)

    def compare_with_the_truth(self, batch_id: UUID) -> None:
        """Hold every row's outcome against what the generator knows of it."""
        from anlan.exchange.models import ImportRow

        with self.acting():
            rows = {row.number: row for row in ImportRow.objects.filter(batch_id=batch_id)}
        batch = self.batch(batch_id)
        self.expect("rows in are not rows out", batch.rows_in == len(rows) == len(self.truth.rows))
        self.found["rows"] += len(rows)
        for truth in self.truth.rows:
            row = rows.get(truth.number)
            if row is None:
                self.expect(f"row {truth.number} is lost", False)
                continue
            self.found["outcomes"][row.outcome] += 1
            said = {(key, reason) for key, reason, _detail in row.problems}
            is_right = (
                row.outcome in {"new", "to_decide"}
                if truth.wrong == "good"
                else any(reason == truth.wrong for _key, reason in said)
                and (not truth.column or (truth.column, truth.wrong) in said)
            )
            self.expect(f"row {truth.number} {truth.dirt}: {row.outcome} {sorted(said)}", is_right)

    def register(self) -> list[dict[str, object]]:
        """Return the register as it stands, ids of new rows left out: they differ from run to run."""
        from anlan.people.models import Household, Resident, SearchToken

        with self.acting():
            people = Resident.objects.values_list(
                "area_code", "name", "sex", "birth_on", "relation", "id_number_hash", "phone_hash",
                "household__building__number", "household__unit", "household__room",
            )  # fmt: skip
            homes = Household.objects.values_list("area_code", "building__number", "unit", "room")
            tokens = SearchToken.objects.values_list("area_code", "kind", "token")
            return [sorted(map(str, rows)) for rows in (people, homes, tokens)]  # type: ignore[misc]

    def outcomes(self, batch_id: UUID) -> dict[int, str]:
        """Return what became of each row."""
        from anlan.exchange.models import ImportRow

        with self.acting():
            return dict(ImportRow.objects.filter(batch_id=batch_id).values_list("number", "outcome"))

    def batch(self, batch_id: UUID) -> Any:
        """Return the batch as it stands."""
        from anlan.exchange.models import ImportBatch

        with self.acting():
            return ImportBatch.objects.get(pk=batch_id)

    def acting(self) -> Any:
        """Act as whoever imports, in a transaction."""
        from contextlib import ExitStack

        from django.db import transaction

        from anlan.foundation.scope import scope

        stack = ExitStack()
        stack.enter_context(transaction.atomic())
        stack.enter_context(scope(self.actor))
        return stack


if __name__ == "__main__":
    main()
