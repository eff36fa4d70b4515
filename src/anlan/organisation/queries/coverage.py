"""Bodies and checklists rolled up the tree: of each area below, how many are complete and what is missing.

One question each, whatever the number of grids; the same rules in SQL as in `rules.bodies` and
`rules.checklists`, which a test holds against each other.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from anlan.foundation.actor import RANGE_END, Actor
from anlan.foundation.errors import NotFound
from anlan.organisation.models import Area
from anlan.organisation.pack import BodyTemplate, Checklist
from anlan.organisation.queries import areas_below, in_realm
from anlan.organisation.queries.acting import in_force
from anlan.organisation.queries.bodies import is_expected
from anlan.organisation.rules import CODE_LENGTH, AreaLevel

# What is wanted and what is there are stacked and grouped, not joined: behind the policies the planner
# expects a handful of rows, and would look through all answers for every grid.
CHECKLISTS = """
    WITH subject AS (
        SELECT area.code, NULL::uuid AS facility FROM organisation_area AS area
        WHERE %(used_for)s <> 'facility' AND area.level = %(used_for)s
            AND area.code >= %(low)s AND area.code < %(high)s
            AND area.starts_at <= %(now)s AND (area.ends_at IS NULL OR area.ends_at > %(now)s)
        UNION ALL
        SELECT unit.area_code, unit.id FROM organisation_facility AS unit
        WHERE %(used_for)s = 'facility' AND (%(any_kind)s OR unit.kind = ANY(%(kinds)s))
            AND unit.area_code >= %(low)s AND unit.area_code < %(high)s
            AND unit.starts_at <= %(now)s AND (unit.ends_at IS NULL OR unit.ends_at > %(now)s)
    ), item AS (
        SELECT * FROM unnest(%(items)s::text[], %(evidence)s::text[]) AS wanted(key, evidence)
    ), answered AS (
        SELECT answer.area_code, answer.facility_id, item.key, CASE
            WHEN NOT answer.is_met THEN 'not_met'
            WHEN item.evidence <> 'none'
                AND (answer.evidence = '' OR answer.evidence_kind <> item.evidence) THEN 'no_evidence'
            WHEN answer.answered_at + make_interval(days => %(renew_days)s) <= %(now)s THEN 'stale'
            ELSE 'met' END AS state
        FROM organisation_checklistanswer AS answer JOIN item ON item.key = answer.item
        WHERE answer.checklist = %(checklist)s AND answer.replaced_at IS NULL
            AND answer.area_code >= %(low)s AND answer.area_code < %(high)s
    ), stand AS MATERIALIZED (
        SELECT code, facility, key, coalesce(max(state), 'unanswered') AS state FROM (
            SELECT code, facility, key, true AS is_wanted, NULL AS state FROM subject CROSS JOIN item
            UNION ALL
            SELECT area_code, facility_id, key, false, state FROM answered
        ) AS stacked GROUP BY code, facility, key HAVING bool_or(is_wanted)
    ), whole AS (
        SELECT left(code, %(digits)s) AS below, bool_and(state = 'met') AS is_complete,
            bool_or(state = 'stale') AS is_stale, bool_and(state = 'unanswered') AS is_empty
        FROM stand GROUP BY code, facility
    ), lacking AS (
        SELECT below, jsonb_object_agg(key, lacks)::text AS lacks FROM (
            SELECT left(code, %(digits)s) AS below, key, count(*) AS lacks FROM stand
            WHERE state <> 'met' GROUP BY 1, 2
        ) AS counted GROUP BY below
    )
    SELECT whole.below, count(*), count(*) FILTER (WHERE is_complete), count(*) FILTER (WHERE is_stale),
        count(*) FILTER (WHERE is_empty), lacking.lacks
    FROM whole LEFT JOIN lacking USING (below) GROUP BY whole.below, lacking.lacks
