"""Lists of the organisation: posts with who holds them, areas found by name."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.bodies import BODY_LISTS
from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet
from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.organisation.models import Area
from anlan.organisation.presenting import area_lines, post_lines
from anlan.organisation.queries import areas_named, wanted_posts, with_holders


def _posts(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    return with_holders(wanted_posts(actor, filters, now=utc_now()), now=utc_now())


def _holders(line: Any) -> str:
    return "、".join(member.name for member in line.holders)


POSTS = ListSheet(
    key="posts",
    title=_("岗位与任职"),
    url_name="posts",
    subject="organisation.Post",
    found=_posts,
    lines=lambda actor, rows, now: post_lines(rows, now=utc_now()),
    order=("area_code", "id"),
    filters=("q", "role", "area", "view"),
    columns=(
        ListColumn("title", _("岗位"), lambda line: line.post.title, width=26),
        ListColumn("place", _("区域"), lambda line: line.place, width=20),
        ListColumn("holders", _("责任人"), _holders, width=20),
        ListColumn("unit", _("单位"), lambda line: line.unit, width=24),
        ListColumn("state", _("状态"), lambda line: _now("在岗") if line.holders else _now("空缺")),
    ),
)


def _areas(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Area]:
    words = filters.get("q", "")
    return areas_named(actor, words, now=utc_now()) if words else Area.objects.none()


AREAS = ListSheet(
    key="areas",
    title=_("区域"),
    url_name="area_home",
    subject="organisation.Area",
    found=_areas,
    lines=lambda actor, rows, now: area_lines(rows, now=utc_now()),
    order=("code", "id"),
    filters=("q",),
    columns=(
        ListColumn("name", _("名称"), lambda line: line[0].name, width=24),
        ListColumn("parent", _("上级"), lambda line: line[2], width=24),
        ListColumn("level", _("层级"), lambda line: line[0].get_level_display()),
        ListColumn("kind", _("类型"), lambda line: line[1]),
        ListColumn("code", _("代码"), lambda line: line[0].code, width=20),
    ),
)

LISTS = (POSTS, AREAS, *BODY_LISTS)
