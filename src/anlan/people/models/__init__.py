"""Tables of households and residents, and of care: key people, visits, who answers for whom, arrivals."""

from anlan.people.models.care import Arrival, HouseholdAssignment, KeyPerson, Visit
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
    "Household",
    "HouseholdAssignment",
    "KeyPerson",
    "LookUp",
    "LookUpAlarm",
    "Merge",
    "PossibleTwin",
    "Resident",
    "SearchToken",
    "Visit",
]
