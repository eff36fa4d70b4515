"""Tables of areas, posts and the people who hold them, premises, vehicles, beds, settings."""

from anlan.organisation.models.areas import Area, AreaLink, AreaShape
from anlan.organisation.models.beds import BedCount
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
    "Building",
    "Facility",
    "FacilityGroup",
    "ForwardedCode",
    "Holiday",
    "MapOrigin",
    "Member",
    "Post",
    "PostRange",
    "Redraw",
    "RedrawMove",
    "Setting",
    "Shift",
    "Vehicle",
]
