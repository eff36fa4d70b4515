"""The place that is built: that of the pack in force, else that of the standard pack."""

from functools import lru_cache

from anlan.exercises.pack import Place
from anlan.foundation.pack_store import NoPackInForce, NoSuchEntry, entry
from anlan.foundation.packs import LIBRARY, read_pack
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
        levels = read_pack(LIBRARY / "standard").bodies(Level)
        return next(level.short_title.zh for level in levels if level.key == DISTRICT_LEVEL)


@lru_cache(maxsize=1)
def standard_place() -> Place:
    """Return the place of the standard pack, from its folder."""
    return read_pack(LIBRARY / "standard").bodies(Place)[0]
