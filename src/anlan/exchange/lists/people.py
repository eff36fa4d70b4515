"""Lists of the register: residents (they come back by import), households, erasures, look-up alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet, Plain, moment
from anlan.exchange.registers import KEY, VERSION
from anlan.exchange.registers.residents import Residents
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.organisation.models import Building
from anlan.people.models import Household
from anlan.people.presenting import alarm_lines, erasure_lines, household_lines, resident_lines
from anlan.people.queries import (
    ResidentFilter,
    visible_erasures,
    visible_households,
    visible_look_up_alarms,
    visible_residents,
)


def _residents(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    chosen = ResidentFilter(area_code=filters.get("area", ""), age_band=filters.get("age", ""))
    return visible_residents(actor, chosen, today=day_of(now))


@dataclass(slots=True)
class _Home:
    building: str
    unit: int
    room: str


@dataclass(slots=True)
class _Person:
    """What resident_lines looks at, of a hundred thousand rows made much faster than models."""

    pk: UUID
    version: int
    area_code: str
    name: str
    sex: str
    birth_on: date | None
    relation: str
    id_number: bytes | None
    phone: bytes | None
    household: _Home | None


FIELDS = ("id", "version", "area_code", "name", "sex", "birth_on", "relation", "id_number", "phone")


def _narrow(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related(None).values_list(*FIELDS, "household_id", named=True)


def _people(rows: Sequence[Any]) -> list[_Person]:
    """Add the doors, asked for by id: joined behind the policies, each page would read all of them."""
    homes = _homes({row.household_id for row in rows} - {None})
    found = [(*row[: len(FIELDS)], homes.get(row.household_id)) for row in rows]
    return [_Person(*facts) for facts in found]


def _homes(ids: set[UUID]) -> dict[UUID, _Home]:
    rows = Household.objects.filter(pk__in=ids).values_list("pk", "building_id", "unit", "room")
    homes = list(rows)
    wanted = {building_id for _pk, building_id, _unit, _room in homes}
    buildings = {row.pk: str(row) for row in Building.objects.filter(pk__in=wanted - {None})}
    return {pk: _Home(buildings.get(at, "") if at else "", unit, room) for pk, at, unit, room in homes}


def _resident_lines(actor: Actor, rows: Sequence[Any], now: datetime) -> Sequence[Any]:
    return resident_lines(actor, rows, now=now)


RESIDENTS = ListSheet(
    key="residents",
    title=_("居民"),
    url_name="people",
    subject="people.Resident",
    found=_residents,
    lines=_resident_lines,
    order=("area_code", "id"),
    filters=("area", "age"),
    by_ranges=True,
    is_personal=True,
    register=Residents.key,
    plain=Plain(_narrow, _people),
    columns=(
        ListColumn("area", _("网格"), lambda line: line.area, width=18),
        ListColumn("building", _("楼栋"), lambda line: line.home.building, is_personal=True, width=10),
        ListColumn("unit", _("单元"), lambda line: line.home.unit, is_personal=True, width=8),
        ListColumn("room", _("房号"), lambda line: line.home.room, is_personal=True, width=10),
        ListColumn("name", _("姓名"), lambda line: line.name, is_personal=True, width=12),
        ListColumn(
            "id_number",
            _("身份证号"),
            lambda line: line.id_number,
            is_personal=True,
            width=22,
            is_on_page=False,
        ),
        ListColumn("phone", _("电话"), lambda line: line.phone, is_personal=True, width=16, is_on_page=False),
        ListColumn("sex", _("性别"), lambda line: line.sex, is_personal=True, width=8),
        ListColumn("birth_on", _("出生日期"), lambda line: line.born, is_personal=True),
        ListColumn("relation", _("与户主关系"), lambda line: line.resident.relation, is_personal=True),
    ),
    hidden=(
        ListColumn(KEY, _("记录编号"), lambda line: str(line.resident.pk)),
        ListColumn(VERSION, _("记录版本"), lambda line: line.resident.version, kind="number"),
    ),
)


def _households(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    return visible_households(actor, area_code=filters.get("area", ""))


HOUSEHOLDS = ListSheet(
    key="households",
    title=_("户与房屋"),
    url_name="households",
    subject="people.Household",
    found=_households,
    lines=lambda actor, rows, now: household_lines(actor, rows, now=now),
    order=("area_code", "id"),
    filters=("area",),
    by_ranges=True,
    is_personal=True,
    columns=(
        ListColumn("door", _("门牌"), lambda line: line.door, is_personal=True, width=22),
        ListColumn("area", _("网格"), lambda line: line.area, width=18),
        ListColumn("people", _("人数"), lambda line: line.people, kind="number"),
        ListColumn("verified_on", _("最近核对"), lambda line: line.household.verified_on, kind="date"),
    ),
)

ERASURES = ListSheet(
    key="erasures",
    title=_("删除记录"),
    url_name="erasures",
    subject="people.Erasure",
    found=lambda actor, filters, now: visible_erasures(actor),
    lines=lambda actor, rows, now: erasure_lines(rows, now=now),
    order=("-id",),
    columns=(
        ListColumn("erased_at", _("时间"), lambda line: moment(line[0].erased_at), kind="moment", width=18),
        ListColumn("basis", _("法定情形"), lambda line: line[0].get_basis_display(), width=24),
        ListColumn("reason", _("原因"), lambda line: line[0].reason, width=30),
        ListColumn("place", _("原登记区域"), lambda line: line[1], width=18),
        ListColumn("post", _("经办岗位"), lambda line: line[0].post_title, width=18),
        ListColumn("record", _("记录编号"), lambda line: str(line[0].resident_id), width=38),
    ),
)


def _alarms(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    rows = visible_look_up_alarms(actor)
    return rows if filters.get("view") == "all" else rows.filter(looked_at=None)


ALARMS = ListSheet(
    key="look_up_alarms",
    title=_("异常查看"),
    url_name="look_up_alarms",
    subject="people.LookUpAlarm",
    found=_alarms,
    lines=lambda actor, rows, now: alarm_lines(actor, rows, now=now),
    order=("-at", "id"),
    filters=("view",),
    is_personal=True,
    columns=(
        ListColumn("at", _("时间"), lambda line: moment(line.row.at), kind="moment", width=18),
        ListColumn("member", _("人员"), lambda line: line.row.member_name, is_personal=True),
        ListColumn("post", _("岗位"), lambda line: line.row.post_title, width=18),
        ListColumn("place", _("区域"), lambda line: line.place, width=18),
        ListColumn("kind", _("超出的限额"), lambda line: str(line.kind), width=26),
        ListColumn("count", _("数量"), lambda line: line.row.count, kind="number"),
        ListColumn(
            "looked_at", _("查看时间"), lambda line: moment(line.row.looked_at), kind="moment", width=18
        ),
        ListColumn("note", _("说明"), lambda line: line.row.note, width=30),
    ),
)

LISTS = (RESIDENTS, HOUSEHOLDS, ERASURES, ALARMS)
