"""People whom tests of the organisation need beside those of the town."""

from datetime import timedelta

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.models import Account, Fact
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment, Area, Member, Post, PostRange
from anlan.organisation.rules import ancestors_of, level_of, parent_of
from tests.world import DISTRICT, World

START_PASSWORD = r"(?<![\w-])[a-z2-9]{4}(-[a-z2-9]{4}){3}(?![\w-])"  # not the middle of a UUID


def hold(world: World, handle: str, *, role: str, area_code: str, purposes: list[str]) -> Actor:
    """Let a new person hold a new post at an area, made if it is not there, and return the actor."""
    since = world.now - timedelta(days=1)
    for code in ancestors_of(area_code):
        Area.objects.get_or_create(
            code=code,
            defaults={
                "parent_code": parent_of(code),
                "level": level_of(code),
                "name": f"{code}区域",
                "starts_at": since,
            },
        )
    account = world.accounts[handle] = Account.objects.create_user(handle)
    member = world.members[handle] = Member.objects.create(account=account, name=handle, area_code=area_code)
    post = world.posts[handle] = Post.objects.create(
        role=role, title=f"{handle}岗位", area_code=area_code, purposes=purposes, starts_at=since
    )
    PostRange.objects.create(post=post, code=area_code)
    world.appointments[handle] = Appointment.objects.create(post=post, member=member, starts_at=since)
    return world.actor(handle)


def facts(name: str) -> list[Fact]:
    """Return the facts of this name announced in the town, oldest first."""
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(Fact.objects.filter(name=f"organisation.{name}").order_by("id"))
