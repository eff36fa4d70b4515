"""Who acts: a plain value of one person in one post, with that post's ranges and purposes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

PRACTICE_PREFIX = "99"  # a district whose code starts so is for drills only (DESIGN.md section 7)
RANGE_END = "~"  # sorts after every digit: an area and all below it is code <= x < code + "~"


@dataclass(frozen=True, slots=True)
class AreaRanges:
    """Areas, each with everything below it, by code."""

    codes: tuple[str, ...] = ()

    @classmethod
    def of(cls, codes: Iterable[str]) -> "AreaRanges":
        """Return the ranges of these codes, leaving out those that lie inside another."""
        kept: list[str] = []
        for code in sorted(set(codes)):
            if not code.isdigit():
                raise ValueError(f"not an area code: {code!r}")
            if not (kept and code.startswith(kept[-1])):
                kept.append(code)
        return cls(tuple(kept))

    @classmethod
    def everywhere(cls) -> "AreaRanges":
        """Return the one range that holds every area; for declared duties only."""
        return cls(("",))

    def covers(self, code: str) -> bool:
        """Say whether an area lies inside these ranges."""
        return any(code.startswith(own) for own in self.codes)

    def as_multirange(self) -> str:
        """Return the literal of PostgreSQL's type area_ranges."""
        return "{" + ",".join(f'["{code}","{code}{RANGE_END}")' for code in self.codes) + "}"

    def bounds(self) -> list[tuple[str, str]]:
        """Return (lowest, first beyond) per range, for plain index conditions."""
        return [(code, code + RANGE_END) for code in self.codes]


@dataclass(frozen=True, slots=True)
class Actor:
    """One person acting through one post; rights go with the post, never with the person."""

    account_id: UUID
    member_id: UUID
    member_name: str
    appointment_id: UUID
    post_id: UUID
    post_title: str
    role: str
    area_code: str
    area_name: str
    ranges: AreaRanges
    purposes: frozenset[str] = field(default_factory=frozenset)
    facility_id: UUID | None = None
    first_screen: str = ""  # where the pack lets the role begin

    @property
    def is_practice(self) -> bool:
        """Say whether the post belongs to a practice district."""
        return self.area_code.startswith(PRACTICE_PREFIX)

    def has_purpose(self, *purposes: str) -> bool:
        """Say whether the post serves any of these purposes."""
        return not self.purposes.isdisjoint(purposes)
