"""A factory of grid A with its contact, the industry department, and the steps of a grant by named people."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from anlan.affairs.actions import (
    GrantTerms,
    NewGrant,
    PointFound,
    apply_for_grant,
    approve_grant,
    check_grant,
    move_grant,
)
from anlan.affairs.grant_rules import GrantAct
from anlan.affairs.models import Grant, GrantStep
from anlan.affairs.queries.grants import grant_kinds
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Facility
from tests.organisation.acting import hold
from tests.world import DISTRICT, GRID_A, GRID_D, World

KIND = "resumption_white_list"
WHOLE = AreaRanges.of([DISTRICT])
TERM_DAYS = 30
CONTACT, NEIGHBOUR, OFFICER = "tong", "gong", "jin"  # of the factory, of another one in grid D, who decides


def industry(world: World) -> Facility:
    """Set up both factories with their contacts, and the department; return the factory of grid A."""
    if OFFICER not in world.accounts:
        hold(world, OFFICER, role="industry_officer", area_code=DISTRICT, purposes=["department"])
    ours, _theirs = (
        factory(world, grid, handle) for grid, handle in ((GRID_A, CONTACT), (GRID_D, NEIGHBOUR))
    )
    return ours


def factory(world: World, grid: str, handle: str = "", *, kind: str = "factory") -> Facility:
    """Enter a factory in a grid, with a contact where a handle is given."""
    with duty("build_district", ranges=WHOLE, cause="test"):
        made = Facility.objects.create(
            area_code=grid, kind=kind, name=f"江城精密厂{grid[-6:]}", starts_at=world.now
        )
    if handle:
        hold(world, handle, role="enterprise_contact", area_code=grid, purposes=["reporting"])
        world.posts[handle].facility = made
        world.posts[handle].save(update_fields=["facility"])
    return made


def applied(
    world: World, facility: Facility, who: str = CONTACT, *, row_id: UUID | None = None, **said: Any
) -> Grant:
    """Apply for the white list."""
    actor = world.actor(who)
    words = {"kind": KIND, "category": "leading_enterprise", "statement": "保障民生物资生产", **said}
    now = words.pop("now", world.now)
    application = NewGrant(facility_id=facility.pk, row_id=row_id or new_id(), **words)
    with scope(actor):
        return apply_for_grant(actor=actor, application=application, now=now)


def checked(
    world: World, grant: Grant, who: str = "kong", *, unmet: Collection[str] = (), version: int | None = None
) -> Grant:
    """Check all points; those named are not met."""
    actor = world.actor(who)
    found = {point.key: PointFound(point.key not in unmet) for point in grant_kinds()[grant.kind].points}
    with scope(actor):
        return check_grant(
            actor=actor, grant_id=grant.pk, found=found, note="到场查看", now=world.now,
            expected_version=version or grant.version,
        )  # fmt: skip


def approved(
    world: World, grant: Grant, who: str = OFFICER, *, version: int | None = None, **terms: Any
) -> Grant:
    """Approve it from today for thirty days, with a condition and both permits."""
    actor, today = world.actor(who), day_of(world.now)
    said: dict[str, Any] = {
        "starts_on": today,
        "ends_on": today + timedelta(days=TERM_DAYS - 1),
        "conditions": ("health_watch",),
        "permits": ("transport", "closed_loop"),
    }
    reason = terms.pop("reason", "条件具备")
    with scope(actor):
        return approve_grant(
            actor=actor, grant_id=grant.pk, terms=GrantTerms(**(said | terms)), reason=reason, now=world.now,
            expected_version=version or grant.version,
        )  # fmt: skip


def moved(
    world: World,
    grant: Grant,
    act: GrantAct,
    who: str = OFFICER,
    *,
    reason: str = "核查发现问题",
    **other: Any,
) -> Grant:
    """Refuse, publish, suspend, resume or revoke it."""
    actor = world.actor(who)
    with scope(actor):
        return move_grant(
            actor=actor, grant_id=grant.pk, act=act, reason=reason, now=other.get("now", world.now),
            expected_version=other.get("version", grant.version),
        )  # fmt: skip


def in_force(world: World, facility: Facility, who: str = CONTACT, **terms: Any) -> Grant:
    """Take a grant through all its steps."""
    grant = approved(world, checked(world, applied(world, facility, who), _secretary(facility)), **terms)
    return moved(world, grant, GrantAct.PUBLISH, reason="")


def _secretary(facility: Facility) -> str:
    return "kong" if facility.area_code == GRID_A else "bai"


def today(world: World) -> date:
    """Return the day it is."""
    return day_of(world.now)


def steps(grant: Grant) -> list[str]:
    """Return what was done with a grant, in order."""
    with duty("react", ranges=WHOLE, cause="test"):
        return list(GrantStep.objects.filter(grant=grant).order_by("version").values_list("act", flat=True))


def now_stands(grant: Grant) -> Grant:
    """Return a grant as it is now."""
    with duty("react", ranges=WHOLE, cause="test"):
        return Grant.objects.select_related("facility").get(pk=grant.pk)
