"""Every question about areas, posts and appointments."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from anlan.foundation.actor import PRACTICE_PREFIX, RANGE_END, Actor, AreaRanges
from anlan.foundation.errors import NotFound
from anlan.foundation.models import PackEntry
from anlan.foundation.pack_store import pack_in_force, section
from anlan.foundation.practice import now_in
from anlan.foundation.scope import within
from anlan.organisation.attributes import check_attributes as check_attributes
from anlan.organisation.models import (
    Appointment,
    Area,
    AreaLink,
    Building,
    Facility,
    Member,
    Post,
    Setting,
    Shift,
)
from anlan.organisation.pack import AreaKind, Level, PostRole
from anlan.organisation.pack_registers import Attribute as Attribute
from anlan.organisation.queries.acting import actor_of_appointment as actor_of_appointment
from anlan.organisation.queries.acting import actors_of as actors_of
from anlan.organisation.queries.acting import in_force as in_force
from anlan.organisation.queries.acting import live_appointments as live_appointments
from anlan.organisation.queries.acting import posts_of_account as posts_of_account
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, ancestors_of


def now_for(actor: Actor) -> datetime:
    """Return the moment it is for this actor: the practice clock's in a practice district."""
    return now_in(actor.area_code)


def area_names(codes: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Return the name each area has now."""
    return dict(Area.objects.filter(in_force(now), code__in=set(codes)).values_list("code", "name"))


def in_realm(actor: Actor, column: str = "code") -> Q:
    """Return the condition that an area is of the actor's world: its practice district, or the real one."""
    if actor.is_practice:
        district = actor.area_code[: CODE_LENGTH[AreaLevel.DISTRICT]]
        return Q(**{f"{column}__gte": district, f"{column}__lt": district + RANGE_END})
    return Q(**{f"{column}__lt": PRACTICE_PREFIX})


def visible_areas(actor: Actor, *, now: datetime) -> QuerySet[Area]:
    """Return the areas in force that the actor may look at: all of its world."""
    return Area.objects.filter(in_realm(actor), in_force(now))


def areas_in_range(actor: Actor, *, below: str = "", now: datetime) -> QuerySet[Area]:
    """Return the areas in force that the actor's post answers for, or those of one area among them."""
    rows = Area.objects.filter(within(actor.ranges, "code"), in_force(now))
    return rows.filter(code__gte=below, code__lt=below + RANGE_END) if below else rows


def access_area_of(actor: Actor, code: str, *, now: datetime) -> Area:
    """Return the area in force under this code in the actor's world, or raise NotFound."""
    area = visible_areas(actor, now=now).filter(code=code).first()
    if area is None:
        raise NotFound
    return area


def access_area_even_ended(actor: Actor, code: str, *, now: datetime) -> Area:
    """Return the area under this code as it is, else as it last was, or raise NotFound."""
    area = Area.objects.filter(in_realm(actor), code=code, starts_at__lte=now).order_by("-starts_at").first()
    if area is None:
        raise NotFound
    return area


def areas_named(actor: Actor, words: str, *, now: datetime) -> QuerySet[Area]:
    """Return the areas whose name holds these words or whose code begins so."""
    return visible_areas(actor, now=now).filter(Q(name__icontains=words) | Q(code__startswith=words))


def access_area(code: str, *, now: datetime) -> Area:
    """Return the area in force under this code, or raise NotFound. Areas are open to all staff."""
    area = Area.objects.filter(in_force(now), code=code).first()
    if area is None:
        raise NotFound
    return area


def areas_above(code: str, *, now: datetime) -> list[Area]:
    """Return the areas from the district down to the one above this."""
    return list(Area.objects.filter(in_force(now), code__in=ancestors_of(code)[:-1]).order_by("code"))


def areas_below(code: str, *, now: datetime) -> QuerySet[Area]:
    """Return the areas directly below."""
    return Area.objects.filter(in_force(now), parent_code=code).order_by("code")


def neighbours_of(code: str, *, now: datetime) -> list[tuple[str, str]]:
    """Return (code, kind of link) of every area that borders on this one or is declared linked."""
    links = links_of(code, now=now)
    return sorted((row.high_code if row.low_code == code else row.low_code, row.kind) for row in links)


def links_of(code: str, *, now: datetime) -> QuerySet[AreaLink]:
    """Return the links in force that touch this area."""
    return AreaLink.objects.filter(in_force(now)).filter(Q(low_code=code) | Q(high_code=code))


def posts_with_role(role: str, *, covering: str, now: datetime) -> QuerySet[Post]:
    """Return posts in force with this role whose ranges cover the area, the closest first."""
    return posts_covering_any(role, [covering], now=now)


def posts_covering_any(role: str, codes: Iterable[str], *, now: datetime) -> QuerySet[Post]:
    """Return posts in force with this role whose ranges cover one of these areas, each post once."""
    around = {ancestor for code in codes for ancestor in ancestors_of(code)}
    return (
        Post.objects.filter(in_force(now), role=role, post_ranges__code__in=sorted(around))
        .distinct()
        .order_by("-area_code", "pk")
    )


def post_roles() -> dict[str, PostRole]:
    """Return the pack's duties by key, in the pack's order."""
    return {role.key: role for role in section(PostRole)}


def post_role(key: str) -> PostRole | None:
    """Return one duty of the pack, if it has it."""
    return post_roles().get(key)


def area_kinds() -> dict[str, AreaKind]:
    """Return the pack's kinds of area by key."""
    return {kind.key: kind for kind in section(AreaKind)}


def level_is_optional(key: str) -> bool:
    """Say whether a district may do without this level."""
    return any(level.key == key and level.optional for level in section(Level))


def visible_posts(actor: Actor, *, now: datetime) -> QuerySet[Post]:
    """Return the posts in force in the actor's ranges."""
    return Post.objects.filter(within(actor.ranges), in_force(now))


def access_post(actor: Actor, post_id: UUID) -> Post:
    """Return one post of the actor's world, ended or not, or raise NotFound: staff may know who does what."""
    posts = Post.objects.filter(in_realm(actor, "area_code"), pk=post_id)
    post = posts.select_related("facility").prefetch_related("post_ranges").first()
    if post is None:
        raise NotFound
    return post


def with_holders(posts: QuerySet[Post], *, now: datetime) -> QuerySet[Post]:
    """Return the posts, each with `held`: its appointments in force with their members, the longest first."""
    held = live_appointments(now).select_related("member").order_by("starts_at", "pk")
    return posts.prefetch_related(Prefetch("appointments", queryset=held, to_attr="held"))


def held_by(words: str, *, now: datetime) -> Exists:
    """Return the condition that somebody whose name holds these words holds the post now."""
    return Exists(live_appointments(now).filter(post=OuterRef("pk"), member__name__icontains=words))


def is_vacant(*, now: datetime) -> Any:
    """Return the condition that nobody holds the post now."""
    return ~Exists(live_appointments(now).filter(post=OuterRef("pk")))


def wanted_posts(actor: Actor, sought: Mapping[str, str], *, now: datetime) -> QuerySet[Post]:
    """Return the posts of the actor's ranges that the filters of the list ask for."""
    rows = visible_posts(actor, now=now).select_related("facility")
    words, role, area = (sought.get(key, "").strip() for key in ("q", "role", "area"))
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(held_by(words, now=now)))
    if role:
        rows = rows.filter(role=role)
    if area.isdigit():
        rows = rows.filter(within(AreaRanges.of([area])))
    if sought.get("view") == "vacant":
        rows = rows.filter(is_vacant(now=now))
    return rows


