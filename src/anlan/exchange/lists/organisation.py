"""Lists of the organisation: posts with who holds them, areas found by name, premises, vehicles."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.bodies import BODY_LISTS
from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet, moment
from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.organisation.models import Area
from anlan.organisation.presenting import area_lines, post_lines, redraw_lines
from anlan.organisation.presenting.facilities import (
    FacilityLine,
    all_said_titles,
    attribute_titles,
    facility_lines,
    kind_titles,
)
from anlan.organisation.presenting.vehicles import vehicle_kind_words, vehicle_lines
from anlan.organisation.queries import areas_named, wanted_posts, with_holders
from anlan.organisation.queries.redraws import wanted_redraws
from anlan.organisation.queries.registers import (
    wanted_facilities,
    wanted_vehicles,
)


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


def _redraws(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    return wanted_redraws(actor, filters.get("q", ""))


REDRAWS = ListSheet(
    key="redraws",
    title=_("区域调整"),
    url_name="redraws",
    subject="organisation.Redraw",
    found=_redraws,
    lines=lambda actor, rows, now: redraw_lines(rows, now=utc_now()),
    order=("-planned_at", "-id"),
    filters=("q",),
    columns=(
        ListColumn("title", _("调整"), lambda line: line.row.title, width=40),
        ListColumn("kind", _("类别"), lambda line: line.row.get_kind_display()),
        ListColumn("place", _("范围"), lambda line: line.place, width=20),
        ListColumn("reason", _("依据和原因"), lambda line: line.row.reason, width=40, is_on_page=False),
        ListColumn("by", _("经办"), lambda line: f"{line.row.post_title} {line.row.member_name}", width=24),
        ListColumn("state", _("状态"), lambda line: line.row.get_state_display()),
        ListColumn("when", _("生效时间"), lambda line: moment(line.when), width=20),
    ),
)


def _attributes(filters: Filters) -> tuple[ListColumn, ...]:
    """Return a column for each attribute of the kind that the list is narrowed to."""
    titles = attribute_titles(filters.get("kind", ""))
    return tuple(
        ListColumn(f"attribute.{key}", title, partial(_said, key=key), width=16, is_on_page=False)
        for key, title in titles.items()
    )


def _facility_words() -> dict[str, str]:
    return {**kind_titles(), **all_said_titles()}


def _said(line: FacilityLine, key: str) -> str:
    return line.of(key)


FACILITIES = ListSheet(
    key="facilities",
    title=_("单位名录"),
    url_name="facilities",
    subject="organisation.Facility",
    found=lambda actor, filters, now: wanted_facilities(actor, filters, now=utc_now()),
    lines=lambda actor, rows, now: facility_lines(rows, now=utc_now()),
    order=("area_code", "id"),
    filters=("q", "kind", "said", "area", "view"),
    columns=(
        ListColumn("name", _("单位"), lambda line: line.row.name, width=28),
        ListColumn("kind", _("类型"), lambda line: line.kind, width=20),
        ListColumn("place", _("区域"), lambda line: line.place, width=20),
        ListColumn("address", _("地址"), lambda line: line.row.address, width=30, is_on_page=False),
        ListColumn("missing", _("缺项"), lambda line: "、".join(line.missing), width=30, is_on_page=False),
        ListColumn("verified_on", _("核对日期"), lambda line: line.row.verified_on, kind="date"),
    ),
    further=_attributes,
    filter_words=_facility_words,
)

VEHICLES = ListSheet(
    key="vehicles",
    title=_("车辆"),
    url_name="vehicles",
    subject="organisation.Vehicle",
    found=lambda actor, filters, now: wanted_vehicles(actor, filters, now=utc_now()),
    lines=lambda actor, rows, now: vehicle_lines(actor, rows, now=utc_now()),
    order=("area_code", "id"),
    filters=("q", "kind", "area", "state"),
    columns=(
        ListColumn("name", _("车牌或名称"), lambda line: line.row.name, width=18),
        ListColumn("kind", _("类型"), lambda line: line.kind, width=18),
        ListColumn("unit", _("单位"), lambda line: line.unit, width=26),
        ListColumn("place", _("区域"), lambda line: line.place, width=20),
        ListColumn("missing", _("缺项"), lambda line: "、".join(line.missing), width=26, is_on_page=False),
        ListColumn("state", _("状态"), lambda line: line.row.get_state_display()),
        ListColumn("since", _("自"), lambda line: moment(line.row.state_since), kind="moment", width=18),
    ),
    filter_words=vehicle_kind_words,
)

LISTS = (POSTS, AREAS, REDRAWS, FACILITIES, VEHICLES, *BODY_LISTS)
