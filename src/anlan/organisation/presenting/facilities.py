"""How facilities are put before people: lines of the list, the parts of one's page, beds, staff."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Text
from anlan.foundation.models import FieldChange
from anlan.organisation.models import Appointment, Area, BedCount, Facility, Member, Vehicle
from anlan.organisation.pack_registers import Attribute
from anlan.organisation.presenting.registers import Fact, facility_crumbs, facts_of, value_words
from anlan.organisation.presenting.vehicles import vehicle_lines
from anlan.organisation.queries import area_names, in_force, with_holders
from anlan.organisation.queries.premises_figures import premises_complete, staff_by_profession
from anlan.organisation.queries.registers import (
    Definitions,
    answers_to,
    beds_since,
    definitions_in_force,
    due_on,
    has_beds,
    may_correct,
    may_enter_facility,
    may_keep,
    narrowing,
    posts_of_facility,
    told_apart,
    vehicles_of,
)
from anlan.organisation.rules import is_in_force
from anlan.organisation.words import in_words

BED_DAYS = 14
CHANGES_SHOWN = 10
ATTRIBUTES_LISTED = 4  # columns of a list of one kind; its file has all
HISTORY_READERS = ("grid_work", "health", "org", "privacy")  # the policy of field history


@dataclass(frozen=True, slots=True)
class FacilityLine:
    """One facility as a row of the list."""

    row: Facility
    kind: str
    place: str
    missing: tuple[str, ...]  # titles of what is required and not said
    is_stale: bool
    said: Mapping[str, str]  # by attribute, in words
    shown: tuple[str, ...] = ()  # what is said of the attributes that the list has columns for

    def of(self, key: str) -> str:
        """Return what is said of one attribute."""
        return self.said.get(key, "")


def facility_lines(
    rows: Iterable[Facility], listed: Sequence[Attribute] = (), *, now: datetime
) -> list[FacilityLine]:
    """Return facilities as rows, with what is said of the listed attributes."""
    shown = list(rows)
    names = area_names({row.area_code for row in shown}, now=now)
    definitions, today = definitions_in_force(), day_of(now)
    kinds = _titles(definitions)
    lines = []
    for row in shown:
        due = due_on(row, definitions)
        asked = definitions.of("facility", row.kind)
        missing = definitions.missing("facility", row.kind, row.attributes)
        said = {one.key: value_words(one, row.attributes.get(one.key)) for one in asked}
        lines.append(
            FacilityLine(
                row=row,
                kind=kinds.get(row.kind, row.kind),
                place=names.get(row.area_code, row.area_code),
                missing=tuple(in_words(one.title) for one in missing),
                is_stale=due is None or due < today,
                said=said,
                shown=tuple(said.get(one.key, "") for one in listed),
            )
        )
    return lines


def _titles(definitions: Definitions) -> dict[str, str]:
    return {key: in_words(kind.title) for key, kind in definitions.facility_kinds.items()}


def kind_titles() -> dict[str, str]:
    """Return what each kind of facility is called."""
    return _titles(definitions_in_force())


def attribute_titles(kind: str) -> dict[str, str]:
    """Return what each attribute of a kind is called; nothing where no kind is named."""
    asked = definitions_in_force().of("facility", kind) if kind else []
    return {one.key: in_words(one.title) for one in asked}


def said_titles(attributes: Iterable[Attribute]) -> dict[str, str]:
    """Return in words what a list can be narrowed to by what is said of these attributes."""
    return {
        f"{one.key}.{word}": _("%(title)s：%(said)s")
        % {"title": in_words(one.title), "said": value_words(one, value) or _("未填")}
        for one in attributes
        for word, value in answers_to(one).items()
    }


def all_said_titles() -> dict[str, str]:
    """Return in words everything that a list of facilities can be narrowed to by what is said of them."""
    return said_titles(told_apart(definitions_in_force()))


def said_choices(kind: str, chosen: str) -> dict[str, str]:
    """Return what a list of one kind, or of all, offers to be narrowed to, and what it is narrowed to."""
    offered = said_titles(narrowing(definitions_in_force(), kind))
    if not chosen or chosen in offered:
        return offered
    known = all_said_titles()
    return {chosen: known[chosen], **offered} if chosen in known else offered


def listed_attributes(kind: str) -> list[Attribute]:
    """Return the attributes that a list of one kind shows as columns: first what is required."""
    asked = definitions_in_force().of("facility", kind) if kind else []
    return sorted(asked, key=lambda one: not one.required)[:ATTRIBUTES_LISTED]


def premises_context(actor: Actor, area: Area, *, now: datetime, may_list: bool) -> dict[str, Any]:
    """Return what an area's page tells of its premises; nothing of an area beyond the ranges."""
    if not actor.ranges.covers(area.code):
        return {"premises": None}
    titles = kind_titles()
    figures = premises_complete(actor, area.code, now=now)
    return {
        "premises": figures,
        "kinds": [(titles.get(row.kind, row.kind), row) for row in figures.kinds],
        "href": f"{reverse('facilities')}?area={area.code}" if may_list else "",
    }


GROUP_WORDS: dict[str, Text] = {
    "medical": gettext_lazy("医疗卫生"),
    "disease_control": gettext_lazy("疾控与检测"),
    "pharmacy": gettext_lazy("药店"),
    "education": gettext_lazy("学校与托幼"),
    "care": gettext_lazy("养老与福利"),
    "public_place": gettext_lazy("公共场所"),
    "site": gettext_lazy("工厂与工地"),
    "enterprise": gettext_lazy("企业"),
    "depot": gettext_lazy("储备"),
    "governance": gettext_lazy("党群与社区用房"),
    "organisation": gettext_lazy("物业、业委会与社会力量"),
    "infrastructure": gettext_lazy("信息设施"),
}


