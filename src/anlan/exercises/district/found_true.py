"""What the register says of facilities: what the place says, else most of it, mostly found true lately."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from anlan.exercises.district.units import FacilityPlan
from anlan.exercises.pack import Place
from anlan.foundation.clock import day_of
from anlan.foundation.pack_store import NoPackInForce
from anlan.organisation.queries import Attribute
from anlan.organisation.queries.registers import Definitions, definitions_in_force

LOOKING = 2  # told apart from the chance that built the district
TRUE = 0.85  # of the answers to yes or no
LEFT_OUT = 0.03  # of the items
NEVER, LONG_AGO = 0.05, 0.1  # of the facilities: not found true yet; longer ago than their kind allows
NUMBERS = {"employee_count": (80, 900), "dormitory_places": (40, 600), "planned_beds": (20, 60)}
OTHER_NUMBERS = (2, 12)
TEXTS = {
    "supplier": "江城医药配送中心",
    "opening_hours": "08:30–20:30",
    "shift_times": "08:00–16:00，16:00–24:00",
    "supervised_by": "行业主管部门",
}


def _definitions() -> Definitions:
    try:
        return definitions_in_force()
    except NoPackInForce:
        return Definitions({}, {}, ())


class FoundTrue:
    """Draws what is said of each facility and when that was found true; the same for a seed, always."""

    def __init__(self, place: Place, *, seed: int, now: datetime, verifier: str) -> None:
        self.rng = np.random.default_rng([seed, LOOKING])
        self.definitions, self.today, self.verifier = _definitions(), day_of(now), verifier
        self.told_kinds = {line.kind for line in place.institutions if line.attributes}

    def columns(self, facility: FacilityPlan) -> tuple[str, date | None, str]:
        """Return the attributes as JSON, the day all of it was found true, and the title of who found it."""
        if facility.kind in self.told_kinds:
            said: dict[str, Any] = facility.line.said() if facility.line else {}
            found = self.today if said else None
        else:
            said = dict(self._drawn(facility.kind))
            found = self._day(facility.kind)
        return json.dumps(said, ensure_ascii=False), found, self.verifier if found else ""

    def _drawn(self, kind: str) -> Iterator[tuple[str, Any]]:
        for attribute in self.definitions.of("facility", kind):
            if self.rng.random() >= LEFT_OUT and (value := self._answer(attribute)) is not None:
                yield attribute.key, value

    def _answer(self, attribute: Attribute) -> Any:
        rng, choices = self.rng, [one.key for one in attribute.choices]
        match attribute.type:
            case "yes_no":
                return bool(rng.random() < TRUE)
            case "choice":
                return choices[int(rng.integers(len(choices)))]
            case "several":
                return [key for key in choices if rng.random() < TRUE] or choices[:1]
            case "date":
                return (self.today - timedelta(days=int(rng.integers(10, 200)))).isoformat()
            case "integer" | "number":
                fewest, most = NUMBERS.get(attribute.key, OTHER_NUMBERS)
                return int(rng.integers(fewest, most))
        return TEXTS.get(attribute.key)

    def _day(self, kind: str) -> date | None:
        renew, chance = self.definitions.renew_days(kind), self.rng.random()
        if chance < NEVER:
            return None
        ago = (renew + 5, renew + 60) if chance < NEVER + LONG_AGO else (1, max(renew * 4 // 5, 2))
        return self.today - timedelta(days=int(self.rng.integers(*ago)))
