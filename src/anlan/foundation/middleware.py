"""Who acts, in which language, and how a refusal is shown: the request's frame."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.credentials import actor_of_token, token_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound, Refused, TooMany
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope

Respond = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger()
SESSION_POST = "post_id"
LANGUAGE_COOKIE = "language"
PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
UUID_LENGTH = 36  # as an address writes it
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
API_PATH = "/api/"  # other systems' door: a credential's bearer acts here as a signed-in person does


class PostEnded(Conflict):
    """Say that the post in use ended, so that nothing is done through another one unawares."""

    code = "post_ended"
    sentence = _("您刚才所用的岗位已经结束，这次操作没有办理。请核对当前岗位后再做。")


class ActorRequest(HttpRequest):
    """A request with who acts: the type of a request in every view behind the sign-in."""

    actor: Actor
    posts: list[Actor]
    by_credential: bool  # an outside system's key, not a person's session


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
        acting.by_credential = False
        if request.path.startswith(API_PATH) and "Authorization" in request.headers:
            return self._by_credential(acting)
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

    def _by_credential(self, acting: ActorRequest) -> HttpResponse:
        """Let the bearer of a credential act through its appointment; a session beside it does not count."""
        acting.user, acting.posts, acting.by_credential = AnonymousUser(), [], True
        found = actor_of_token(token_of(acting.headers["Authorization"]), now=utc_now())
        setattr(acting, "actor", found)  # noqa: B010
        if found is None:
            return self.respond(acting)
        with scope(found):
            return self.respond(acting)


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


class NoUnstorableText:
    """Refuse what no column of text can hold, in an address or a form, before anything reads it."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return refusal_response(request, NotFound())
        sent = request.POST.lists() if request.method == "POST" else ()
        if any("\x00" in value for _key, values in sent for value in values):
            return refusal_response(request, Invalid())
        return self.respond(request)


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
    ids = [one for value in (match.kwargs.values() if match else ()) if (one := _as_id(value))]
    detail = {"code": refusal.error_code, "method": request.method}
    with transaction.atomic():
        audit.record("refuse", str(match.url_name) if match else "", ids, detail=detail)


def _as_id(value: object) -> UUID | None:
    """Return an id of an address, which pages have as such and the API as text; None for what is none."""
    if isinstance(value, str) and len(value) == UUID_LENGTH:
        try:
            return UUID(value)
        except ValueError:
            return None
    return value if isinstance(value, UUID) else None


def wants_json(request: HttpRequest) -> bool:
    """Say whether a machine reads the answer."""
    return "application/json" in request.headers.get("Accept", "") or request.path.startswith(API_PATH)


def refusal_response(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Render a refusal in the form the caller reads."""
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(refusal.as_json(), status=refusal.status)
    else:
        template = "errors/fragment.html" if request.headers.get("HX-Request") else "errors/refused.html"
        response = render(request, template, {"refusal": refusal}, status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after_seconds)
    return response
