"""The auditor's list: who did and saw what, never what was seen."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet, moment
from anlan.foundation.actor import Actor
from anlan.foundation.audit_queries import looks, visible_entries
from anlan.foundation.errors import NotFound


def _entries(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    try:
        ids = {name: UUID(filters[name]) if filters.get(name) else None for name in ("member", "post")}
        on = date.fromisoformat(filters["day"]) if filters.get("day") else None
    except ValueError as error:
        raise NotFound from error
    verb = filters.get("verb", "")
    return visible_entries(actor, member_id=ids["member"], post_id=ids["post"], verb=verb, on=on)


def _about(look: Any) -> str:
    if look.subject_count > 1:
        return _now("%(about)s %(count)s 条") % {"about": look.about, "count": look.subject_count}
    return str(look.about)


def _who(look: Any) -> str:
    return str(look.member_name or _now("已离任")) if look.member_id else _now("系统")


AUDIT = ListSheet(
    key="audit",
    title=_("查阅记录"),
    url_name="audit",
    subject="foundation.AuditEntry",
    found=_entries,
    lines=lambda actor, rows, now: looks(rows),
    order=("-at", "-id"),
    filters=("member", "post", "verb", "day"),
    is_personal=True,
    columns=(
        ListColumn("at", _("时间"), lambda look: moment(look.at), kind="moment", width=18),
        ListColumn("who", _("谁"), _who, is_personal=True),
        ListColumn("post", _("岗位"), lambda look: look.post_title, width=20),
        ListColumn("what", _("行为"), lambda look: look.what, width=20),
        ListColumn("about", _("对象"), _about, width=20),
        ListColumn("why", _("原因"), lambda look: look.why, width=24),
    ),
)

LISTS = (AUDIT,)
