"""The records that rows of a table speak of, as a page shows them beside what the file says."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.exchange.registers import REGISTERS
from anlan.exchange.registers.buildings import Buildings
from anlan.exchange.registers.facilities import Facilities, kind_titles
from anlan.exchange.registers.resident_columns import VERIFIED
from anlan.exchange.registers.residents import Residents
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Text
from anlan.foundation.scope import within
from anlan.organisation.models import Building, Facility
from anlan.organisation.presenting.facilities import facility_facts
from anlan.organisation.queries import area_names
from anlan.people.models import Resident
from anlan.people.presenting import FIELD_WORDS, resident_lines

DOOR = "household_id"


@dataclass(frozen=True, slots=True)
class Beside:
    """One record: its name and page, what else tells it from others, each field's words and how it stands."""

    name: str
    href: str
    facts: str
    fields: Mapping[str, tuple[Text, str]]


def _residents(actor: Actor, ids: Collection[UUID], now: datetime) -> dict[UUID, Beside]:
    rows = Resident.objects.filter(within(actor.ranges), pk__in=ids).select_related("household__building")
    found = {}
    for line in resident_lines(actor, rows, now=now):
        stands = {
            "name": line.name,
            "sex": line.sex,
            "birth_on": line.born,
            "relation": line.resident.relation,
            "id_number": line.id_number,
            "phone": line.phone,
            DOOR: line.door,
        }
        found[line.resident.pk] = Beside(
            name=line.name,
            href=reverse("person", args=[line.resident.pk]),
            facts=" ".join([line.id_number, line.phone, line.born, line.area, line.door]),
            fields={
                **{name: (FIELD_WORDS[name], value) for name, value in stands.items()},
                VERIFIED: (_("核对日期"), str(line.resident.verified_on or "")),
            },
        )
    return found


def _buildings(actor: Actor, ids: Collection[UUID], now: datetime) -> dict[UUID, Beside]:
    rows = list(Building.objects.filter(within(actor.ranges), pk__in=ids))
    areas = area_names({row.area_code for row in rows}, now=now)
    found = {}
    for row in rows:
        known = {"number": row.number, "units": row.unit_count, "floors": row.floor_count}
        stands = {"number": row.number, "name": row.name}
        stands |= {"unit_count": str(row.unit_count), "floor_count": str(row.floor_count)}
        facts = [areas.get(row.area_code, ""), _("编号 %(number)s，%(units)s 个单元，%(floors)s 层") % known]
        found[row.pk] = Beside(str(row), _page_of(row), " ".join(facts), _titled(Buildings.key, stands))
    return found


def _facilities(actor: Actor, ids: Collection[UUID], now: datetime) -> dict[UUID, Beside]:
    rows = list(Facility.objects.filter(within(actor.ranges), pk__in=ids))
    areas, kinds = area_names({row.area_code for row in rows}, now=now), kind_titles()
    found = {}
    for row in rows:
        kind = kinds.get(row.kind, row.kind)
        stands = {"kind": kind, "name": row.name, "address": row.address}
        said = "；".join(f"{fact.title}：{fact.value}" for fact in facility_facts(row) if not fact.is_missing)
        facts = [kind, areas.get(row.area_code, ""), row.address]
        fields = {**_titled(Facilities.key, stands), "attributes": (_("登记内容"), said)}
        found[row.pk] = Beside(row.name, reverse("facility", args=[row.pk]), " ".join(facts), fields)
    return found


RECORDS: dict[str, Callable[[Actor, Collection[UUID], datetime], dict[UUID, Beside]]] = {
    Residents.key: _residents,
    Buildings.key: _buildings,
    Facilities.key: _facilities,
}
OF_PEOPLE = frozenset({Residents.key})  # registers whose records count as looked up


def _page_of(row: Building) -> str:
    return reverse("area", args=[row.area_code])


def _titled(register: str, stands: Mapping[str, str]) -> dict[str, tuple[Text, str]]:
    titles = {column.key: column.title for column in REGISTERS[register].columns}
    return {name: (titles[name], value) for name, value in stands.items()}
