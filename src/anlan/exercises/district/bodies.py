"""Founds the bodies of the pack in the district, seats who fits, and leaves some seats empty on purpose."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from anlan.exercises.district.furnished import Furnished
from anlan.exercises.district.loading import load_rows
from anlan.exercises.district.plan import AreaPlan
from anlan.exercises.district.posts_near import Held
from anlan.organisation.models import Member
from anlan.organisation.pack import BodyTemplate, Slot
from anlan.organisation.queries.bodies import body_templates, fits_area, lives_for_an_event
from anlan.organisation.rules import AreaLevel

NOT_FOUNDED = 0.05  # of the places where every one is to have the body
WITH_A_GAP = 0.15  # of the bodies have one seat empty
CARE_TEAMS = {AreaLevel.COMMUNITY: 0.8, AreaLevel.GRID: 0.15}  # share of the places that have one
MOST_OF_A_TEMPLATE = 300  # of a large district a smaller share has one
REASON = "换季流感应对演练，按预案分组"
UNITS = (
    "school_health_officer", "hospital_reporter", "care_home_keeper", "pharmacy_clerk", "enterprise_contact",
)  # fmt: skip
RESIDENTS = ("building_head", "grid_worker", "community_worker")
# Slots that anybody may take who is chosen: in a body of the district departments take them.
DEPARTMENTS = {
    "general": ("social_work_officer",),
    "transfer": ("fire_rescue_officer", "police_officer"),
    "disinfection": ("urban_management_officer",),
    "supplies": ("emergency_management_officer", "civil_affairs_officer"),
    "publicity": ("education_officer",),
    "supervision": ("governance_centre",),
}
CHOSEN = {"units": UNITS, "enterprises": ("enterprise_contact",)}


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """A seat: through a post, as one holder of it where `member` says so."""

    id: str
    slot: str
    held: Held
    member: Member | None
    is_lead: bool

    @property
    def sitting(self) -> list[Member]:
        """Return who sits there."""
        return [self.member] if self.member else self.held.members


@dataclass(slots=True)
class BodyPlan:
    """A body with its seats."""

    id: str
    template: BodyTemplate
    area: AreaPlan
    seats: list[SeatPlan] = field(default_factory=list)


def store_bodies(ground: Furnished) -> list[BodyPlan]:
    """Found a body of each template wherever it belongs and store all with their seats."""
    bodies = [
        _seated(ground, BodyPlan(ground.new_id(), template, area), number)
        for template in body_templates().values()
        for number, area in enumerate(_places(ground, template))
    ]
    version, since = ground.version, ground.since
    load_rows(
        "organisation_body",
        "id area_code template pack_version name starts_at end_reason reason cause_kind version",
        (
            (body.id, body.area.code, body.template.key, version, body.template.title.zh, since, "",
             REASON if lives_for_an_event(body.template) else "", "", 1)
            for body in bodies
        ),
    )  # fmt: skip
    load_rows(
        "organisation_seat",
        "id area_code body_id slot post_id member_id is_lead starts_at",
        (
            (seat.id, body.area.code, body.id, seat.slot, seat.held.post.pk,
             seat.member.pk if seat.member else None, seat.is_lead, since)
            for body in bodies
            for seat in body.seats
        ),
    )  # fmt: skip
    return bodies


def _places(ground: Furnished, template: BodyTemplate) -> list[AreaPlan]:
    """Return where a body of the template is founded: always around the home of the sign-ins, first there."""
    level = AreaLevel(template.level)
    fitting = [
        area
        for area in ground.areas_of(level)
        if fits_area(template, level, area.kind) and (template.area_kinds or ground.is_ordinary(area))
    ]
    if lives_for_an_event(template):
        return fitting[:1]
    share = CARE_TEAMS.get(level, 1.0) if template.kind == "care_team" else 1 - NOT_FOUNDED
    return ground.thinned(fitting, share=share, about=MOST_OF_A_TEMPLATE)


def _seated(ground: Furnished, body: BodyPlan, turn: int) -> BodyPlan:
    """Seat who fits into every slot but, in some bodies, one that nobody leads from."""
    slots = body.template.slots
    empty = int(ground.rng.integers(1, len(slots))) if len(slots) > 1 else len(slots)
    empty = empty if ground.rng.random() < WITH_A_GAP else len(slots)
    taken: set[object] = set()
    for number, slot in enumerate(slots):
        if number != empty:
            for seat in _seats(ground, body, slot, taken, turn):
                body.seats.append(seat)
                taken.update(member.pk for member in seat.sitting)
    return body


def _seats(
    ground: Furnished, body: BodyPlan, slot: Slot, taken: set[object], turn: int
) -> Iterator[SeatPlan]:
    """Yield as many seats of a slot as it needs, each of somebody who has none in the body."""
    needed = max(slot.at_least, 1)
    for holder in ground.posts.holders(_roles(body, slot), body.area.code, turn):
        held = holder.held
        if held is None or holder.member.pk in taken:
            continue
        lead = body.template.lead
        leads = not any(seat.is_lead for seat in body.seats) and lead in {None, held.post.role}
        follows = leads or len(held.members) == 1  # whoever holds the post sits there
        seat = SeatPlan(ground.new_id(), slot.key, held, None if follows else holder.member, leads)
        if any(member.pk in taken for member in seat.sitting):
            continue
        yield seat
        needed -= 1
        if needed == 0:
            return


def _roles(body: BodyPlan, slot: Slot) -> tuple[str, ...]:
    if slot.posts:
        return tuple(slot.posts)
    if body.template.level == AreaLevel.DISTRICT:
        return DEPARTMENTS.get(slot.key, ("social_work_officer", "emergency_management_officer"))
    return CHOSEN.get(slot.key, RESIDENTS)
