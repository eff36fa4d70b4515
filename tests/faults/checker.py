"""What must hold once a fault is over: the senders' ledger and the house say the same."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.faults.house import House
from tests.faults.ledger import STORED, UNDECIDED, WANTED, Entry, digest_of, read
from tests.faults.loader import NOTES, REPORTS, Post

ASKED_AGAIN = 100  # envelopes that are sent once more at the end
SHOWN = 5
UNSEALED = """
    SELECT count(*) FROM foundation_auditentry
    WHERE transaction >= coalesce((SELECT max(below_transaction) FROM foundation_auditseal), 0)
"""


def check(house: House, post: Post, tokens: dict[tuple[str, str], str]) -> list[str]:
    """Return what does not agree, in words; nothing, if all is well."""
    entries = read(post.ledger.path)
    accepted = [one for one in entries if one.wanted == STORED]
    return [
        *_answers(entries),
        *_envelopes(house, accepted),
        *_applied(house, accepted),
        *_left_over(house),
        *_said_again(post, accepted, tokens),
        *_audit(house, accepted),
    ]


def _answers(entries: Sequence[Entry]) -> Iterable[str]:
    """Every sender was told what it should be, the same each time."""
    for one in entries:
        final = [(status, told) for status, told in one.answers if status not in UNDECIDED]
        if not final or {status for status, _ in final} - WANTED[one.wanted]:
            yield f"{one.wanted} was answered {one.answers}"
        elif one.wanted == STORED and {told for _, told in final} != {one.record_id}:
            yield f"{one.record_id} was answered with {final}"
        elif [status for status, _ in final].count(201) > 1:
            yield f"{one.record_id} was newly stored twice: {final}"


def _envelopes(house: House, accepted: Sequence[Entry]) -> Iterable[str]:
    """Acknowledged = stored, each once, by the same sender, for the same place, with the same body."""
    stored = [tuple(json.loads(line)) for line in house.run("tests.faults.stored").splitlines()]
    told = [
        (one.key, one.record_id, one.account, one.area_code, one.source, "applied", digest_of(one.body))
        for one in accepted
    ]
    yield from _differences("envelopes", Counter(told), Counter(stored))


def _applied(house: House, accepted: Sequence[Entry]) -> Iterable[str]:
    """What was accepted became one record each, saying the same, with one audit entry where it has any."""
    notes = [(one.record_id, one.area_code, one.body["text"]) for one in accepted if one.source == NOTES]
    told = [one for one in accepted if one.source == REPORTS]
    reports = [(one.record_id, one.area_code, one.body["condition"]) for one in told]
    note_rows = "SELECT id::text, area_code, new FROM foundation_fieldchange WHERE model = 'tests.Note'"
    entry_rows = "SELECT subject_ids[1]::text, area_code FROM foundation_auditentry"
    queries: dict[str, tuple[Sequence[tuple[str, ...]], str]] = {
        "notes": (notes, note_rows),
        "case reports": (reports, "SELECT id::text, area_code, condition FROM health_casereport"),
        "audit entries of reports": (
            [(one.record_id, one.area_code) for one in told],
            f"{entry_rows} WHERE verb = 'record_case_report'",
        ),
    }
    for name, (expected, query) in queries.items():
        yield from _differences(name, Counter(expected), Counter(house.rows(query)))


def _left_over(house: House) -> Iterable[str]:
    """No envelope and no fact waits, or was set aside."""
    for name, done in (("envelope", "applied"), ("fact", "done")):
        query = f"SELECT state, problem, tries, count(*) FROM foundation_{name} WHERE state <> '{done}'"
        for state, problem, tries, count in house.rows(f"{query} GROUP BY 1, 2, 3"):
            yield f"{count} {name}s are {state} after {tries} tries: {problem}"


def _said_again(post: Post, accepted: Sequence[Entry], tokens: dict[tuple[str, str], str]) -> Iterable[str]:
    """Whoever sends the same again is told the same: 200, and the id that was told before."""
    asked = post.random.sample(accepted, min(ASKED_AGAIN, len(accepted)))

    async def ask() -> list[tuple[int, str, float]]:
        return [await post.once(one, tokens[one.account, one.source]) for one in asked]

    for one, (status, told, _) in zip(asked, asyncio.run(ask()), strict=True):
        if (status, told) != (200, one.record_id):
            yield f"{one.record_id}, sent again, was answered {status} {told}"


def _audit(house: House, accepted: Sequence[Entry]) -> Iterable[str]:
    """The house goes on sealing its audit, and the seals agree with what they seal."""
    house.until(lambda: house.rows(UNSEALED)[0][0] == 0, "the audit is no longer sealed")
    told = house.run("anlan.wiring.commands", "verify-audit")
    if "全部相符" not in told:
        yield told


def _differences(name: str, told: Counter, stored: Counter) -> Iterable[str]:  # type: ignore[type-arg]
    missing, surplus = told - stored, stored - told
    if missing:
        yield f"{missing.total()} {name} are missing, such as {list(missing)[:SHOWN]}"
    if surplus:
        yield f"{surplus.total()} {name} too many, such as {list(surplus)[:SHOWN]}"
