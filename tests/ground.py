"""What the towns of the tests stand on: areas in a row with their borders, and people in their posts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anlan.exercises.district.roles import STANDARD_ROLES
from anlan.foundation.models import Account
from anlan.organisation.models import (
    Appointment,
    Area,
    AreaLink,
    AreaShape,
    Facility,
    Member,
    Post,
    PostRange,
)
from anlan.organisation.rules import LinkKind, level_of, parent_of

SIDE_M = 100.0  # of the square that a grid is


@dataclass(frozen=True, slots=True)
class Row:
    """The grids of a town from left to right, and the school's above the first."""

    grids: Sequence[str]
    school: str

    def ring_of(self, code: str) -> list[list[float]]:
        """Return the square of a grid, or the rectangle around the grids below an area."""
        inside = [number for number, grid in enumerate(self.grids) if grid.startswith(code)] or [0]
        low = SIDE_M if code == self.school else 0.0
        left, right, high = inside[0] * SIDE_M, (inside[-1] + 1) * SIDE_M, low + SIDE_M
        return [[left, low], [right, low], [right, high], [left, high], [left, low]]


def lay_areas(
    names: Mapping[str, str], row: Row, borders: Iterable[tuple[str, str]], since: datetime
) -> dict[str, Area]:
    """Make the areas with their shapes and borders; return them by code."""

    def kind_of(code: str) -> str:
        if code == row.school:
            return "school"
        return "residential" if len(code) >= 12 else "administrative"

    made = Area.objects.bulk_create(
        Area(
            code=code,
            parent_code=parent_of(code),
            level=level_of(code),
            kind=kind_of(code),
            name=name,
            starts_at=since,
        )
        for code, name in names.items()
    )
    AreaShape.objects.bulk_create(_shape(area, row.ring_of(area.code)) for area in made)
    AreaLink.objects.bulk_create(
        AreaLink(low_code=low, high_code=high, kind=LinkKind.BORDER, starts_at=since)
        for low, high in (sorted(pair) for pair in borders)
    )
    return {area.code: area for area in made}


def _shape(area: Area, ring: list[list[float]]) -> AreaShape:
    (left, low), (right, high) = ring[0], ring[2]
    return AreaShape(area=area, rings=[ring], label_x=(left + right) / 2, label_y=(low + high) / 2)


@dataclass(slots=True)
class People:
    """People in their posts, by handle."""

    accounts: dict[str, Account] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    appointments: dict[str, Appointment] = field(default_factory=dict)


def give_posts(
    people: Mapping[str, tuple[str, str, str]], homes: Mapping[str, Facility], since: datetime
) -> People:
    """Let each (name, role, area) hold a post titled as the role is; nobody can sign in but by force."""
    given = People()
    for handle, (name, role, area_code) in people.items():
        account = given.accounts[handle] = Account(username=handle, password="!")
        member = given.members[handle] = Member(account=account, name=name, area_code=area_code)
        post = given.posts[handle] = Post(
            role=role,
            title=STANDARD_ROLES[role].title,
            area_code=area_code,
            facility=homes.get(handle),
            purposes=list(STANDARD_ROLES[role].purposes),
            starts_at=since,
        )
        given.appointments[handle] = Appointment(post=post, member=member, starts_at=since)
    Account.objects.bulk_create(given.accounts.values())
    Member.objects.bulk_create(given.members.values())
    Post.objects.bulk_create(given.posts.values())
    PostRange.objects.bulk_create(PostRange(post=post, code=post.area_code) for post in given.posts.values())
    Appointment.objects.bulk_create(given.appointments.values())
    return given
