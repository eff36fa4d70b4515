"""What stands before a view: signed in, in a post, with the purpose the page needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from anlan.foundation.errors import NotAllowed, NotFound, Refused
from anlan.foundation.middleware import ActorRequest, refusal_response

View = Callable[..., HttpResponse]
LONGEST_VERSION = 9  # digits


def behind_sign_in(*purposes: str) -> Callable[[View], View]:
    """Let a view be reached only through a live post that serves one of the purposes (none named: any).

    The declared purposes stay readable as `view.purposes`, for navigation and the rights test.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
            acting = cast("ActorRequest", request)
            if acting.actor is None:
                return redirect("no_post")
            if purposes and not acting.actor.has_purpose(*purposes):
                raise NotAllowed
            return view(request, *args, **kwargs)

        guarded.purposes = frozenset(purposes)  # type: ignore[attr-defined]
        return guarded

    return wrap


def version_or_404(text: str) -> int:
    """Return the version a form was written to, or answer as for an absent row."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION):
        raise NotFound
    return int(text)


def answering(refusal: type[Refused]) -> Callable[[View], View]:
    """Let a view answer this refusal itself: its transaction stays, and what the refusal left on record."""

    def wrap(view: View) -> View:
        @wraps(view)
        def answered(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except refusal as refused:
                return refusal_response(request, refused)

        return answered

    return wrap


def uuid_or_404(text: str) -> UUID:
    """Return the id, or answer as for an absent row."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error
