"""Check the audit against its seals: altered, missing and inserted entries, altered seals, a cut tail."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.db import connection, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.merkle import HASH_BYTES, root_of
from anlan.foundation.models import AuditEntry, AuditSeal
from anlan.foundation.scope import duty
from anlan.foundation.seals import (
    ENTRY_COLUMNS,
    FIRST_PREVIOUS,
    Sealed,
    head_of,
    public_key,
    read_entries,
    read_heads,
)

NEWEST = 1000  # unsealed entries looked at for transactions that have not been


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed."""

    kind: str  # altered, missing, inserted, seal_altered, seal_missing, tail_cut, outside_altered, impossible
    seal: int  # the seal's number; 0 where there is none
    entry_id: str = ""  # the audit entry, where one can be named
    position: int | None = None  # its place in the seal, counted from 1

    def __str__(self) -> str:
        words = f"{SENTENCES[self.kind]} [{self.kind}] 封印 seal {self.seal}"
        if self.entry_id:
            words += f", 记录 entry {self.entry_id}"
        return words + (f", 第 {self.position} 条 place {self.position}" if self.position else "")


SENTENCES = {
    "altered": "记录被改动 / an entry was altered",
    "missing": "记录缺失 / an entry is missing",
    "inserted": "事后插入的记录 / an entry was added afterwards",
    "seal_altered": "封印被改动 / a seal was altered",
    "seal_missing": "封印缺失 / a seal is missing",
    "tail_cut": "末尾被截断 / the end was cut off",
    "outside_altered": "库外封印文件不符 / the file of heads outside the database does not agree",
    "impossible": "事务号不可能存在 / an entry names a transaction that has not been",
}


@dataclass
class Findings:
    """What a check found; `faults` in the order of the seals."""

    faults: list[Fault] = field(default_factory=list)
    seal_count: int = 0
    entry_count: int = 0
    unsealed_count: int = 0
    sealed_until: datetime | None = None


def check_seals() -> Findings:
    """Check every seal, every sealed entry and the file outside the database."""
    findings = Findings()
    with transaction.atomic(), duty("seal_audit", ranges=AreaRanges.everywhere(), cause="verify_audit"):
        heads = {int(line["number"]): line for line in read_heads()}
        last: AuditSeal | None = None
        for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=100):
            findings.faults += _check_seal(seal, last, heads.get(seal.number))
            findings.seal_count += 1
            findings.entry_count += seal.entry_count
            findings.sealed_until = seal.sealed_at
            last = seal
        findings.faults += _check_outside(heads, last)
        findings.faults += _check_unsealed(findings, last)
    return findings


def _check_seal(seal: AuditSeal, last: AuditSeal | None, outside: dict[str, Any] | None) -> Iterator[Fault]:
    expected = last.number + 1 if last else 1
    previous = bytes(last.head) if last else FIRST_PREVIOUS
    is_next = seal.number == expected
    if seal.number > expected:
        yield Fault("seal_missing", expected)
    if not _is_genuine(seal) or seal.number < expected or (is_next and bytes(seal.previous) != previous):
        yield Fault("seal_altered", seal.number)
    if outside is not None and outside["head"] != bytes(seal.head).hex():
        yield Fault("outside_altered", seal.number)
    if is_next and seal.suite in ENTRY_COLUMNS:  # another suite is an altered seal, named above
        lower = last.below_transaction if last else None
        yield from _compare(seal, read_entries(lower, seal.below_transaction, seal.suite))


def _is_genuine(seal: AuditSeal) -> bool:
    """Say whether the seal states what was signed, and lists the leaves its root stands for."""
    try:
        public_key().verify(bytes(seal.signature), bytes(seal.head))
    except InvalidSignature:
        return False
    return head_of(seal) == bytes(seal.head) and root_of(_leaves(seal)) == bytes(seal.root)


def _leaves(seal: AuditSeal) -> list[bytes]:
    whole = bytes(seal.leaves)
    return [whole[i : i + HASH_BYTES] for i in range(0, len(whole), HASH_BYTES)]


def _compare(seal: AuditSeal, found: Sealed) -> Iterator[Fault]:
    """Name what differs: a strange row for a lost one is an altered one, the rest are missing or inserted."""
    sealed = _leaves(seal)
    if sealed == found.leaves:
        return
    unmatched = Counter(sealed) - Counter(found.leaves)
    lost = [place for place, leaf in enumerate(sealed, 1) if _take(unmatched, leaf)]
    surplus = Counter(found.leaves) - Counter(sealed)
    strange = [index for index, leaf in enumerate(found.leaves) if _take(surplus, leaf)]
    if not lost and not strange:
        yield Fault("altered", seal.number, found.ids[0])  # the same rows in another order
    for place, index in zip(lost, strange, strict=False):
        yield Fault("altered", seal.number, found.ids[index], place)
    for index in strange[len(lost) :]:
        yield Fault("inserted", seal.number, found.ids[index])
    for place in lost[len(strange) :]:
        yield Fault("missing", seal.number, position=place)


def _take(remaining: Counter[bytes], leaf: bytes) -> bool:
    if remaining[leaf] <= 0:
        return False
    remaining[leaf] -= 1
    return True


def _check_outside(heads: dict[int, dict[str, Any]], last: AuditSeal | None) -> Iterator[Fault]:
    """Check the outside file by itself, and that the database still holds all that it names."""
    in_database = last.number if last else 0
    for number, line in sorted(heads.items()):
        try:
            public_key().verify(bytes.fromhex(line["signature"]), bytes.fromhex(line["head"]))
        except (InvalidSignature, ValueError):
            yield Fault("outside_altered", number)
    newest = max(heads, default=0)
    if newest > in_database:
        yield Fault("tail_cut", in_database + 1)
    for number in range(1, newest):
        if number not in heads:
            yield Fault("outside_altered", number)


def _check_unsealed(findings: Findings, last: AuditSeal | None) -> Iterator[Fault]:
    unsealed = AuditEntry.objects.all()
    if last is not None:
        unsealed = unsealed.filter(transaction__gte=last.below_transaction)
    findings.unsealed_count = unsealed.count()
    newest = list(unsealed.order_by("-transaction").values_list("id", "transaction")[:NEWEST])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit_offset()")
        beyond = int(cursor.fetchone()[0])
    for entry_id, number in newest:
        if number >= beyond:
            yield Fault("impossible", 0, str(entry_id))
