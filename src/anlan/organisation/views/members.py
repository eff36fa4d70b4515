"""Doors of members: enter one, see one, void a forgotten password, give a start password again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions import NewMember, add_member, renew_start_password, void_password
from anlan.organisation.forms import MemberForm, blame
from anlan.organisation.post_pages import member_context
from anlan.organisation.presenting import crumbs_of


@require_GET
@behind_sign_in()
def member_page(request: ActorRequest, member_id: UUID) -> HttpResponse:
    """Show which posts a member holds."""
    member = queries.access_member(request.actor, member_id)
    context = member_context(request.actor, member, now=utc_now())
    return render(request, "organisation/member.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def member_new(request: ActorRequest) -> HttpResponse:
    """Enter a person who can hold posts; the start password is shown in this answer only."""
    actor, now = request.actor, utc_now()
    area = queries.access_area_of(actor, request.GET.get("area", actor.area_code), now=now)
    if not queries.may_manage(actor, area.code):
        raise NotAllowed
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member, password = add_member(actor=actor, person=_as_member(form, area.code), now=now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            context = member_context(actor, member, now=now)
            return render(
                request, "organisation/member.html", {**context, "password": password, "is_new": True}
            )
    crumbs = crumbs_of(area, queries.areas_above(area.code, now=now))
    context = {"form": form, "area": area, "crumbs": crumbs}
    return render(request, "organisation/member_new.html", context, status=422 if form.errors else 200)


def _as_member(form: MemberForm, area_code: str) -> NewMember:
    said = form.cleaned_data
    return NewMember(
        name=said["name"],
        area_code=area_code,
        unit=said["unit"],
        phone=said["phone"],
        username=said["username"],
        member_id=said["row_id"],
    )


@require_POST
@behind_sign_in("org")
def member_password(request: ActorRequest, member_id: UUID) -> HttpResponse:
    """Give an account without a password of its own a start password, shown in this answer only."""
    password = renew_start_password(actor=request.actor, member_id=member_id)
    member = queries.access_member(request.actor, member_id)
    context = member_context(request.actor, member, now=utc_now())
    return render(request, "organisation/member.html", {**context, "password": password})


@require_POST
@behind_sign_in("system")
def member_password_void(request: ActorRequest, member_id: UUID) -> HttpResponse:
    """Void a password whose owner forgot it."""
    void_password(actor=request.actor, member_id=member_id, now=utc_now())
    messages.success(request, _("原密码已作废，打开的页面已退出。请负责任免的人员当面发开始口令。"))
    return redirect("member", member_id)
