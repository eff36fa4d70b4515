"""What the units and grids of a district tell the house: reports and counts, amended, doubled, late, wrong.

The same seed tells the same. What must stand in the end is added up here from what was told alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from anlan.foundation.actor import AreaRanges
from anlan.foundation.models import Account
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment, Facility, FacilityGroup, Member, Post, PostRange
from tests.world import DISTRICT, GRID_A, GRID_E, GRIDS, World

DAYS = 40  # back from today that counts are for; the later ones come in late
GRID_WORKERS = ("wang", "liu", "hou", "du", "gao")
SCHOOL, KEEPER, CLERK = "school_health_officer", "care_home_keeper", "pharmacy_clerk"
# kind of unit: role of its post, its form, the items it counts, how many units, how many classes or floors
KINDS: dict[str, tuple[str, str, tuple[str, ...], int, int]] = {
    "primary_school": (SCHOOL, "school_absence", ("vomiting", "fever", "rash"), 4, 3),
    "kindergarten": (SCHOOL, "kindergarten_check", ("vomiting", "hand_foot_mouth_rash"), 3, 2),
    "care_home": (KEEPER, "care_home", ("diarrhoea", "cough"), 2, 2),
    "pharmacy": (CLERK, "pharmacy_sales", ("antidiarrhoeal", "antipyretic"), 2, 0),
}
# Written down from packs/standard/indicators.yaml: which indicator adds up what.
REPORTED = {
    "reported_gastro": {"norovirus", "diarrhoea_vomiting"},
    "reported_respiratory": {"influenza", "fever_respiratory"},
    "reported_rash": {"measles", "varicella", "hand_foot_mouth"},
}
COUNTED: dict[str, dict[str, set[str]]] = {
    "school_absence": {
        "school_gastro": {"vomiting", "diarrhoea"},
        "school_fever": {"fever", "cough"},
        "school_rash": {"rash", "blisters"},
    },
    "kindergarten_check": {
        "kindergarten_gastro": {"vomiting", "diarrhoea"},
        "kindergarten_fever": {"fever", "cough"},
        "kindergarten_blisters": {"hand_foot_mouth_rash"},
    },
    "care_home": {"care_home_gastro": {"vomiting", "diarrhoea"}, "care_home_fever": {"fever", "cough"}},
    "pharmacy_sales": {
        "pharmacy_gastro": {"antidiarrhoeal"},
        "pharmacy_respiratory": {"antipyretic", "cold_cough", "influenza_antiviral"},
    },
}
CONDITIONS = [*sorted(one for named in REPORTED.values() for one in named), "typhoid", "rabies"]
SHEETS, AMENDED, DOUBLED, WRONG, FOREIGN = 0.6, 0.25, 0.1, 0.03, 0.03  # shares


@dataclass(frozen=True, eq=False)
class Teller:
    """Somebody who tells, and of what: a unit with its classes, or a grid with its buildings."""

    handle: str
    area: str
    unit: str = ""
    kind: str = ""
    groups: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    appointment_id: str = ""
    tokens: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One envelope, the door it goes to, and what must become of it: applied, review or refused."""

    source: str
    envelope: dict[str, Any]
    fate: str = "applied"


def open_units(world: World) -> list[Teller]:
    """Open the units with their posts, and return all who will tell: these and the grids' workers."""
    tellers = [
        Teller(
            handle,
            world.posts[handle].area_code,
            buildings=tuple(str(row.pk) for row in world.buildings[world.posts[handle].area_code]),
            appointment_id=str(world.appointments[handle].pk),
        )
        for handle in GRID_WORKERS
    ]
    since, number = world.now - timedelta(days=1), 0
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="world"):
        for kind, (role, _form, _items, units, groups) in KINDS.items():
            for _unit in range(units):
                tellers.append(_open_unit(kind, role, GRIDS[number % len(GRIDS)], groups, since))
                number += 1
    return tellers


def _open_unit(kind: str, role: str, area: str, groups: int, since: Any) -> Teller:
    unit = Facility.objects.create(area_code=area, kind=kind, name=f"{kind} {area[-6:]}", starts_at=since)
    made = [
        FacilityGroup.objects.create(
            area_code=area, facility=unit, name=f"{n + 1}班", headcount=40, starts_at=since
        )
        for n in range(groups)
    ]
    handle = f"of {unit.pk}"
    account = Account.objects.create(username=handle, password="!")
    member = Member.objects.create(account=account, name=f"{kind}{area[-3:]}", area_code=area)
    post = Post.objects.create(
        role=role, title=role, area_code=area, facility=unit, purposes=["reporting"], starts_at=since
    )
    PostRange.objects.create(post=post, code=area)
    held = Appointment.objects.create(post=post, member=member, starts_at=since)
    ids = tuple(str(one.pk) for one in made)
    return Teller(handle, area, str(unit.pk), kind, ids, appointment_id=str(held.pk))


