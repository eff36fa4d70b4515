"""The SQL that accepts a batch: rights, keys, rows and the worker's call in one statement, one commit."""

from collections.abc import Iterable, Sequence
from functools import cache

from anlan.foundation.calling import ENVELOPES
from anlan.foundation.crypto import encrypt_many
from anlan.foundation.inbox.shape import BODY, Sent
from anlan.foundation.ports import ports

LATE_DAYS = 14  # so long after an appointment ended may its holder's phone bring what was done before
COLUMNS = {
    "n": "int4",
    "source": "text",
    "key": "text",
    "record_id": "uuid",
    "account_id": "uuid",
    "appointment_id": "uuid",
    "may_be_late": "bool",
    "area_code": "text",
    "body": "bytea",
    "body_hash": "bytea",
    "device_at": "timestamptz",
}

# A device clock is plausible within these bounds of the server's (or the practice clock's); it is never
# used alone for any rule (SAFETY.md 3).
IMPLAUSIBLE = """
    coalesce(device_at NOT BETWEEN coalesce(practice_at, now()) - interval '2 days'
                               AND coalesce(practice_at, now()) + interval '1 hour', false)
"""

IS_THEIRS = """
    r.appointment_id = sent.appointment_id AND r.account_id = sent.account_id
    AND r.is_practice = (sent.area_code >= '99' AND sent.area_code < '99~')
    AND r.starts_at <= now()
    AND (r.ends_at > now() OR sent.may_be_late AND r.ends_at > now() - interval '{late_days} days')
"""

# A phone may still name an area by the code it had before a redraw: what it sends lies where that leads.
STORE = """
WITH sent AS MATERIALIZED (
    SELECT t.*, coalesce(f.now_code, t.area_code) AS place
    FROM unnest({arrays}) AS t({names}) LEFT JOIN {forwarded_code} AS f ON f.code = t.area_code
), allowed AS MATERIALIZED (
    SELECT sent.*, held.post_id, held.place_now, clock.at AS practice_at
    FROM sent
    CROSS JOIN LATERAL (
        SELECT post_id, sent.place AS place_now FROM {sender_right} AS r
        WHERE sent.place >= r.low AND sent.place < r.high AND {is_theirs}
        UNION ALL
        SELECT post_id, r.now_code FROM {former_right} AS r
        WHERE sent.area_code >= r.low AND sent.area_code < r.high AND {is_theirs}
        LIMIT 1
    ) AS held
    LEFT JOIN foundation_practiceclock AS clock
        ON sent.area_code >= '99' AND clock.district_code = left(sent.area_code, 6)
    WHERE EXISTS (SELECT FROM {area_in_force} AS a WHERE a.code = held.place_now)
), stored AS (
    INSERT INTO foundation_envelope (source, key, record_id, account_id, appointment_id, post_id, area_code,
        body, body_hash, device_at, device_implausible, practice_at, state, tries, problem)
    SELECT source, key, record_id, account_id, appointment_id, post_id, place_now,
        body, body_hash, device_at, {implausible}, practice_at, 'waiting', 0, ''
    FROM allowed ORDER BY n
    ON CONFLICT DO NOTHING
    RETURNING record_id
), told AS (
    SELECT pg_notify('{channel}', '') FROM (SELECT FROM stored LIMIT 1) AS any_stored
)
SELECT (SELECT array_agg(n) FROM allowed), (SELECT array_agg(record_id) FROM stored),
       (SELECT count(*) FROM told)
"""

# Asked only for those that were allowed and not stored: was the key used before, and for what?
KNOWN = """
SELECT asked.n, e.record_id, e.body_hash
FROM unnest(%(n)s::int4[], %(account_id)s::uuid[], %(key)s::text[]) AS asked(n, account_id, key)
JOIN foundation_envelope AS e ON e.account_id = asked.account_id AND e.key = asked.key
"""

# An attempt on a foreign place or record is on record, under the sender's own post (SAFETY.md 10).
REFUSED = """
INSERT INTO foundation_auditentry (id, account_id, post_id, role, duty, cause, verb, subject, subject_ids,
    area_code, why, detail, request_id)
SELECT a.id, a.account_id, held.post_id, '', 'accept_envelope', a.source, 'refuse', 'foundation.Envelope',
    ARRAY[a.record_id], coalesce(held.low, ''), a.why, '{{}}', ''
FROM unnest(%(id)s::uuid[], %(account_id)s::uuid[], %(appointment_id)s::uuid[], %(source)s::text[],
    %(record_id)s::uuid[], %(why)s::text[]) AS a(id, account_id, appointment_id, source, record_id, why)
LEFT JOIN LATERAL (
    SELECT post_id, low FROM {sender_right} AS r
    WHERE r.appointment_id = a.appointment_id AND r.account_id = a.account_id ORDER BY low LIMIT 1
) AS held ON true
"""


def columns_of(batch: Sequence[Sent], hashes: Iterable[bytes | None]) -> dict[str, str]:
    """Return the parameters of the statement: each column as PostgreSQL's text of an array.

    Made here, because adapting lists value by value took a fifth of the time of an envelope.
    """
    bodies = encrypt_many([sent.text for sent in batch], context=BODY)
    return {
        "n": _array(map(str, range(len(batch)))),
        "source": _array(_quoted(sent.source) for sent in batch),
        "key": _array(_quoted(sent.key) for sent in batch),
        "record_id": _array(sent.record_id.hex for sent in batch),
        "account_id": _array(sent.account_id.hex for sent in batch),
        "appointment_id": _array(sent.appointment_id.hex for sent in batch),
        "may_be_late": _array("t" if sent.may_be_late else "f" for sent in batch),
        "area_code": _array(_quoted(sent.area_code) for sent in batch),
        "body": _array(f'"\\\\x{(body or b"").hex()}"' for body in bodies),
        "body_hash": _array(f'"\\\\x{(one or b"").hex()}"' for one in hashes),
        "device_at": _array(
            f'"{sent.device_at.isoformat()}"' if sent.device_at else "NULL" for sent in batch
        ),
    }


def _array(elements: Iterable[str]) -> str:
    return "{" + ",".join(elements) + "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@cache
def store_statement() -> str:
    """Return the accepting statement; its parameters are one array a column, by name."""
    return STORE.format(
        arrays=", ".join(f"%({name})s::{kind}[]" for name, kind in COLUMNS.items()),
        names=", ".join(COLUMNS),
        sender_right=ports().sender_right,
        area_in_force=ports().area_in_force,
        former_right=ports().former_right,
        forwarded_code=ports().forwarded_code,
        channel=ENVELOPES,
        is_theirs=IS_THEIRS.format(late_days=LATE_DAYS),
        implausible=IMPLAUSIBLE,
    )


def refused_statement() -> str:
    """Return the statement that puts refused attempts into the audit."""
    return REFUSED.format(sender_right=ports().sender_right)