"""

BODIES = """
    WITH wanted AS MATERIALIZED (
        SELECT pack.version, entry.body ->> 'lead' AS lead, slot ->> 'key' AS key,
            (slot ->> 'at_least')::int AS at_least, slot -> 'posts' AS roles
        FROM foundation_packversion AS pack
            JOIN foundation_packentry AS entry ON entry.pack_version_id = pack.id
                AND entry.section = 'bodies' AND entry.key = %(template)s
            CROSS JOIN LATERAL jsonb_array_elements(entry.body -> 'slots') AS slot
    ), founded AS MATERIALIZED (
        SELECT id, area_code, pack_version FROM organisation_body
        WHERE template = %(template)s AND ends_at IS NULL AND area_code >= %(low)s AND area_code < %(high)s
    ), held AS MATERIALIZED (
        SELECT body.id, body.area_code, body.pack_version, seat.slot, seat.is_lead,
            coalesce(post.role, '') AS role
        FROM organisation_seat AS seat JOIN organisation_body AS body ON body.id = seat.body_id
            LEFT JOIN organisation_post AS post ON post.id = seat.post_id
        WHERE seat.ends_at IS NULL AND seat.area_code >= %(low)s AND seat.area_code < %(high)s
            AND body.template = %(template)s AND body.ends_at IS NULL
            AND (seat.post_id IS NULL OR (
                post.starts_at <= %(now)s AND (post.ends_at IS NULL OR post.ends_at > %(now)s)
                AND EXISTS (SELECT FROM organisation_appointment AS duty WHERE duty.post_id = seat.post_id
                    AND (seat.member_id IS NULL OR duty.member_id = seat.member_id)
                    AND duty.starts_at <= %(now)s AND (duty.ends_at IS NULL OR duty.ends_at > %(now)s))))
    ), stacked AS (
        SELECT id, area_code, key, at_least AS lacks FROM founded JOIN wanted ON version = pack_version
        UNION ALL
        SELECT DISTINCT id, area_code, '', 1 FROM founded JOIN wanted ON version = pack_version
        WHERE lead IS NOT NULL
        UNION ALL
        SELECT id, area_code, key, -1 FROM held JOIN wanted ON version = pack_version AND key = slot
        WHERE roles = '[]' OR roles ? role
        UNION ALL
        SELECT DISTINCT id, area_code, '', -1 FROM held JOIN wanted ON version = pack_version AND role = lead
        WHERE is_lead
    ), slot AS MATERIALIZED (
        SELECT id, area_code, key, sum(lacks) > 0 AS is_short FROM stacked GROUP BY id, area_code, key
    ), body AS (
        SELECT id, area_code, bool_or(is_short) AS is_short, bool_or(is_short AND key = '') AS is_unled
        FROM slot GROUP BY id, area_code
    ), place AS (
        SELECT code, bool_or(is_place) AS is_place, sum(bodies) AS bodies, sum(complete) AS complete,
            sum(unled) AS unled
        FROM (
            SELECT code, true AS is_place, 0 AS bodies, 0 AS complete, 0 AS unled FROM organisation_area
            WHERE level = %(level)s AND (%(any_kind)s OR kind = ANY(%(kinds)s))
                AND code >= %(low)s AND code < %(high)s
                AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)
            UNION ALL
            SELECT area_code, false, 1, (NOT is_short)::int, coalesce(is_unled, false)::int FROM body
        ) AS both_sides GROUP BY code
    ), counted AS (
        SELECT left(code, %(digits)s) AS below, count(*) AS places,
            count(*) FILTER (WHERE bodies > 0) AS has_one,
            sum(bodies)::int AS bodies, sum(complete)::int AS complete,
            count(*) FILTER (WHERE complete > 0) AS complete_places, sum(unled)::int AS unled
        FROM place WHERE is_place GROUP BY 1
    ), lacking AS (
        SELECT below, jsonb_object_agg(key, bodies)::text AS lacks FROM (
            SELECT left(area_code, %(digits)s) AS below, key, count(*) AS bodies FROM slot
            WHERE is_short AND key <> '' GROUP BY 1, 2
        ) AS short GROUP BY below
    )
    SELECT below, places, has_one, bodies, complete, complete_places, unled, lacks
    FROM counted LEFT JOIN lacking USING (below)
