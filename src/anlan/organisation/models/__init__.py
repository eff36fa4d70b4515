"""Tables of areas, patches, posts and holders, premises, vehicles, bodies, checklists, settings, redraws."""

from anlan.organisation.models.areas import Area, AreaLink, AreaShape
from anlan.organisation.models.beds import BedCount
from anlan.organisation.models.bodies import Body, CallUp, CallUpReceipt, Decision, Meeting, Seat
from anlan.organisation.models.checklists import ChecklistAnswer
from anlan.organisation.models.patches import Patch, PatchGrid
from anlan.organisation.models.posts import Appointment, Member, Post, PostRange, Shift
from anlan.organisation.models.premises import Building, Facility, FacilityGroup
from anlan.organisation.models.redraws import ForwardedCode, MapOrigin, Redraw, RedrawMove
from anlan.organisation.models.settings import Holiday, Setting
from anlan.organisation.models.vehicles import Vehicle

__all__ = [
    "Appointment",
    "Area",
    "AreaLink",
    "AreaShape",
    "BedCount",
    "Body",
    "Building",
    "CallUp",
    "CallUpReceipt",
    "ChecklistAnswer",
    "Decision",
    "Facility",
    "FacilityGroup",
    "ForwardedCode",
    "Holiday",
    "MapOrigin",
    "Meeting",
    "Member",
    "Patch",
    "PatchGrid",
    "Post",
    "PostRange",
    "Redraw",
    "RedrawMove",
    "Seat",
    "Setting",
    "Shift",
    "Vehicle",
]
