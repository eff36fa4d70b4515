"""The API's operations on areas: the tree that other systems place their rows in."""

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema

from anlan.foundation.api_doors import AnyArea, AreaCode, Listed, Marks, actor_of, answers, cut, through_post
from anlan.organisation import queries
from anlan.organisation.models import Area
from anlan.organisation.queries import now_for

router = Router(tags=["areas"])


class AreaShown(Schema):
    """One area of the tree: code, level, kind, name, the area above."""

    code: AreaCode
    name: str
    level: str
    kind: str
    parent_code: str


class AreaPage(Listed):
    """A page of areas."""

    rows: list[AreaShown]


def _shown(area: Area) -> AreaShown:
    return AreaShown(
        code=area.code, name=area.name, level=area.level, kind=area.kind, parent_code=area.parent_code
    )


@router.get(
    "/areas",
    auth=through_post(),
    response=answers(AreaPage),
    operation_id="list_areas",
    summary=_("列出岗位范围内的区域"),
)
def list_areas(request: HttpRequest, marks: Query[Marks], below: AnyArea = "") -> AreaPage:
    """List the areas in range, or those at and below one of them."""
    actor = actor_of(request)
    page = cut(queries.areas_in_range(actor, below=below, now=now_for(actor)), marks, order=("code",))
    return AreaPage(rows=[_shown(row) for row in page.rows], after=page.after, before=page.before)


@router.get(
    "/areas/{code}",
    auth=through_post(),
    response=answers(AreaShown),
    operation_id="show_area",
    summary=_("一个区域"),
)
def show_area(request: HttpRequest, code: AreaCode) -> AreaShown:
    """Show one area of the post's world, as the page of areas does."""
    actor = actor_of(request)
    return _shown(queries.access_area_of(actor, code, now=now_for(actor)))
