"""Who answers for an area: its posts and those above it with their holders, and what is vacant."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from anlan.foundation.pack_store import pack_in_force, section
from anlan.organisation.models import Appointment, Area, Member, Post, Shift
from anlan.organisation.pack import AreaKind, PostRole
from anlan.organisation.queries import (
    in_force,
    live_appointments,
    on_duty,
    posts_with_role,
    with_holders,
)
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, ancestors_of
from anlan.organisation.words import in_words

CDC_ROLE = "cdc_duty_officer"  # the contact of every grid (M007)
LINE_OF_RESPONSIBILITY = ("grid_work", "lead", "health")  # purposes shown of the levels above an area
NAMES_SHOWN = 6
LINES_SHOWN = 8


def is_in_line(purposes: Iterable[str]) -> bool:
    """Say whether a duty with these purposes belongs to the line of responsibility."""
    return not set(purposes).isdisjoint(LINE_OF_RESPONSIBILITY)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What the pack says of duties and kinds of area, read once for a page."""

    roles: dict[str, PostRole]
    kinds: dict[str, AreaKind]

    @property
    def special_kinds(self) -> list[str]:
        """Return the kinds of special grids, each governed by the unit that runs the place."""
        return [key for key, kind in self.kinds.items() if kind.special_grid]

    @property
    def needed_in_grids(self) -> list[str]:
        """Return the duties somebody must hold in every ordinary grid."""
        return [
            key for key, role in self.roles.items() if role.level == AreaLevel.GRID and role.expected_per_area
        ]

    def expected_at(self, area: Area) -> dict[str, int]:
        """Return how many people are expected here for each duty; a special grid is its unit's own."""
        if area.kind in self.special_kinds:
            return {}
        return {
            key: role.expected_per_area
            for key, role in self.roles.items()
            if role.level == area.level and role.expected_per_area and not role.outside_unit
        }


def arrangement_in_force() -> Arrangement:
    """Return what the pack in force says."""
    version = pack_in_force()
    return Arrangement(
        roles={role.key: role for role in section(PostRole, version)},
        kinds={kind.key: kind for kind in section(AreaKind, version)},
    )


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One duty at one area: its posts, who holds them now, how many are missing."""

    key: str
    title: str
    posts: tuple[Post, ...]
    holders: tuple[Member, ...]
    missing: int
    is_in_line: bool  # of the line of responsibility from the grid to the district

    @property
    def named(self) -> tuple[Member, ...]:
        """Return the holders that fit on a line."""
        return self.holders[:NAMES_SHOWN]

    @property
    def unnamed_count(self) -> int:
        """Return how many holders are not named on the line."""
        return max(0, len(self.holders) - NAMES_SHOWN)

    @property
    def only_post(self) -> Post | None:
        """Return the post where there is just one: the line then leads to it."""
        return self.posts[0] if len(self.posts) == 1 else None


@dataclass(frozen=True, slots=True)
class LevelStaff:
    """An area of the line from the grid to the district, with its duties."""

    area: Area
    lines: tuple[RoleLine, ...]

    @property
    def main(self) -> list[RoleLine]:
        """Return the lines shown at once: all where few, else those that lead, serve or are vacant."""
        if len(self.lines) <= LINES_SHOWN:
            return list(self.lines)
        return [line for line in self.lines if line.is_in_line or line.missing]

    @property
    def others(self) -> list[RoleLine]:
        """Return the lines shown on request."""
        shown = self.main
        return [line for line in self.lines if line not in shown]


def staff_by_level(
    area: Area, above: Iterable[Area], arrangement: Arrangement, *, now: datetime
) -> list[LevelStaff]:
    """Return the duties at the area and at each level above it, the area first."""
    posts = Post.objects.filter(in_force(now), area_code__in=ancestors_of(area.code))
    own_or_line = Q(area_code=area.code) | Q(purposes__overlap=list(LINE_OF_RESPONSIBILITY))
    shown = with_holders(posts.filter(own_or_line).order_by("area_code", "title", "pk"), now=now)
    by_code: dict[str, list[Post]] = {}
    for post in shown:
        by_code.setdefault(post.area_code, []).append(post)
    upwards = (area, *reversed(list(above)))
    return [
        LevelStaff(one, _lines(by_code.get(one.code, []), arrangement, _expected(one, area, arrangement)))
        for one in upwards
    ]


def _expected(area: Area, asked: Area, arrangement: Arrangement) -> dict[str, int]:
    """Return the duties expected at an area; of levels above the asked one only those shown of them."""
    expected = arrangement.expected_at(area)
    if area.code == asked.code:
        return expected
    return {key: count for key, count in expected.items() if is_in_line(arrangement.roles[key].purposes)}


def _lines(posts: list[Post], arrangement: Arrangement, expected: dict[str, int]) -> tuple[RoleLine, ...]:
    roles = arrangement.roles
    by_role: dict[str, list[Post]] = {}
    for post in posts:
        by_role.setdefault(post.role, []).append(post)
    ordered = [key for key in roles if key in by_role or key in expected]
    ordered += [key for key in by_role if key not in roles]
    return tuple(_line(key, roles.get(key), by_role.get(key, []), expected.get(key, 0)) for key in ordered)


def _line(key: str, role: PostRole | None, posts: list[Post], expected: int) -> RoleLine:
    held: list[list[Appointment]] = [getattr(post, "held") for post in posts]  # noqa: B009 - by with_holders
    holders = {row.member_id: row.member for rows in held for row in rows}
    vacant = sum(not rows for rows in held)
    return RoleLine(
        key=key,
        title=in_words(role.title if role else None, key),
        posts=tuple(posts),
        holders=tuple(holders.values()),
        missing=max(vacant, expected - len(holders)),
        is_in_line=bool(role and is_in_line(role.purposes)),
    )


def grids_without_responsible(within_code: str, arrangement: Arrangement, *, now: datetime) -> QuerySet[Area]:
    """Return the grids of an area for which nobody answers now (M003).

    A grid needs a holder of a duty the pack expects in every grid; a special grid any holder of its own.
    """
    is_special = Q(kind__in=arrangement.special_kinds)
    held = live_appointments(now).filter(post__area_code=OuterRef("code"))
    held_as_needed = held.filter(post__role__in=arrangement.needed_in_grids)
    unheld = (is_special & ~Exists(held)) | (~is_special & ~Exists(held_as_needed))
    grids = Area.objects.filter(in_force(now), level=AreaLevel.GRID, code__startswith=within_code)
    return grids.filter(unheld).order_by("code")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call: a post that covers the area, and who is there now."""

    post: Post
    members: tuple[Member, ...]
    until: datetime | None  # end of the shift, where somebody is on duty