"""


@dataclass(frozen=True, slots=True)
class ChecklistCoverage:
    """Of one area below: how many subjects a checklist has there, and how they stand."""

    total: int = 0
    complete: int = 0
    stale: int = 0  # with at least one answer that is too old
    empty: int = 0  # never answered
    lacks: dict[str, int] = field(default_factory=dict)  # item: subjects where it is not met


@dataclass(frozen=True, slots=True)
class BodyCoverage:
    """Of one area below: how many places a body belongs to, and how its bodies stand."""

    total: int = 0  # places where every one is to have it; else the bodies founded
    complete: int = 0
    not_founded: int = 0
    without_lead: int = 0
    lacks: dict[str, int] = field(default_factory=dict)  # slot: bodies where seats of it are empty


def access_area_in_range(actor: Actor, code: str, *, now: datetime) -> Area:
    """Return an area in force inside the actor's ranges, or raise NotFound."""
    area = Area.objects.filter(in_realm(actor), in_force(now), code=code).first() if code.isdigit() else None
    if area is None or not actor.ranges.covers(area.code):
        raise NotFound
    return area


def areas_counted(area: Area, level: str, *, now: datetime) -> QuerySet[Area]:
    """Return the areas that a roll-up of a level lists: those directly below, or the area of that level."""
    digits = CODE_LENGTH[AreaLevel(level)]
    if len(area.code) < digits:
        return areas_below(area.code, now=now)
    return Area.objects.filter(pk=area.pk) if len(area.code) == digits else Area.objects.none()


def checklist_coverage(area: Area, listed: Checklist, *, now: datetime) -> dict[str, ChecklistCoverage]:
    """Return how a checklist stands in each area below, by code; one question."""
    level = "grid" if listed.used_for == "facility" else listed.used_for
    rows = _asked(
        CHECKLISTS,
        area,
        level,
        now,
        checklist=listed.key,
        used_for=listed.used_for,
        any_kind=not listed.facility_kinds,
        kinds=listed.facility_kinds,
        items=[item.key for item in listed.items],
        evidence=[item.evidence for item in listed.items],
        renew_days=listed.renew_days,
    )
    return {
        code: ChecklistCoverage(total, complete, stale, empty, _counts(lacks))
        for code, total, complete, stale, empty, lacks in rows
    }


def body_coverage(area: Area, template: BodyTemplate, *, now: datetime) -> dict[str, BodyCoverage]:
    """Return how the bodies of a template stand in each area below, by code; one question."""
    rows = _asked(
        BODIES,
        area,
        template.level,
        now,
        template=template.key,
        level=template.level,
        any_kind=not template.area_kinds,
        kinds=template.area_kinds,
    )
    found: dict[str, BodyCoverage] = {}
    for code, places, has_one, bodies, complete, complete_places, unled, lacks in rows:
        if is_expected(template):
            found[code] = BodyCoverage(places, complete_places, places - has_one, unled, _counts(lacks))
        else:
            found[code] = BodyCoverage(bodies, complete, 0, unled, _counts(lacks))
    return found


def _counts(text: str | None) -> dict[str, int]:
    counted: dict[str, int] = json.loads(text) if text else {}
    return counted


def _asked(question: str, area: Area, counted: str, now: datetime, **asked: Any) -> list[tuple[Any, ...]]:
    digits = min(len(area.code) + 3, CODE_LENGTH[AreaLevel(counted)])
    given = {"low": area.code, "high": area.code + RANGE_END, "digits": digits, "now": now, **asked}
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return list(cursor.fetchall())
