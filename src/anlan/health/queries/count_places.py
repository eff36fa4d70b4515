"""Where a row of a file belongs: its form, item, unit, class, as far as the sender's post reaches."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import NotFound
from anlan.foundation.scope import duty, within
from anlan.health.models import CountFile
from anlan.health.pack import CountForm
from anlan.health.queries.counts import count_forms, item_titles
from anlan.organisation.models import Area, Facility, FacilityGroup
from anlan.organisation.queries import in_force


@dataclass(frozen=True, slots=True)
class CountPlace:
    """The unit and class, or the area, that a number is about."""

    area_code: str
    facility_id: UUID | None = None
    group_id: UUID | None = None

    @property
    def unit_or_area(self) -> tuple[UUID | None, str]:
        """Return the unit with no area, or no unit and the area: what one sheet of a day is about."""
        return self.facility_id, "" if self.facility_id else self.area_code


class CountPlaces:
    """Answers the same question about many rows without asking the database twice."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor, self.now = actor, now
        self.forms = {form.key: form for form in count_forms()}
        self.items = {form.key: _items(form) for form in self.forms.values()}
        self.titles = {form.title.zh: form.key for form in self.forms.values()}
        self._units: dict[tuple[str, str, str], Facility | str] = {}
        self._groups: dict[UUID, dict[str, UUID]] = {}
        self._areas: dict[str, bool] = {}

    def form_and_item(self, form: str, item: str) -> tuple[CountForm | None, str | None]:
        """Return the form and the item's key; an item without a form is looked for in the sender's own."""
        if not form and ":" in item:
            form, _colon, item = item.partition(":")
        key = self.titles.get(form, form)
        if key:
            found = self.forms.get(key)
            return found, self.items[key].get(item.lower()) if found else None
        mine = [
            (one, self.items[one.key][item.lower()])
            for one in self.forms.values()
            if self.actor.role in one.senders and item.lower() in self.items[one.key]
        ]
        return mine[0] if len(mine) == 1 else (None, None)

    def place(self, form: CountForm, unit: str, area: str, group: str) -> CountPlace | str:
        """Return where the number belongs, or the reason why that is not known."""
        if not form.facility_kinds:
            code = area or unit
            return CountPlace(code) if self._knows_area(code) else "area_unknown"
        found = self._unit(form, unit, area)
        if isinstance(found, str):
            return found
        if not group:
            return CountPlace(found.area_code, found.pk)
        group_id = self._groups_of(found.pk).get(group)
        return CountPlace(found.area_code, found.pk, group_id) if group_id else "class_unknown"

    def _unit(self, form: CountForm, unit: str, area: str) -> Facility | str:
        key = form.key, unit, area
        if key not in self._units:
            self._units[key] = self._looked_up(form, unit, area)
        return self._units[key]

    def _looked_up(self, form: CountForm, unit: str, area: str) -> Facility | str:
        rows = Facility.objects.filter(
            within(self.actor.ranges), in_force(self.now), kind__in=form.facility_kinds
        )
        if unit and not unit.isdigit():
            wanted = _uuid(unit)
            rows = rows.filter(pk=wanted) if wanted else rows.filter(name=unit)
        code = unit if unit.isdigit() else area
        if code:
            if not (code.isascii() and code.isdigit()):
                return "unit_unknown"
            rows = rows.filter(within(AreaRanges.of([code])))
        found = list(rows[:2])
        if not found:
            return "unit_unknown"
        return found[0] if len(found) == 1 else "several_units"

    def _groups_of(self, facility_id: UUID) -> dict[str, UUID]:
        if facility_id not in self._groups:
            rows = FacilityGroup.objects.filter(in_force(self.now), facility=facility_id)
            self._groups[facility_id] = dict(rows.values_list("name", "pk"))
        return self._groups[facility_id]

    def _knows_area(self, code: str) -> bool:
        if code not in self._areas:
            plain = code.isascii() and code.isdigit() and self.actor.ranges.covers(code)
            self._areas[code] = plain and Area.objects.filter(in_force(self.now), code=code).exists()
        return self._areas[code]


def _items(form: CountForm) -> dict[str, str]:
    """Return an item's key by what it may be called: the key or its title in either language."""
    called: dict[str, str] = {}
    for key, title in item_titles(form).items():
        called |= {title.zh.lower(): key, title.en.lower(): key}
    return called | {key: key for key in form.items}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def visible_count_files(actor: Actor) -> QuerySet[CountFile]:
    """Return the files in the actor's ranges; a post without the purpose `health` has its own alone.

    Row security asks for `health`: such a post reads under the duty `read_own_counts`.
    """
    files = CountFile.objects.filter(within(actor.ranges))
    own_only = actor.has_purpose("reporting") or not actor.has_purpose("health")
    return files.filter(post_id=actor.post_id) if own_only else files


def access_count_file(actor: Actor, file_id: UUID) -> CountFile:
    """Return one file, or raise NotFound."""
    with duty("read_own_counts", ranges=actor.ranges, cause="file"):
        file = visible_count_files(actor).filter(pk=file_id).first()
    if file is None:
        raise NotFound
    return file