def told_by(teller: Teller, count: int, random: Random, today: date) -> list[Message]:
    """Return so many messages of one teller, in the order in which they are told."""
    days = [today - timedelta(days=back) for back in range(DAYS)] if teller.kind else []
    random.shuffle(days)
    told: list[Message] = []
    while len(told) < count:
        if days and random.random() < SHEETS:
            told += _sheet(teller, days.pop(), random)
        else:
            told.append(_report(teller, random, today))
    return told[:count]


def _sealed(teller: Teller, source: str, body: dict[str, Any], random: Random, fate: str) -> Message:
    area = teller.area
    if random.random() < FOREIGN:
        area, fate = (GRID_E if teller.area != GRID_E else GRID_A), "refused"
    key, record = (str(UUID(int=random.getrandbits(128), version=4)) for _ in range(2))
    return Message(source, {"key": key, "record_id": record, "area_code": area, "body": body}, fate)


def _report(teller: Teller, random: Random, today: date) -> Message:
    body: dict[str, Any] = {
        "condition": random.choice(CONDITIONS),
        "onset_on": (today - timedelta(days=random.randrange(20))).isoformat(),
    }
    if teller.unit:
        body["facility_id"] = teller.unit
    if teller.groups:
        body["group_id"] = random.choice(teller.groups)
    if teller.buildings:
        body["building_id"] = random.choice(teller.buildings)
    fate = "applied"
    if random.random() < WRONG:
        body["condition"], fate = "no such disease", "review"
    return _sealed(teller, "case-reports", body, random, fate)


def _sheet(teller: Teller, on: date, random: Random) -> list[Message]:
    """Return a day's sheet, perhaps told twice, or amended; one that is refused is not.

    Not both: without an expected version what is told last stands, so telling the first again would mean it.
    """
    body = _counts(teller, on, random)
    fate = "applied"
    if random.random() < WRONG:
        body, fate = {**body, "lines": [{"item": "no such item", "count": 1}]}, "review"
    told = [_sealed(teller, "counts", body, random, fate)]
    if told[0].fate != "applied":
        return told
    if random.random() < DOUBLED:
        again = _sealed(teller, "counts", body, random, "applied")
        told += [again] if again.fate == "applied" else []
    elif random.random() < AMENDED:
        other = _counts(teller, on, random) | {"expected_version": 1}
        told.append(_sealed(teller, "counts", other, random, "applied"))
    return told


def _counts(teller: Teller, on: date, random: Random) -> dict[str, Any]:
    _role, form, items, _units, _groups = KINDS[teller.kind]
    most = random.choice([1, 1, 2, 12])  # most days are quiet
    lines: list[dict[str, Any]] = [
        {"item": item, "count": random.randrange(most + 1), "of": 40} | ({"group_id": group} if group else {})
        for group in teller.groups or ("",)
        for item in items
    ]
    return {"form": form, "on": on.isoformat(), "facility_id": teller.unit, "lines": lines}


def in_another_order(told: Sequence[Message], random: Random, reach: int) -> list[Message]:
    """Shuffle messages, each at most so far from its place."""
    keyed = [(number + random.random() * reach, number, one) for number, one in enumerate(told)]
    return [one for _place, _number, one in sorted(keyed)]


Cell = tuple[str, str, str]  # indicator, area, day; a report's day is when it came in, which nobody tells


def totals_of(told: Iterable[Message]) -> Counter[Cell]:
    """Add up what must stand: every report once, of every sheet its last version; zeros are kept."""
    total: Counter[Cell] = Counter()
    sheets: dict[tuple[str, str], Message] = {}
    for one in told:
        body = one.envelope["body"]
        if one.fate != "applied":
            continue
        if one.source == "counts":
            known = sheets.get((body["facility_id"], body["on"]))
            if known is None or "expected_version" in body:
                sheets[body["facility_id"], body["on"]] = one
        else:
            for indicator in (key for key, named in REPORTED.items() if body["condition"] in named):
                total[indicator, one.envelope["area_code"], ""] += 1
    for one in sheets.values():
        body = one.envelope["body"]
        for indicator, items in COUNTED[body["form"]].items():
            cell = indicator, one.envelope["area_code"], body["on"]
            total[cell] += sum(line["count"] for line in body["lines"] if line["item"] in items)
    return total
