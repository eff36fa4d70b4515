"""Tables of households and residents, of care, and of what is counted of both by grid."""

from anlan.people.models.care import Arrival, HouseholdAssignment, KeyPerson, Visit
from anlan.people.models.counts import GridTotal, LineCount, LineLoad, Recount
from anlan.people.models.register import (
    PURPOSES,
    Enrolment,
    Erasure,
    Household,
    LookUp,
    LookUpAlarm,
    Merge,
    PossibleTwin,
    Resident,
    SearchToken,
)

__all__ = [
    "PURPOSES",
    "Arrival",
    "Enrolment",
    "Erasure",
    "GridTotal",
    "Household",
    "HouseholdAssignment",
    "KeyPerson",
    "LineCount",
    "LineLoad",
    "LookUp",
    "LookUpAlarm",
    "Merge",
    "PossibleTwin",
    "Recount",
    "Resident",
    "SearchToken",
    "Visit",
]
