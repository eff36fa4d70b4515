"""Create a post at an area from a role of the pack."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.organisation.models import Area, Facility, Post, PostRange
from anlan.organisation.pack import PostRole
from anlan.organisation.queries import access_area_of, level_is_optional, may_manage, post_role
from anlan.organisation.rules import fits_level

SUBJECT = "organisation.Post"
TITLE_LIMIT = 60


class PostInvalid(Invalid):
    """A post of this kind cannot stand there."""

    code = "post_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """What is wanted: a role at an area; the title is the role's where none is given."""

    role: str
    area_code: str
    title: str = ""
    facility_id: UUID | None = None
    further_codes: tuple[str, ...] = ()
    post_id: UUID | None = None  # made by the form: a second sending is the same post


def create_post(*, actor: Actor, wanted: NewPost, now: datetime) -> Post:
    """Create a post with its ranges and the purposes of its role.

    Raises NotFound for an area that is absent or not the actor's, NotAllowed, PostInvalid.
    """
    with transaction.atomic():
        area = access_area_of(actor, wanted.area_code, now=now)
        if not may_manage(actor, area.code):
            raise NotAllowed
        earlier = Post.objects.filter(pk=wanted.post_id).first() if wanted.post_id else None
        if earlier is not None:
            return _same_act(earlier, wanted)
        role = _fitting_role(wanted.role, area)
        facility = _facility_for(role, area, wanted.facility_id)
        codes = _checked_codes(actor, [area.code, *wanted.further_codes], now)
        post = Post.objects.create(
            id=wanted.post_id or new_id(),
            role=role.key,
            title=wanted.title.strip()[:TITLE_LIMIT] or role.title.zh,
            area_code=area.code,
            facility=facility,
            purposes=list(role.purposes),
            starts_at=now,
        )
        PostRange.objects.bulk_create(PostRange(post=post, code=code) for code in codes)
        audit.record("create_post", SUBJECT, [post.pk], area_code=area.code, detail={"role": role.key})
        announce_change("posts", area.code)
    return post


def _same_act(earlier: Post, wanted: NewPost) -> Post:
    if (earlier.role, earlier.area_code) != (wanted.role, wanted.area_code):
        raise Conflict
    return earlier


def _fitting_role(key: str, area: Area) -> PostRole:
    role = post_role(key)
    if role is None:
        raise PostInvalid(fields={"role": _("配置包里没有这个角色。")})
    if not fits_level(area.level, role.level, is_optional=level_is_optional(role.level)):
        raise PostInvalid(fields={"role": _("这个角色不设在这一层级。")})
    return role


def _facility_for(role: PostRole, area: Area, facility_id: UUID | None) -> Facility | None:
    """Return the unit the post belongs to; row security hides those of other areas."""
    if facility_id is None:
        if role.unit_kinds:
            raise PostInvalid(fields={"facility": _("这个角色属于一家单位，请选择单位。")})
        return None
    facility = Facility.objects.filter(pk=facility_id, area_code__startswith=area.code).first()
    if facility is None:
        raise NotFound
    if role.unit_kinds and facility.kind not in role.unit_kinds:
        raise PostInvalid(fields={"facility": _("这家单位不设这个角色。")})
    return facility


def _checked_codes(actor: Actor, codes: Iterable[str], now: datetime) -> tuple[str, ...]:
    ranges = AreaRanges.of(codes)
    for code in ranges.codes:
        access_area_of(actor, code, now=now)
        if not actor.ranges.covers(code):
            raise PostInvalid(fields={"further_codes": _("只能填写本岗位范围内的区域代码。")})
    return ranges.codes
