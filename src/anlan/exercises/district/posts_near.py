"""Finds posts near an area with whoever holds them: those at it, above it and below it, in this order."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from anlan.exercises.district.staff import Staff
from anlan.foundation.actor import RANGE_END
from anlan.organisation.models import Member, Post
from anlan.organisation.rules import CODE_LENGTH


@dataclass(slots=True)
class Held:
    """A post and the members who hold it."""

    post: Post
    members: list[Member] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody and the post they would act through; none where they hold none."""

    member: Member
    held: Held | None = None

    @property
    def post(self) -> Post | None:
        """Return the post."""
        return self.held.post if self.held else None


class PostsNear:
    """The posts of a district by role and area."""

    def __init__(self, staff: Staff) -> None:
        self.at: dict[tuple[str, str], list[Held]] = defaultdict(list)
        codes: dict[str, set[str]] = defaultdict(set)
        by_post: dict[object, Held] = {}
        for row in staff.appointments:
            held = by_post.get(row.post.pk)
            if held is None:
                held = by_post[row.post.pk] = Held(row.post)
                self.at[row.post.role, row.post.area_code].append(held)
                codes[row.post.role].add(row.post.area_code)
            held.members.append(row.member)
        self.codes = {role: sorted(known) for role, known in codes.items()}

    def near(self, role: str, code: str) -> Iterator[Held]:
        """Yield the posts of a role that serve an area, the nearest first, then those that lie in it."""
        for length in sorted(CODE_LENGTH.values(), reverse=True):
            if length <= len(code):
                yield from self.at.get((role, code[:length]), [])
        known = self.codes.get(role, [])
        for position in range(bisect_left(known, code + "0"), bisect_left(known, code + RANGE_END)):
            yield from self.at[role, known[position]]

    def holders(self, roles: Iterable[str], code: str, turn: int = 0) -> Iterator[Holder]:
        """Yield who holds one of the roles near an area; whom of a post first goes round with the turn."""
        for role in roles:
            for held in self.near(role, code):
                for number in range(len(held.members)):
                    yield Holder(held.members[(number + turn) % len(held.members)], held)