def appointments_of(post: Post) -> QuerySet[Appointment]:
    """Return everybody who held, holds or will hold the post, the latest first."""
    rows = Appointment.objects.filter(post=post).select_related("member")
    return rows.order_by("-starts_at", "-pk")


def access_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """Return an appointment to a post of the actor's world, or raise NotFound."""
    rows = Appointment.objects.filter(in_realm(actor, "post__area_code"), pk=appointment_id)
    appointment = rows.select_related("post", "member").first()
    if appointment is None:
        raise NotFound
    return appointment


def visible_members(actor: Actor) -> QuerySet[Member]:
    """Return the people of the actor's world who may hold posts."""
    return Member.objects.filter(in_realm(actor, "area_code"), is_system=False)


def access_member(actor: Actor, member_id: UUID) -> Member:
    """Return one member of the actor's world, or raise NotFound."""
    member = visible_members(actor).filter(pk=member_id).select_related("account").first()
    if member is None:
        raise NotFound
    return member


def covers_post(actor: Actor, post: Post) -> bool:
    """Say whether every area the post may see lies in the actor's ranges."""
    own = [post.area_code, *(row.code for row in post.post_ranges.all())]
    return all(actor.ranges.covers(code) for code in own)


def may_manage(actor: Actor, area_code: str) -> bool:
    """Say whether the actor's post looks after posts and links at this area."""
    return actor.has_purpose("org") and actor.ranges.covers(area_code)


def may_void_password(actor: Actor, member: Member) -> bool:
    """Say whether the actor's post may void the password of this member's account."""
    covers = actor.ranges.covers(member.area_code)
    return actor.has_purpose("system") and covers and member.account_id is not None


