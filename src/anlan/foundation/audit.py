"""Write one line into the audit: who, through which post, why, what."""

import json
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from uuid import UUID

from django.db import connection

from anlan.foundation.ids import new_id
from anlan.foundation.scope import current_scope

request_id: ContextVar[str] = ContextVar("anlan_request_id", default="")

INSERT = """
    INSERT INTO foundation_auditentry
        (id, account_id, member_id, post_id, role, duty, cause, verb, subject, subject_ids, area_code, why,
         detail, request_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

INSERT_SUBJECTS = """
    INSERT INTO foundation_auditsubject (entry_id, subject_id)
    SELECT DISTINCT %s::uuid, id FROM unnest(%s) AS id
"""


def record(
    verb: str,
    subject: str,
    subject_ids: Iterable[UUID] = (),
    *,
    area_code: str = "",
    why: str = "",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Record an act or a look, in the transaction that makes it.

    `subject` is a model label such as people.Resident; `detail` holds ids, counts and field names,
    never an identity. A page of masked rows is one entry that lists all its ids.
    """
    scope = current_scope()
    actor = scope.actor if scope else None
    entry_id, ids = new_id(), list(subject_ids)
    row = (
        entry_id,
        actor.account_id if actor else None,
        actor.member_id if actor else None,
        actor.post_id if actor else None,
        actor.role if actor else "",
        scope.duty.name if scope and scope.duty else "",
        scope.cause if scope else "",
        verb,
        subject,
        ids,
        area_code or (actor.area_code if actor else ""),
        why,
        json.dumps(dict(detail or {}), default=str),
        request_id.get(),
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row)
        if ids:
            cursor.execute(INSERT_SUBJECTS, [entry_id, ids])
