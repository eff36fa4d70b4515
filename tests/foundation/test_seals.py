"""Sealed audit entries: whatever a superuser changes, the check finds and names."""

import json
import re
import stat
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from psycopg import sql
from pytest_django import Settings

from anlan.foundation import audit
from anlan.foundation.audit_numbering import go_on_counting, offset_function
from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.merkle import EMPTY_ROOT, leaf_hash, root_of
from anlan.foundation.models import AuditEntry, AuditSeal
from anlan.foundation.postgres import SUPERUSER
from anlan.foundation.seal_check import Fault, check_seals
from anlan.foundation.seals import (
    ENTRY_COLUMNS,
    SUITE,
    AuditRestarted,
    heads_path,
    seal_audit,
    write_heads,
)
from tests.proof import Proof

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

ENTRY, SEAL = "foundation_auditentry", "foundation_auditseal"
SEALS, ENTRIES_A_SEAL = 5, 8


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def superuser() -> Iterator[psycopg.Connection[Any]]:
    """Whoever owns the machine: no policy, grant or constraint of ours stops him."""
    at = connection.settings_dict
    with psycopg.connect(
        host=at["HOST"], port=at["PORT"], dbname=at["NAME"], user=SUPERUSER, autocommit=True
    ) as opened:
        yield opened


def write_entries(count: int) -> None:
    """Write entries, each as varied as real ones, two in a transaction."""
    for number in range(0, count, 2):
        with transaction.atomic():
            for verb in ("look", "reveal")[: count - number]:
                audit.record(
                    verb,
                    "people.Resident",
                    [new_id() for _ in range(number % 3)],
                    area_code="330199001001001" if number % 4 else "",
                    why="走访",
                    detail={"fields": ["name"], "rows": number},
                )


def wait_for_others(wait_seconds: float = 60) -> None:
    """Wait until whoever else uses this server (tests beside this one) has ended what he began before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        upcoming = cursor.fetchone()[0]
        give_up = time.monotonic() + wait_seconds
        while time.monotonic() < give_up:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] >= upcoming:
                return
            time.sleep(0.02)
    raise AssertionError("a transaction does not end")


def seal_some(seals: int = SEALS, entries: int = ENTRIES_A_SEAL) -> None:
    for _ in range(seals):
        write_entries(entries)
        wait_for_others()
        assert seal_audit() is not None


def kinds() -> list[str]:
    return [fault.kind for fault in check_seals().faults]


def column_names(database: psycopg.Connection[Any], table: str) -> list[str]:
    rows = database.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in rows]


def test_merkle_roots_are_those_of_rfc_6962() -> None:
    """Vectors of the certificate-transparency project's reference tests."""
    inputs = [
        bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
    ]
    inputs.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for count, root in enumerate(roots, 1):
        assert root_of([leaf_hash(content) for content in inputs[:count]]).hex() == root


def test_every_column_of_an_entry_is_sealed() -> None:
    sealed = ENTRY_COLUMNS[SUITE]

    for field in AuditEntry._meta.local_concrete_fields:
        assert re.search(rf"\b{field.column}\b", sealed)


def test_what_was_sealed_and_left_alone_is_found_as_it_was() -> None:
    seal_some()
    write_entries(2)

    findings = check_seals()

    assert findings.faults == []
    assert (findings.seal_count, findings.entry_count, findings.unsealed_count) == (SEALS, 40, 2)


def test_an_entry_of_a_transaction_still_open_waits_for_a_later_seal() -> None:
    at = connection.settings_dict
    with psycopg.connect(host=at["HOST"], port=at["PORT"], dbname=at["NAME"], user=at["USER"]) as slow:
        slow.execute(
            f"INSERT INTO {ENTRY} (id, verb, subject, subject_ids, role, duty, cause, area_code, why, detail,"
            " request_id) VALUES (%s, 'slow', '', '{}', '', '', '', '', '', '{}', '')",
            [new_id()],
        )
        write_entries(4)
        assert (first := seal_audit()) is not None
        assert first.entry_count == 0
        slow.commit()
    wait_for_others()
    second = seal_audit()

    assert second is not None
    assert second.entry_count == 5
    assert check_seals().faults == []


def test_with_nothing_new_no_seal_is_made_within_the_hour() -> None:
    seal_some(1)

    assert seal_audit() is None


