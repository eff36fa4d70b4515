"""Seal the audit: what was written cannot be altered, removed or added to without showing.

Each minute every entry of a finished transaction that is not yet sealed goes, in order of (transaction,
id), into a Merkle tree. Its root is chained to the last seal's head, the new head is signed, and head and
signature are also written to a file outside the database (SAFETY.md rule 21).

Transactions below pg_snapshot_xmin are finished, and no later one gets a number below it: the seals' limits
divide all entries without gap or overlap, however long a transaction ran.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from django.db import connection, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.advisory_locks import AdvisoryLock
from anlan.foundation.clock import utc_now
from anlan.foundation.merkle import leaf_hash, root_of
from anlan.foundation.models import AuditSeal
from anlan.foundation.scope import duty

SUITE = "ed25519-sha256-1"  # signature, hash, and the form of an entry (ENTRY_COLUMNS)
ENTRY_COLUMNS = {
    "ed25519-sha256-1": (
        "id::text, (extract(epoch FROM at) * 1000000)::bigint::text, transaction::text, account_id::text,"
        " member_id::text, post_id::text, role, duty, cause, verb, subject, subject_ids::text, area_code,"
        " why, detail::text, request_id"
    )
}
FIRST_PREVIOUS = bytes(32)
IDLE_SEAL = timedelta(hours=1)  # with nothing to seal, one an hour shows that sealing goes on
KEY_FILE, PUBLIC_KEY_FILE = "audit-seal", "audit-seal.pub"
HEADS_FILE = "audit-heads.jsonl"


class AuditRestarted(RuntimeError):
    """The database counts transactions from below the last seal: it was restored from a dump.

    The next start puts it right (audit_numbering.go_on_counting).
    """


@dataclass(frozen=True, slots=True)
class Sealed:
    """The entries of one stretch: what a seal is made of."""

    ids: list[str]
    leaves: list[bytes]


def seal_audit(*, now: datetime | None = None) -> AuditSeal | None:
    """Seal all finished entries; return the seal, or None where there is nothing to seal.

    The audit keeps real time everywhere, so a practice clock's `now` is not used.
    """
    now = utc_now()
    with transaction.atomic(), duty("seal_audit", ranges=AreaRanges.everywhere(), cause="schedule"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.SEALS])
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit_offset()")
            below = int(cursor.fetchone()[0])
        last = AuditSeal.objects.order_by("-number").first()
        if last is not None and below < last.below_transaction:
            raise AuditRestarted(f"transaction {below} is below the last seal's {last.below_transaction}")
        sealed = read_entries(last.below_transaction if last else None, below)
        if not sealed.ids and last is not None and now - last.sealed_at < IDLE_SEAL:
            seal = None
        else:
            seal = _seal(last, below, sealed, now)
        transaction.on_commit(write_heads)
    return seal


def _seal(last: AuditSeal | None, below: int, sealed: Sealed, now: datetime) -> AuditSeal:
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        sealed_at=now,
        below_transaction=below,
        entry_count=len(sealed.ids),
        first_id=sealed.ids[0] if sealed.ids else None,
        last_id=sealed.ids[-1] if sealed.ids else None,
        root=root_of(sealed.leaves),
        leaves=b"".join(sealed.leaves),
        previous=bytes(last.head) if last else FIRST_PREVIOUS,
        suite=SUITE,
    )
    seal.head = head_of(seal)
    seal.signature = _signing_key().sign(seal.head)
    seal.save(force_insert=True)
    return seal


def read_entries(at_least: int | None, below: int, suite: str = SUITE) -> Sealed:
    """Return ids and leaf hashes of the entries of a stretch of transactions, in sealing order."""
    sealed = Sealed([], [])
    lower = "" if at_least is None else f"transaction >= {int(at_least)} AND"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS[suite]} FROM foundation_auditentry"
            f" WHERE {lower} transaction < %s ORDER BY transaction, id",
            [below],
        )
        for row in cursor:
            sealed.ids.append(row[0])
            sealed.leaves.append(leaf_hash(json.dumps(row, ensure_ascii=True).encode()))
    return sealed


def head_of(seal: AuditSeal) -> bytes:
    """Return the hash over everything a seal states, the last seal's head included."""
    stated = [
        seal.number,
        round(seal.sealed_at.timestamp() * 1_000_000),
        seal.below_transaction,
        seal.entry_count,
        str(seal.first_id or ""),
        str(seal.last_id or ""),
        bytes(seal.root).hex(),
        bytes(seal.previous).hex(),
        seal.suite,
    ]
    return sha256(json.dumps(stated).encode()).digest()


def public_key() -> Ed25519PublicKey:
    """Return the key that signatures are checked with; keep a copy of its file elsewhere."""
    path = Path(settings.KEYS_DIR) / PUBLIC_KEY_FILE
    if not path.exists():
        _signing_key()
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.read_text().strip()))


def _signing_key() -> Ed25519PrivateKey:
    """Return the signing key, made at first use and readable by its owner alone."""
    folder = Path(settings.KEYS_DIR)
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Ed25519PrivateKey.generate()
        secret = made.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex()
        public = made.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        _write_new(folder / PUBLIC_KEY_FILE, public)
        _write_new(path, secret)
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def _write_new(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")


def heads_path() -> Path:
    """Return the file outside the database that holds every head."""
    return Path(settings.DATA_DIR) / HEADS_FILE


def read_heads() -> Iterator[dict[str, Any]]:
    """Yield the heads written outside the database, oldest first; a line cut by a crash ends the list."""
    path = heads_path()
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not line.endswith("\n"):
                return
            yield json.loads(line)


def write_heads() -> int:
    """Append the heads that the file lacks, durably, and return how many."""
    path = heads_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last, end = _last_line(file)
        missing = AuditSeal.objects.filter(number__gt=last).order_by("number")
        lines = [_head_line(seal) for seal in missing.defer("leaves").iterator()]
        file.seek(end)
        file.truncate()
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def _last_line(file: Any) -> tuple[int, int]:
    """Return the number of the last whole line and where it ends."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 4096))
    tail: bytes = file.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    if not whole:
        return 0, 0
    number = int(json.loads(whole.splitlines()[-1])["number"])
    return number, size - len(tail) + len(whole)


def _head_line(seal: AuditSeal) -> str:
    line = {
        "number": seal.number,
        "sealed_at": seal.sealed_at.isoformat(),
        "below_transaction": seal.below_transaction,
        "entry_count": seal.entry_count,
        "head": bytes(seal.head).hex(),
        "signature": bytes(seal.signature).hex(),
    }
    return json.dumps(line) + "\n"
