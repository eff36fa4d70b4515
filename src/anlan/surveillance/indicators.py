"""What the pack counts: its indicators, and which conditions are one matter."""

from uuid import UUID

from anlan.foundation.pack_store import NoSuchEntry, entry, pack_in_force, section
from anlan.surveillance.pack import Indicator, Rule
from anlan.surveillance.rules import matters


def indicators() -> list[Indicator]:
    """Return the pack's indicators, in its order."""
    return section(Indicator)


def indicator_named(key: str) -> Indicator | None:
    """Return one indicator, or None where the pack has it no more."""
    try:
        return entry(Indicator, key)
    except NoSuchEntry:
        return None


def indicators_of_condition(condition: str) -> list[Indicator]:
    """Return the indicators that count case reports of a condition."""
    return [one for one in indicators() if condition in one.reports]


def indicators_of_form(form: str) -> list[Indicator]:
    """Return the indicators that count what a count form says."""
    return [one for one in indicators() if one.form == form]


def matter_of(condition: str) -> str:
    """Return the matter a condition belongs to: all conditions some rule counts together are one."""
    return _matters().get(condition, condition)


def conditions_of(matter: str) -> list[str]:
    """Return the conditions of a matter."""
    return sorted({matter, *(one for one, named in _matters().items() if named == matter)})


_known: dict[UUID, dict[str, str]] = {}  # by version of the pack, whose rows never change


def _matters() -> dict[str, str]:
    version = pack_in_force().pk
    if version not in _known:
        _known.clear()
        _known[version] = matters(section(Rule), {one.key: one.condition for one in indicators()})
    return _known[version]