def nearest_staff(code: str, *, now: datetime) -> list[tuple[Post, tuple[Member, ...]]]:
    """Return the posts that serve doors in a grid or its community, with who holds them, the grid's first."""
    codes = [one for one in ancestors_of(code) if len(one) >= CODE_LENGTH[AreaLevel.COMMUNITY]]
    posts = Post.objects.filter(in_force(now), area_code__in=codes, purposes__contains=["grid_work"])
    held = with_holders(posts.order_by("-area_code", "starts_at", "pk"), now=now)
    return [(post, tuple(row.member for row in getattr(post, "held"))) for post in held]  # noqa: B009


def cdc_contact(code: str, shifts: Iterable[Shift], *, now: datetime) -> Contact | None:
    """Return the CDC duty post that covers the area: who is on shift, else all who hold it."""
    post = with_holders(posts_with_role(CDC_ROLE, covering=code, now=now), now=now).first()
    if post is None:
        return None
    on_shift = [shift for shift in shifts if shift.post_id == post.pk]
    if on_shift:
        ends = min(shift.ends_at for shift in on_shift)
        return Contact(post, tuple(shift.member for shift in on_shift), ends)
    held: list[Appointment] = getattr(post, "held")  # noqa: B009 - by with_holders
    return Contact(post, tuple(row.member for row in held), None)


@dataclass(frozen=True, slots=True)
class AreaBelow:
    """One area below, with what is counted in it."""

    area: Area
    grid_count: int
    unstaffed_count: int


def areas_below_counted(
    below: Iterable[Area], unstaffed: Iterable[Area], *, now: datetime
) -> list[AreaBelow]:
    """Return the areas below, each with its number of grids and of grids for which nobody answers."""
    children = list(below)
    if not children:
        return []
    digits, parent = len(children[0].code), children[0].parent_code
    grids = Area.objects.filter(in_force(now), level=AreaLevel.GRID, code__startswith=parent)
    grid_counts = Counter(code[:digits] for code in grids.values_list("code", flat=True))
    open_counts = Counter(grid.code[:digits] for grid in unstaffed)
    return [AreaBelow(one, grid_counts[one.code], open_counts[one.code]) for one in children]


def duty_now(code: str, *, now: datetime) -> list[Shift]:
    """Return who is on duty now for the area."""
    return list(on_duty(code, now=now))