def may_manage_post(actor: Actor, post: Post) -> bool:
    """Say whether the actor's post appoints to this post and dismisses from it."""
    return actor.has_purpose("org") and covers_post(actor, post)


def on_duty(code: str, *, now: datetime) -> QuerySet[Shift]:
    """Return the shifts running now of posts that cover the area, the closest post first."""
    running = Shift.objects.filter(starts_at__lte=now, ends_at__gt=now)
    covering = running.filter(post__post_ranges__code__in=ancestors_of(code)).distinct()
    return covering.select_related("post", "member").order_by("-post__area_code", "starts_at", "pk")


def coming_shifts(post: Post, *, now: datetime) -> list[Shift]:
    """Return the shifts of a post that run or are to come, the next first."""
    rows = Shift.objects.filter(post=post, ends_at__gt=now).select_related("member")
    return list(rows.order_by("starts_at", "pk"))


def access_shift(actor: Actor, shift_id: UUID) -> Shift:
    """Return a shift of a post of the actor's world, or raise NotFound."""
    rows = Shift.objects.filter(in_realm(actor, "post__area_code"), pk=shift_id)
    shift = rows.select_related("post", "member").first()
    if shift is None:
        raise NotFound
    return shift


def members_holding(post: Post, *, now: datetime) -> list[Member]:
    """Return who holds a post now or later."""
    rows = Appointment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), post=post)
    return list(Member.objects.filter(pk__in=rows.values("member")).order_by("name", "pk"))


def visible_facilities(actor: Actor, code: str, *, now: datetime) -> QuerySet[Facility]:
    """Return the facilities of an area, as far as they lie in the actor's ranges."""
    inside = within(AreaRanges.of([code]))
    rows = Facility.objects.filter(within(actor.ranges), inside, in_force(now))
    return rows.order_by("area_code", "pk")


def building_count(actor: Actor, code: str, *, now: datetime) -> int:
    """Return how many buildings of the area lie in the actor's ranges."""
    inside = within(AreaRanges.of([code]))
    return Building.objects.filter(within(actor.ranges), inside, in_force(now)).count()


def setting(key: str, area_code: str, *, now: datetime, default: Any = None) -> Any:
    """Return the value in force at this place, the closest area's first; the default where none is set."""
    rows = Setting.objects.filter(in_force(now), key=key, area_code__in=["", *ancestors_of(area_code)])
    found = rows.order_by("-area_code", "-starts_at").first()
    return default if found is None else found.value


def settings_at(keys: Iterable[str], area_code: str, *, now: datetime) -> list[Setting]:
    """Return the settings in force at a place and at every level above it."""
    codes = ["", *ancestors_of(area_code)]
    rows = Setting.objects.filter(in_force(now), key__in=list(keys), area_code__in=codes)
    return list(rows.select_related("set_by_post"))


def settings_ever_at(key: str, codes: Iterable[str]) -> QuerySet[Setting]:
    """Return everything that was ever set under a name at these areas, the latest first."""
    rows = Setting.objects.filter(key=key, area_code__in=list(codes)).select_related("set_by_post")
    return rows.order_by("-starts_at", "-pk")


def visible_settings(actor: Actor, *, now: datetime) -> QuerySet[Setting]:
    """Return the settings in force that touch the actor's ranges: set there, below it or above it."""
    above = {code for own in actor.ranges.codes for code in ancestors_of(own)}
    near = within(actor.ranges) | Q(area_code__in=["", *above])
    return Setting.objects.filter(near, in_force(now)).select_related("set_by_post")


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return names of members and titles of posts, whichever an id stands for."""
    wanted = set(ids)
    members = Member.objects.filter(pk__in=wanted).values_list("pk", "name")
    return dict([*members, *Post.objects.filter(pk__in=wanted).values_list("pk", "title")])


def pack_sections() -> list[tuple[str, int, int]]:
    """Return (section, entries, entries to check before use) of the pack in force, in the pack's order."""
    doubtful = Count("pk", filter=Q(body__check_before_use=True))
    rows = PackEntry.objects.filter(pack_version=pack_in_force()).values("section")
    counted = rows.annotate(count=Count("pk"), doubtful=doubtful, first=Min("pk")).order_by("first")
    return list(counted.values_list("section", "count", "doubtful"))


def entries_to_check(section_key: str = "") -> QuerySet[PackEntry]:
    """Return the entries of the pack in force that must be compared with their source before use."""
    rows = PackEntry.objects.filter(pack_version=pack_in_force(), body__check_before_use=True)
    return rows.filter(section=section_key) if section_key else rows
