"""Appoint the scripted people of a practice district: every post that the pack's loop asks something of."""

import secrets
from collections.abc import Iterator
from hashlib import sha256

from anlan.affairs.queries import gate
from anlan.exercises.replay.count_list import CountList
from anlan.exercises.replay.ground import Ground, Person
from anlan.exercises.replay.read import Listed
from anlan.foundation.models import Account, InboxCredential
from anlan.foundation.pack_store import section
from anlan.organisation.models import Appointment, Area, Facility, Member, Post, PostRange
from anlan.organisation.pack import PostRole
from anlan.organisation.queries import post_roles
from anlan.response.pack import PlanOrder, ScopeLayer
from anlan.surveillance.pack import Rule
from anlan.surveillance.queries import product_kinds
from anlan.workorders.queries import order_kind

CASE_REPORTS, COUNTS = "case-reports", "counts"  # sources of the inbox
REPORTER = "hospital_reporter"  # hands case reports over
OF_AREAS = ("community_secretary", "grid_worker")
SIGN_IN = frozenset(
    {
        "cdc_duty_officer",
        "disease_control_officer",
        "district_commander",
        "health_centre_officer",
        "school_health_officer",
        "social_work_officer",
        *OF_AREAS,
    }
)  # the first holder of each may look at what was replayed


def appoint_staff(ground: Ground, listed: Listed) -> None:
    """Appoint who acts, and the feeds that hand reports and counts over."""
    roles = post_roles()
    areas = dict(Area.objects.filter(code__startswith=ground.code).values_list("code", "level"))
    for key in sorted(_acting()):
        role = roles.get(key)
        if role is not None and not _is_of_units(role):
            for code in sorted(code for code, level in areas.items() if level == role.level):
                _appoint(ground, role, code)
    for unit in Facility.objects.filter(area_code__startswith=ground.code).order_by("area_code", "kind"):
        for role in roles.values():
            if _is_of_units(role) and unit.kind in role.unit_kinds:
                _appoint(ground, role, unit.area_code, unit)
    _open_feeds(ground, listed, roles)


def _acting() -> set[str]:
    """Return every role that rules, products, plans, their orders or the gate ask something of."""
    kinds = [order_kind(key) for key in ("verify_signal", *(line.kind for line in section(PlanOrder)))]
    return {
        *OF_AREAS,
        *(role for rule in section(Rule) for role in rule.receives),
        *(role for product in product_kinds() for role in (*product.formed_by, *product.signed_by)),
        *(layer.decided_by for layer in section(ScopeLayer)),
        *(line.to for line in section(PlanOrder)),
        *(role for kind in kinds for role in (kind.accountable, *kind.checked_by)),
        *gate().reviewed_by,
    }


def _is_of_units(role: PostRole) -> bool:
    """Say whether a post is found at units of a grid alone."""
    return bool(role.unit_kinds) and role.level == "grid"


def _appoint(ground: Ground, role: PostRole, area_code: str, unit: Facility | None = None) -> Person:
    is_first = role.key not in ground.roles
    post = Post.objects.create(
        role=role.key,
        title=f"演练{role.title.zh}",
        area_code=area_code,
        facility=unit,
        purposes=list(role.purposes),
        starts_at=ground.since,
    )
    PostRange.objects.create(post=post, code=area_code)
    account = None
    if is_first and role.key in SIGN_IN:
        username, password = f"practice.{ground.code}.{role.key}", secrets.token_urlsafe(9)
        account = Account.objects.create_user(username, password)
        ground.passwords[username] = password
    member = Member.objects.create(
        name=f"演练人员{len(ground.people) + 1:02}", area_code=area_code, account=account
    )
    appointment = Appointment.objects.create(post=post, member=member, starts_at=ground.since)
    person = Person(role.key, area_code, post.pk, appointment.pk, unit.pk if unit else None)
    ground.people.append(person)
    return person


def _open_feeds(ground: Ground, listed: Listed, roles: dict[str, PostRole]) -> None:
    """Give each feed a key: it acts through the post that hands over, beside whoever holds that post."""
    for source, key in _feeds(listed):
        of_district = (one for one in ground.people if (one.role, one.area_code) == (key, ground.code))
        person = next(of_district, None) or _appoint(ground, roles[key], ground.code)
        username = f"practice.{ground.code}.feed.{source}.{key}"
        account = Account.objects.create_user(username, secrets.token_urlsafe(9))
        member = Member.objects.create(
            name="演练报告来源", area_code=ground.code, account=account, is_system=True
        )
        appointment = Appointment.objects.create(
            post_id=person.post_id, member=member, starts_at=ground.since
        )
        token = ground.tokens[source, key] = secrets.token_urlsafe(32)
        InboxCredential.objects.create(
            source=source,
            appointment_id=appointment.pk,
            token_hash=sha256(token.encode()).digest(),
            starts_at=ground.since,
        )


def _feeds(listed: Listed) -> Iterator[tuple[str, str]]:
    """Yield which sources are needed, each with the role that hands over."""
    if not isinstance(listed, CountList) or any(not row.door.form for row in listed.counts):
        yield CASE_REPORTS, REPORTER
    if isinstance(listed, CountList):
        for relay in sorted({row.door.relay for row in listed.counts if row.door.form}):
            yield COUNTS, relay
