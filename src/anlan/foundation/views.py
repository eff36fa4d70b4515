"""Doors of the house itself: home, the post in use, the language, and whether it is well."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import NotFound
from anlan.foundation.middleware import LANGUAGE_COOKIE, SESSION_POST, ActorRequest
from anlan.foundation.models import Account


@require_GET
def no_post(request: HttpRequest) -> HttpResponse:
    """Say that the account holds no post now, and whom to ask."""
    return render(request, "foundation/no_post.html", status=403 if request.user.is_authenticated else 401)


@require_POST
@behind_sign_in()
def switch_post(request: ActorRequest) -> HttpResponse:
    """Act through another of one's posts from now on."""
    wanted = request.POST.get("appointment", "")
    for actor in request.posts:
        if str(actor.appointment_id) == wanted:
            request.session[SESSION_POST] = wanted
            audit.record("switch_post", "organisation.Post", [actor.post_id], area_code=actor.area_code)
            return _back(request)
    raise NotFound


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show pages in Chinese or English from now on."""
    language = request.POST.get("language", "")
    response = _back(request)
    if language in Account.Language.values:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86400, samesite="Lax", httponly=True)
        if request.user.is_authenticated:
            Account.objects.filter(pk=request.user.pk).update(language=language)
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    return HttpResponseRedirect(target)


@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs."""
    return JsonResponse({"alive": True})


@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether the database can be reached."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ready": True})
