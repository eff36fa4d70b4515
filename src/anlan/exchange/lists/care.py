"""Lists of care: key people, arrivals, households of a line of liaison."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.people.presenting.care import arrival_lines, care_lines, home_lines
from anlan.people.queries.care import CareFilter, recheck_before, visible_arrivals, visible_key_people
from anlan.people.queries.liaison import UNCOVERED, access_line, homes_of_line, liaison_lines


def _key_people(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    chosen = CareFilter(
        area_code=filters.get("area", ""),
        kind=filters.get("kind", ""),
        service=filters.get("service", ""),
        view=filters.get("view", ""),
        is_mine=bool(filters.get("mine")),
    )
    today = day_of(now)
    return visible_key_people(actor, chosen, today=today, recheck=recheck_before(actor, now, today))


KEY_PEOPLE = ListSheet(
    key="key_people",
    title=_("重点人群"),
    url_name="key_people",
    subject="people.KeyPerson",
    found=_key_people,
    lines=lambda actor, rows, now: care_lines(actor, rows, now=now),
    order=("due_on", "id"),
    filters=("area", "kind", "service", "view", "mine"),
    by_ranges=True,
    is_personal=True,
    columns=(
        ListColumn("name", _("姓名"), lambda line: line.person.name, is_personal=True, width=12),
        ListColumn("kind", _("类别"), lambda line: line.kind, is_personal=True, width=16),
        ListColumn("door", _("门牌"), lambda line: line.person.door, is_personal=True, width=22),
        ListColumn("help", _("需要的帮助"), lambda line: line.help, is_personal=True, width=30),
        ListColumn("last_visited_on", _("上次走访"), lambda line: line.entry.last_visited_on, kind="date"),
        ListColumn("due_on", _("下次走访"), lambda line: line.entry.due_on, kind="date"),
        ListColumn("area", _("网格"), lambda line: line.person.area, width=18),
    ),
)

ARRIVALS = ListSheet(
    key="arrivals",
    title=_("新到人员"),
    url_name="arrivals",
    subject="people.Arrival",
    found=lambda actor, filters, now: visible_arrivals(
        actor, area_code=filters.get("area", ""), today=day_of(now)
    ),
    lines=lambda actor, rows, now: arrival_lines(actor, rows, now=now),
    order=("-on", "-id"),
    filters=("area",),
    by_ranges=True,
    is_personal=True,
    columns=(
        ListColumn("on", _("到达"), lambda line: line.row.on, kind="date"),
        ListColumn("door", _("门牌"), lambda line: line.door, is_personal=True, width=22),
        ListColumn("people_count", _("人数"), lambda line: line.row.people_count, kind="number"),
        ListColumn("from_place", _("从哪里来"), lambda line: line.from_place, is_personal=True, width=18),
        ListColumn("transport", _("怎么来的"), lambda line: line.transport, is_personal=True, width=14),
        ListColumn("area", _("网格"), lambda line: line.area, width=18),
    ),
)


def _homes(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    line = access_line(_line(filters))
    area = filters.get("area", "") or actor.area_code
    view = filters.get("view", UNCOVERED)
    return homes_of_line(actor, line, area_code=area, today=day_of(now), view=view)


def _line(filters: Filters) -> str:
    return filters.get("line", "") or next(iter(liaison_lines()), "")


LIAISON_HOMES = ListSheet(
    key="liaison_homes",
    title=_("联系户名单"),
    url_name="liaison_homes",
    subject="people.Household",
    found=_homes,
    lines=lambda actor, rows, now: home_lines(actor, rows, "", now=now),
    order=("area_code", "id"),
    filters=("line", "area", "view"),
    by_ranges=True,
    is_personal=True,
    columns=(
        ListColumn("door", _("门牌"), lambda line: line.door, is_personal=True, width=22),
        ListColumn("area", _("网格"), lambda line: line.area, width=18),
    ),
)

LISTS = (KEY_PEOPLE, ARRIVALS, LIAISON_HOMES)
