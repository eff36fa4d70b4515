"""Questions about how the tree was changed: redraws of an area, what lay where at a moment, ended codes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.scope import within
from anlan.organisation.models import ForwardedCode, Post, Redraw, RedrawMove
from anlan.organisation.queries import in_force


def visible_redraws(actor: Actor) -> QuerySet[Redraw]:
    """Return the redraws in the actor's ranges, the latest first."""
    return Redraw.objects.filter(within(actor.ranges)).order_by("-planned_at", "-pk")


def wanted_redraws(actor: Actor, words: str) -> QuerySet[Redraw]:
    """Return the redraws in the actor's ranges whose title holds these words."""
    rows = visible_redraws(actor)
    return rows.filter(title__icontains=words.strip()) if words.strip() else rows


def access_redraw(actor: Actor, redraw_id: UUID) -> Redraw:
    """Return one redraw of the actor's ranges, or raise NotFound."""
    row = visible_redraws(actor).filter(pk=redraw_id).select_related("undoes").first()
    if row is None:
        raise NotFound
    return row


def codes_now(codes: Iterable[str]) -> dict[str, str]:
    """Return, for those of these codes that no area bears any more, the area that took the place of each."""
    return dict(ForwardedCode.objects.filter(code__in=set(codes)).values_list("code", "now_code"))


def code_now(code: str) -> str:
    """Return the code of the area that took the place of one that ended; the code itself where none did."""
    return codes_now([code]).get(code, code)


def posts_at(code: str, *, at: datetime) -> QuerySet[Post]:
    """Return the posts that stood at an area at a moment, also those that lie elsewhere since."""
    moves = RedrawMove.objects.filter(label="organisation.Post", row_id=OuterRef("pk"), moved_at__gt=at)
    then = Subquery(moves.order_by("moved_at").values("from_code")[:1])
    stood = Q(area_then=code) | Q(area_then=None, area_code=code)
    return Post.objects.filter(in_force(at)).annotate(area_then=then).filter(stood)