def kind_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds one may enter, by group."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, kind in definitions_in_force().facility_kinds.items():
        groups.setdefault(kind.group, []).append((key, in_words(kind.title)))
    return [(str(words), groups[group]) for group, words in GROUP_WORDS.items() if group in groups]


def facility_facts(facility: Facility) -> list[Fact]:
    """Return what is asked of a facility with what is said of each."""
    return facts_of(definitions_in_force().of("facility", facility.kind), facility.attributes)


def facility_context(actor: Actor, facility: Facility, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a facility's page."""
    definitions, today = definitions_in_force(), day_of(now)
    asked, due = definitions.of("facility", facility.kind), due_on(facility, definitions)
    vehicles = vehicles_of(facility, now=now)
    is_live = is_in_force(facility.starts_at, facility.ends_at, now)
    return {
        "facility": facility,
        "kind": _titles(definitions).get(facility.kind, facility.kind),
        "crumbs": facility_crumbs(facility, now=now),
        "facts": facts_of(asked, facility.attributes),
        "missing_count": len(definitions.missing("facility", facility.kind, facility.attributes)),
        "due_on": due,
        "is_stale": due is None or due < today,
        "is_verified_today": facility.verified_on == today and facility.verified_by == actor.post_title,
        "is_live": is_live,
        "groups": list(facility.groups.filter(in_force(now)).order_by("kind", "name", "pk")),
        "posts": _posts(facility, now),
        "vehicles": vehicle_lines(actor, vehicles, now=now),
        "vehicles_missing": _vehicles_missing(facility, vehicles, definitions),
        "staff": staff_lines(facility, definitions),
        "changes": _changes(actor, facility, asked),
        **_beds(facility, today),
        "may_correct": is_live and may_correct(actor, facility),
        "may_keep": is_live and may_keep(actor, facility),
        "may_end": is_live and may_enter_facility(actor, facility.area_code),
    }


def _posts(facility: Facility, now: datetime) -> list[tuple[Any, list[Member]]]:
    found = []
    for post in with_holders(posts_of_facility(facility, now=now), now=now):
        held: list[Appointment] = getattr(post, "held")  # noqa: B009 - by with_holders
        found.append((post, [row.member for row in held]))
    return found


def recent_beds(facility: Facility, today: date) -> list[tuple[date, BedCount | None]]:
    """Return the last days, the latest first, each with what was said of its beds."""
    since = today - timedelta(days=BED_DAYS - 1)
    rows = {row.on: row for row in beds_since(facility, since)}
    days = [today - timedelta(days=number) for number in range(BED_DAYS)]
    return [(day, rows.get(day)) for day in days]


def _beds(facility: Facility, today: date) -> dict[str, Any]:
    """Return the beds of the last days, as a chart and one by one; nothing for a kind without beds."""
    if not has_beds(facility):
        return {"counts_beds": False}
    recent = recent_beds(facility, today)
    said = [row for _day, row in reversed(recent)]
    return {
        "counts_beds": True,
        "beds_latest": next((row for _day, row in recent if row), None),
        "beds_today": recent[0][1] is not None,
        "beds_days": recent,
        "beds_chart": {
            "days": [day.isoformat() for day, _row in reversed(recent)],
            "series": [
                {"name": _("已占用"), "counts": [row.occupied_count if row else None for row in said]},
                {"name": _("空余"), "counts": [_free(row) if row else None for row in said]},
            ],
        },
    }


def _free(row: BedCount) -> int:
    return max(row.open_count - row.occupied_count, 0)


def _vehicles_missing(facility: Facility, vehicles: Sequence[Vehicle], definitions: Definitions) -> list[str]:
    """Return the kinds of vehicle that a facility of this kind should have and has not."""
    there = {row.kind for row in vehicles}
    return [
        in_words(kind.title)
        for kind in definitions.vehicle_kinds.values()
        if facility.kind in kind.expected_at and kind.key not in there
    ]


def staff_lines(facility: Facility, definitions: Definitions) -> dict[str, Any]:
    """Return the staff by profession and rank: ranks as headings, a row for each profession."""
    titles = {
        one.key: {choice.key: in_words(choice.title) for choice in one.choices}
        for one in definitions.of("member")
    }
    ranks, professions = titles.get("title_rank", {}), titles.get("profession", {})
    counted = dict(staff_by_profession(facility))
    unsaid = any("" in by_rank for by_rank in counted.values())
    keys = [*ranks, *([""] if unsaid else [])]
    order = [key for key in (*professions, "") if key in counted]
    rows = [
        (
            professions.get(key, _("未填")),
            [counted[key].get(rank, 0) for rank in keys],
            sum(counted[key].values()),
        )
        for key in order
    ]
    return {"ranks": [ranks.get(key, _("未填")) for key in keys], "rows": rows}


def _changes(actor: Actor, facility: Facility, asked: Iterable[Attribute]) -> list[dict[str, Any]]:
    """Return the latest corrections in words, to those who may read field history."""
    if not actor.has_purpose(*HISTORY_READERS):
        return []
    titles = {"kind": _("单位类型"), "name": _("单位名称"), "address": _("地址")}
    titles |= {f"attributes.{one.key}": in_words(one.title) for one in asked}
    rows: QuerySet[FieldChange] = FieldChange.objects.filter(row_id=facility.pk)
    latest = rows.order_by("-changed_at", "field")[:CHANGES_SHOWN]
    return [
        {"row": row, "what": _("%(field)s已更正") % {"field": titles.get(row.field, row.field)}}
        for row in latest
    ]
