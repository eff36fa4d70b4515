"""Who acts, in which language, and how a refusal is shown: the request's frame."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict, NotAllowed, NotFound, Refused, TooMany
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope

Respond = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger()
SESSION_POST = "post_id"
LANGUAGE_COOKIE = "language"
PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class PostEnded(Conflict):
    """Say that the post in use ended, so that nothing is done through another one unawares."""

    code = "post_ended"
    sentence = _("您刚才所用的岗位已经结束，这次操作没有办理。请核对当前岗位后再做。")


class ActorRequest(HttpRequest):
    """A request with who acts: the type of a request in every view behind the sign-in."""

    actor: Actor
    posts: list[Actor]


class RequestIdentity:
    """Give every request an id that its log lines and audit entries share."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(new_id())
        token = audit.request_id.set(request_id)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.respond(request)
        finally:
            audit.request_id.reset(token)
            structlog.contextvars.unbind_contextvars("request_id")
        response["X-Request-Id"] = request_id
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class ActThroughOnePost:
    """Find the one post through which the signed-in person acts, and set its scope around the view."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.posts_of = cast("Callable[..., list[Actor]]", import_string(settings.ANLAN_POSTS_OF_ACCOUNT))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        acting = cast("ActorRequest", request)
        if not request.user.is_authenticated:
            setattr(request, "actor", None)  # noqa: B010 - the attribute is typed for signed-in views
            acting.posts = []
            return self.respond(request)
        acting.posts = self.posts_of(request.user.pk, now=utc_now())
        if not acting.posts:
            setattr(request, "actor", None)  # noqa: B010
            return self.respond(request)
        wanted = request.session.get(SESSION_POST)
        acting.actor = next((a for a in acting.posts if str(a.appointment_id) == wanted), acting.posts[0])
        if str(acting.actor.appointment_id) != wanted:
            request.session[SESSION_POST] = str(acting.actor.appointment_id)
            if wanted and request.method not in SAFE_METHODS:
                return refusal_response(request, PostEnded())
        with scope(acting.actor):
            return self.respond(request)


class ChosenLanguage:
    """Chinese first: the account's language, else the cookie's, never the browser's guess."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.COOKIES.get(LANGUAGE_COOKIE, settings.LANGUAGE_CODE)
        if request.user.is_authenticated:
            language = request.user.language
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.respond(request)
        response["Content-Language"] = language
        return response


class RefusalsAsPages:
    """Turn a Refused raised anywhere below into a page, a fragment or JSON."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal and put an attempt on what is not one's own on record; other exceptions rise."""
        if not isinstance(exception, Refused):
            return None
        if isinstance(exception, NotFound | NotAllowed | TooMany) and getattr(request, "actor", None):
            _record_attempt(request, exception)
        exception.leave_trace()
        return refusal_response(request, exception)


def _record_attempt(request: HttpRequest, refusal: Refused) -> None:
    """Write page and ids, never what was typed; in its own transaction, as the view's was undone."""
    match = request.resolver_match
    ids = [value for value in (match.kwargs.values() if match else ()) if isinstance(value, UUID)]
    detail = {"code": refusal.error_code, "method": request.method}
    with transaction.atomic():
        audit.record("refuse", str(match.url_name) if match else "", ids, detail=detail)


def refusal_response(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Render a refusal in the form the caller reads."""
    response: HttpResponse
    if "application/json" in request.headers.get("Accept", "") or request.path.startswith("/api/"):
        response = JsonResponse(refusal.as_json(), status=refusal.status)
    else:
        template = "errors/fragment.html" if request.headers.get("HX-Request") else "errors/refused.html"
        response = render(request, template, {"refusal": refusal}, status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after_seconds)
    return response