def test_each_head_is_written_outside_the_database_and_a_lost_write_is_made_up() -> None:
    seal_some(2)
    lines = heads_path().read_text().splitlines()
    heads_path().write_text(lines[0] + "\n" + lines[1][:30])  # a crash in the middle of a line
    assert kinds() == []

    assert write_heads() == 1

    assert heads_path().read_text().splitlines() == lines
    assert [json.loads(line)["number"] for line in lines] == [1, 2]


def test_keys_and_heads_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    seal_some(1)

    for path in (tmp_path / "keys" / "audit-seal", heads_path()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def restored(superuser: psycopg.Connection[Any]) -> Iterator[None]:
    """A database whose transactions count from far below the sealed ones, as after a restore from a dump."""
    superuser.execute(offset_function(1_000_000_000))
    seal_some(2)
    write_entries(2)
    superuser.execute(offset_function(0))
    yield
    superuser.execute(offset_function(0))


@pytest.mark.usefixtures("restored")
def test_after_a_restore_sealing_refuses_until_the_numbers_go_on() -> None:
    with pytest.raises(AuditRestarted):
        seal_audit()

    assert go_on_counting()
    write_entries(4)
    wait_for_others()
    seal = seal_audit()

    assert seal is not None
    assert seal.entry_count == 6  # those not sealed before the dump, and those after
    assert check_seals().faults == []
    assert not go_on_counting()


def test_without_a_restore_numbers_are_left_alone_also_beside_a_long_transaction() -> None:
    seal_some(1)
    at = connection.settings_dict
    with psycopg.connect(host=at["HOST"], port=at["PORT"], dbname=at["NAME"], user=at["USER"]) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        write_entries(4)

        assert not go_on_counting()


def restore(database: psycopg.Connection[Any]) -> None:
    for table in (ENTRY, SEAL):
        database.execute(f"TRUNCATE {table}; INSERT INTO {table} SELECT * FROM kept_{table}")


def edit(random: Random, database: psycopg.Connection[Any], victim: UUID) -> str:
    """Change one column of a sealed row to another value of its type, and return the id it has now."""
    column = random.choice(column_names(database, ENTRY))
    is_id = column.endswith("_id") and column != "request_id"
    changed = {
        "id": "gen_random_uuid()",
        "at": "at + interval '1 microsecond'",
        "transaction": f"transaction + {random.choice([-1, 1]) * 1_000_000}",
        "subject_ids": "subject_ids || gen_random_uuid()",
        "detail": """detail || '{"x": 1}'""",
    }.get(column, "gen_random_uuid()" if is_id else f"{column} || ' '")
    [(now,)] = database.execute(
        f"UPDATE {ENTRY} SET {column} = {changed} WHERE id = %s RETURNING id::text", [victim]
    )
    return str(now)


def delete(random: Random, database: psycopg.Connection[Any], victim: UUID) -> str:
    database.execute(f"DELETE FROM {ENTRY} WHERE id = %s", [victim])
    return ""


def insert(random: Random, database: psycopg.Connection[Any], victim: UUID) -> str:
    """Add a copy of a sealed row under an id of its own."""
    columns = sql.SQL(", ").join(map(sql.Identifier, column_names(database, ENTRY)[1:]))
    query = sql.SQL("INSERT INTO {table} (id, {columns}) SELECT %s, {columns} FROM {table} WHERE id = %s")
    made = new_id()
    database.execute(query.format(table=sql.Identifier(ENTRY), columns=columns), [made, victim])
    return str(made)


def assert_named(act: object, now: str, index: int, faults: list[Fault]) -> None:
    """Each change is named: the row itself, or the place in its seal that it has gone from."""
    kinds_found = {fault.kind for fault in faults}
    if act is delete:
        assert faults == [Fault("missing", index // ENTRIES_A_SEAL + 1, position=index % ENTRIES_A_SEAL + 1)]
        return
    assert now in [fault.entry_id for fault in faults]
    if act is insert:
        assert kinds_found == {"inserted"}
    else:  # an edited transaction number puts the row into another stretch: missing here, strange there
        assert kinds_found in ({"altered"}, {"missing", "inserted"}, {"missing", "impossible"})


@pytest.mark.proof(test=20, prove=1000)
def test_each_edit_deletion_and_insertion_is_found_and_named(
    proof: Proof, superuser: psycopg.Connection[Any]
) -> None:
    seal_some()
    for table in (ENTRY, SEAL):
        superuser.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
    victims = [row[0] for row in superuser.execute(f"SELECT id FROM {ENTRY} ORDER BY transaction, id")]
    try:
        for step in proof.steps():
            act = (edit, delete, insert)[step.number % 3]

            index = step.random.randrange(len(victims))

            now = act(step.random, superuser, victims[index])

            assert_named(act, now, index, check_seals().faults)
            restore(superuser)
        assert check_seals().faults == []
        proof.figures["found"] = proof.size
    finally:
        for table in (ENTRY, SEAL):
            superuser.execute(f"DROP TABLE kept_{table}")


def test_an_altered_row_is_named_with_its_place(superuser: psycopg.Connection[Any]) -> None:
    seal_some()
    victim = superuser.execute(
        f"SELECT id FROM {ENTRY} ORDER BY transaction, id OFFSET 17 LIMIT 1"
    ).fetchone()
    assert victim is not None
    superuser.execute(f"UPDATE {ENTRY} SET why = '无' WHERE id = %s", [victim[0]])

    assert check_seals().faults == [Fault("altered", 3, str(victim[0]), 2)]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE {} SET sealed_at = sealed_at + interval '1 second' WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET entry_count = 7 WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET root = sha256('x') WHERE number = 3", "seal_altered"),
        (
            "UPDATE {} SET leaves = set_byte(leaves, 5, 1 # get_byte(leaves, 5)) WHERE number = 3",
            "seal_altered",
        ),
        ("UPDATE {} SET leaves = '' WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET previous = sha256('x') WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET head = sha256('x') WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET signature = sha512('x') WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET suite = 'none' WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET below_transaction = below_transaction + 1 WHERE number = 3", "seal_altered"),
        ("UPDATE {} SET number = 99 WHERE number = 3", "seal_missing"),
        ("DELETE FROM {} WHERE number = 3", "seal_missing"),
        ("DELETE FROM {} WHERE number = 1", "seal_missing"),
    ],
)
def test_an_altered_or_missing_seal_is_found(
    superuser: psycopg.Connection[Any], change: str, kind: str
) -> None:
    seal_some()
    superuser.execute(change.format(SEAL))

    assert kind in kinds()


@pytest.mark.parametrize("first_cut", [1, 3, SEALS])
def test_a_cut_tail_is_found_by_the_heads_outside(superuser: psycopg.Connection[Any], first_cut: int) -> None:
    seal_some()
    superuser.execute(
        f"DELETE FROM {ENTRY} WHERE transaction >= coalesce((SELECT below_transaction FROM {SEAL}"
        " WHERE number = %s), 0)",
        [first_cut - 1],
    )
    superuser.execute(f"DELETE FROM {SEAL} WHERE number >= %s", [first_cut])

    assert check_seals().faults == [Fault("tail_cut", first_cut)]


def test_the_heads_outside_cannot_be_altered_either() -> None:
    seal_some()
    lines = heads_path().read_text().splitlines()
    line = json.loads(lines[1])
    lines[1] = json.dumps({**line, "head": "00" * 32})
    heads_path().write_text("\n".join(lines) + "\n")
    assert "outside_altered" in kinds()

    heads_path().write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    assert "outside_altered" in kinds()


def test_an_entry_that_claims_a_transaction_to_come_is_found(superuser: psycopg.Connection[Any]) -> None:
    seal_some(1)
    write_entries(1)
    superuser.execute(f"UPDATE {ENTRY} SET transaction = transaction + 1000000 WHERE transaction >="
                      f" (SELECT max(below_transaction) FROM {SEAL})")  # fmt: skip

    assert kinds() == ["impossible"]


def test_the_command_says_what_it_found_and_fails_on_a_fault(superuser: psycopg.Connection[Any]) -> None:
    seal_some()
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert "40" in said.getvalue()
    assert f"{utc_now():%Y-%m-%dT%H}" in said.getvalue()
    superuser.execute(f"UPDATE {ENTRY} SET why = '无'")
    said = StringIO()

    with pytest.raises(CommandError, match="40"):
        call_command("verify_audit", stdout=said)

    assert said.getvalue().count("[altered]") == 20


def test_seals_are_chained_and_numbered_without_gap() -> None:
    seal_some(3, 2)
    seals = list(AuditSeal.objects.order_by("number"))

    assert [seal.number for seal in seals] == [1, 2, 3]
    assert [bytes(seal.previous) for seal in seals[1:]] == [bytes(seal.head) for seal in seals[:-1]]
