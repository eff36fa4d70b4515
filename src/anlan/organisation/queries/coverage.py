"""Bodies and checklists rolled up the tree: of each area below, how many are complete and what is missing.

One question each, whatever the number of grids; the same rules in SQL as in body_rules and checklist_rules,
which a test holds against each other.
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

CHECKLISTS = """
    WITH subject AS MATERIALIZED (
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
    ), latest AS MATERIALIZED (
        SELECT area_code, facility_id, item, is_met, evidence, evidence_kind, answered_at
        FROM organisation_checklistanswer
        WHERE checklist = %(checklist)s AND replaced_at IS NULL
            AND area_code >= %(low)s AND area_code < %(high)s
    ), stand AS (
        SELECT subject.code, subject.facility, item.key, CASE
            WHEN latest.item IS NULL THEN 'unanswered'
            WHEN NOT latest.is_met THEN 'not_met'
            WHEN item.evidence <> 'none'
                AND (latest.evidence = '' OR latest.evidence_kind <> item.evidence) THEN 'no_evidence'
            WHEN latest.answered_at + make_interval(days => %(renew_days)s) <= %(now)s THEN 'stale'
            ELSE 'met' END AS state
        FROM subject CROSS JOIN item LEFT JOIN latest ON latest.area_code = subject.code
            AND latest.item = item.key AND latest.facility_id IS NOT DISTINCT FROM subject.facility
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
    WITH founded AS MATERIALIZED (
        SELECT body.id, body.area_code, entry.body AS template FROM organisation_body AS body
            JOIN foundation_packversion AS pack ON pack.version = body.pack_version
            JOIN foundation_packentry AS entry ON entry.pack_version_id = pack.id
                AND entry.section = 'bodies' AND entry.key = body.template
        WHERE body.template = %(template)s AND body.ends_at IS NULL
            AND body.area_code >= %(low)s AND body.area_code < %(high)s
    ), held AS MATERIALIZED (
        SELECT seat.body_id, seat.slot, seat.is_lead, coalesce(post.role, '') AS role
        FROM organisation_seat AS seat LEFT JOIN organisation_post AS post ON post.id = seat.post_id
        WHERE seat.ends_at IS NULL AND seat.area_code >= %(low)s AND seat.area_code < %(high)s
            AND (seat.post_id IS NULL OR (
                post.starts_at <= %(now)s AND (post.ends_at IS NULL OR post.ends_at > %(now)s)
                AND EXISTS (SELECT FROM organisation_appointment AS duty WHERE duty.post_id = seat.post_id
                    AND (seat.member_id IS NULL OR duty.member_id = seat.member_id)
                    AND duty.starts_at <= %(now)s AND (duty.ends_at IS NULL OR duty.ends_at > %(now)s))))
    ), slot AS (
        SELECT founded.id, founded.area_code, wanted ->> 'key' AS key,
            (wanted ->> 'at_least')::int - count(held.body_id) AS lacks
        FROM founded CROSS JOIN LATERAL jsonb_array_elements(template -> 'slots') AS wanted
        LEFT JOIN held ON held.body_id = founded.id AND held.slot = wanted ->> 'key'
            AND (wanted -> 'posts' = '[]' OR wanted -> 'posts' ? held.role)
        GROUP BY founded.id, founded.area_code, wanted
    ), stand AS (
        SELECT founded.area_code, NOT short.is_short AS is_seated,
            founded.template ->> 'lead' IS NULL OR led.body_id IS NOT NULL AS is_led
        FROM founded
        JOIN (SELECT id, bool_or(lacks > 0) AS is_short FROM slot GROUP BY id) AS short USING (id)
        LEFT JOIN (SELECT DISTINCT body_id, role FROM held WHERE is_lead) AS led
            ON led.body_id = founded.id AND led.role = founded.template ->> 'lead'
    ), counted AS (
        SELECT left(area.code, %(digits)s) AS below, count(*) AS places, count(founded.area_code) AS has_one
        FROM organisation_area AS area
        LEFT JOIN (SELECT DISTINCT area_code FROM founded) AS founded ON founded.area_code = area.code
        WHERE area.level = %(level)s AND (%(any_kind)s OR area.kind = ANY(%(kinds)s))
            AND area.code >= %(low)s AND area.code < %(high)s
            AND area.starts_at <= %(now)s AND (area.ends_at IS NULL OR area.ends_at > %(now)s)
        GROUP BY 1
    ), done AS (
        SELECT left(area_code, %(digits)s) AS below, count(*) AS bodies,
            count(*) FILTER (WHERE is_seated AND is_led) AS complete,
            count(*) FILTER (WHERE NOT is_led) AS unled,
            count(DISTINCT area_code) FILTER (WHERE is_seated AND is_led) AS complete_places
        FROM stand GROUP BY 1
    ), lacking AS (
        SELECT below, jsonb_object_agg(key, bodies)::text AS lacks FROM (
            SELECT left(area_code, %(digits)s) AS below, key, count(*) AS bodies FROM slot
            WHERE lacks > 0 GROUP BY 1, 2
        ) AS short GROUP BY below
    )
    SELECT below, places, has_one, coalesce(bodies, 0), coalesce(complete, 0), coalesce(complete_places, 0),
        coalesce(unled, 0), lacks
    FROM counted LEFT JOIN done USING (below) LEFT JOIN lacking USING (below)
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
