"""The place that is built: that of the pack in force, else that of the standard pack."""

from functools import lru_cache

from anlan.exercises.pack import Place
from anlan.foundation.pack_store import NoPackInForce, NoSuchEntry, entry
from anlan.foundation.packs import LIBRARY, Pack, read_pack
from anlan.organisation.pack import Level

DISTRICT_LEVEL = "district"


def place_in_force() -> Place:
    """Return the place of the pack in force; a pack that says nothing of one takes the standard pack's."""
    try:
        return entry(Place, "place")
    except (NoPackInForce, NoSuchEntry):
        return standard_place()


def district_word() -> str:
    """Return what a district is called here for short: 区, 县."""
    try:
        return entry(Level, DISTRICT_LEVEL).short_title.zh
    except (NoPackInForce, NoSuchEntry):
        levels = _standard_pack().bodies(Level)
        return next(level.short_title.zh for level in levels if level.key == DISTRICT_LEVEL)


def standard_place() -> Place:
    """Return the place of the standard pack, from its folder."""
    return _standard_pack().bodies(Place)[0]


@lru_cache(maxsize=1)
def _standard_pack() -> Pack:
    return read_pack(LIBRARY / "standard")
