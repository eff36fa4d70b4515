"""Every change to residents and households, and every look at one: one verb, one transaction."""

from anlan.people.actions.alarms import LookedAtAlready, keep_look_up_alarm, look_into_alarm
from anlan.people.actions.correct import ResidentChanged, correct_resident
from anlan.people.actions.differing import DOOR, Door, contradictions, differing
from anlan.people.actions.erase import ErasureGround, ErasureInvalid, erase_resident
from anlan.people.actions.erase_again import erase_again
from anlan.people.actions.look import (
    LookUpLimitExceeded,
    note_listed,
    open_household,
    open_resident,
    search_residents,
)
from anlan.people.actions.many import Entered, Entry, Ready, enter_many, make_ready
from anlan.people.actions.merge import (
    DifferentNumbers,
    EntryChanged,
    MergeInvalid,
    Pair,
    better_of,
    merge_residents,
    taken_fields,
)
from anlan.people.actions.move import DoorInvalid, HouseholdChanged, check_door, move_household, move_resident
from anlan.people.actions.register import (
    FormUsedUp,
    Identity,
    RegisteredAlready,
    ResidentInvalid,
    checked_identity,
    register_resident,
)
from anlan.people.actions.take_back import Written, take_back, what_stays
from anlan.people.actions.twins import ApartInvalid, DecidedAlready, find_twins, open_twin, tell_apart
from anlan.people.actions.undo_merge import (
    LaterMergeFirst,
    UndoChanged,
    UndoneAlready,
    UndoPreview,
    preview_undo,
    undo_merge,
)

__all__ = [
    "DOOR",
    "ApartInvalid",
    "DecidedAlready",
    "DifferentNumbers",
    "Door",
    "DoorInvalid",
    "Entered",
    "Entry",
    "EntryChanged",
    "ErasureGround",
    "ErasureInvalid",
    "FormUsedUp",
    "HouseholdChanged",
    "Identity",
    "LaterMergeFirst",
    "LookUpLimitExceeded",
    "LookedAtAlready",
    "MergeInvalid",
    "Pair",
    "Ready",
    "RegisteredAlready",
    "ResidentChanged",
    "ResidentInvalid",
    "UndoChanged",
    "UndoPreview",
    "UndoneAlready",
    "Written",
    "better_of",
    "check_door",
    "checked_identity",
    "contradictions",
    "correct_resident",
    "differing",
    "enter_many",
    "erase_again",
    "erase_resident",
    "find_twins",
    "keep_look_up_alarm",
    "look_into_alarm",
    "make_ready",
    "merge_residents",
    "move_household",
    "move_resident",
    "note_listed",
    "open_household",
    "open_resident",
    "open_twin",
    "preview_undo",
    "register_resident",
    "search_residents",
    "take_back",
    "taken_fields",
    "tell_apart",
    "undo_merge",
    "what_stays",
]
