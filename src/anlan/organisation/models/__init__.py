"""Tables of areas, posts and the people who hold them, premises, settings, bodies, checklists."""

from anlan.organisation.models.areas import Area, AreaLink, AreaShape
from anlan.organisation.models.bodies import Body, CallUp, CallUpReceipt, Decision, Meeting, Seat
from anlan.organisation.models.checklists import ChecklistAnswer
from anlan.organisation.models.posts import Appointment, Member, Post, PostRange, Shift
from anlan.organisation.models.premises import Building, Facility, FacilityGroup
from anlan.organisation.models.settings import Holiday, Setting

__all__ = [
    "Appointment",
    "Area",
    "AreaLink",
    "AreaShape",
    "Body",
    "Building",
    "CallUp",
    "CallUpReceipt",
    "ChecklistAnswer",
    "Decision",
    "Facility",
    "FacilityGroup",
    "Holiday",
    "Meeting",
    "Member",
    "Post",
    "PostRange",
    "Seat",
    "Setting",
    "Shift",
]
