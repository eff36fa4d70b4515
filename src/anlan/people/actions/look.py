"""Look people up: every look is counted against a limit and put on record.

Limit and alarm live in the caller's transaction, which must therefore be kept when the limit refuses: a door
answers LookUpLimitExceeded itself (foundation.doors.answering) instead of letting it rise.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import TooMany
from anlan.foundation.ids import new_id
from anlan.foundation.outbox import publish
from anlan.organisation.queries import setting
from anlan.people.events import LookUpLimitReached
from anlan.people.models import Household, Resident
from anlan.people.queries import Hits, access_household, access_resident, search
from anlan.people.rules import LOOK_UP_SETTINGS, WINDOW, LookUpKind

COUNT = """
    WITH noted AS (
        INSERT INTO people_lookup (member_id, window_at, kind, subject_id)
        SELECT %(member)s, %(window)s, %(kind)s, unnest(%(subjects)s::uuid[])
        ON CONFLICT DO NOTHING RETURNING subject_id
    )
    SELECT count(*) FROM (
        SELECT subject_id FROM noted UNION
        SELECT subject_id FROM people_lookup
        WHERE member_id = %(member)s AND window_at >= %(earlier)s AND kind = %(kind)s
    ) AS seen
"""
FORGET = "DELETE FROM people_lookup WHERE member_id = %s AND window_at < %s"
ALARM = """
    INSERT INTO people_lookup (member_id, window_at, kind, subject_id) VALUES (%s, %s, 'alarmed', %s)
    ON CONFLICT DO NOTHING
"""


class LookUpLimitExceeded(TooMany):
    """Stop somebody who looks up more people than work explains."""

    code = "look_up_limit"


def search_residents(*, actor: Actor, text: str, now: datetime) -> Hits:
    """Search as `queries.search` does; count the search and the hits, and audit it without its words.

    Raises LookUpLimitExceeded, SearchTooShort.
    """
    count_look_ups(actor, LookUpKind.SEARCHED, [new_id()], now=now)
    hits = search(actor, text)
    ids = [resident.pk for resident in hits.residents]
    count_look_ups(actor, LookUpKind.LISTED, ids, now=now)
    audit.record("search", "people.Resident", ids, detail={"words": len(text.split()), "more": hits.more})
    return hits


def open_resident(*, actor: Actor, resident_id: UUID, now: datetime) -> Resident:
    """Return a resident whose page is to be shown; raise NotFound or LookUpLimitExceeded."""
    resident = access_resident(actor, resident_id)
    count_look_ups(actor, LookUpKind.OPENED, [resident.pk], now=now)
    audit.record("open", "people.Resident", [resident.pk], area_code=resident.area_code)
    return resident


def open_household(
    *, actor: Actor, household_id: UUID, now: datetime
) -> tuple[Household, Sequence[Resident]]:
    """Return a household with its people; raise NotFound or LookUpLimitExceeded."""
    household = access_household(actor, household_id)
    people = list(household.residents.order_by("birth_on", "pk"))
    count_look_ups(actor, LookUpKind.OPENED, [household.pk], now=now)
    count_look_ups(actor, LookUpKind.LISTED, [person.pk for person in people], now=now)
    audit.record("open", "people.Household", [household.pk], area_code=household.area_code)
    audit.record("list", "people.Resident", [person.pk for person in people], area_code=household.area_code)
    return household, people


def note_listed(*, actor: Actor, subject: str, ids: Sequence[UUID], now: datetime) -> None:
    """Count and audit one page of masked rows; raise LookUpLimitExceeded."""
    count_look_ups(actor, LookUpKind.LISTED, ids, now=now)
    audit.record("list", subject, ids)


def count_look_ups(actor: Actor, kind: LookUpKind, subjects: Collection[UUID], *, now: datetime) -> int:
    """Count distinct persons (or searches) of the last ten to twenty minutes and return how many.

    Raises LookUpLimitExceeded beyond the limit, after telling the security officer once a window.
    """
    start = now.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds()
    window = datetime.fromtimestamp(start, tz=now.tzinfo)
    values: dict[str, Any] = {
        "member": actor.member_id,
        "window": window,
        "earlier": window - WINDOW,
        "kind": kind.value,
        "subjects": list(subjects),
    }
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [actor.member_id, window - 2 * WINDOW])
        cursor.execute(COUNT, values)
        count = int(cursor.fetchone()[0])
        if count > LOOK_UP_SETTINGS[kind].lowest and count > _limit(actor, kind, now):
            cursor.execute(ALARM, [actor.member_id, window, actor.member_id])
            if cursor.rowcount:
                _alarm(actor, kind, count, now)
            raise LookUpLimitExceeded(int(start + WINDOW.total_seconds() - now.timestamp()) + 1)
    return count


def _limit(actor: Actor, kind: LookUpKind, now: datetime) -> int:
    """Return the limit in force where the actor's post stands; asked for only where one could be met."""
    known = LOOK_UP_SETTINGS[kind]
    value = setting(known.key, actor.area_code, now=now, default=known.default)
    return int(value) if known.allows(value) else known.default


def _alarm(actor: Actor, kind: LookUpKind, count: int, now: datetime) -> None:
    audit.record(
        "look_up_limit", "organisation.Member", [actor.member_id], detail={"kind": kind, "count": count}
    )
    publish(
        LookUpLimitReached(
            area_code=actor.area_code,
            occurred_at=now,
            member_id=actor.member_id,
            post_id=actor.post_id,
            kind=kind.value,
            count=count,
        )
    )
