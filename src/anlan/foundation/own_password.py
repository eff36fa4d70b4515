"""Whoever signs in with a password somebody else made chooses one of their own before anything else.

A sign-in of the demonstration district, printed at the first start, is exempt: only while the house is a
demonstration (`ANLAN_DEMO`), and its holder can hold no post outside that district (organisation.actions).
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from anlan.foundation.errors import NotAllowed
from anlan.foundation.middleware import refusal_response, wants_json

PAGE = "account_change_password"
OPEN_WITHOUT = (PAGE, "account_login", "account_logout", "choose_language", "alive", "ready")


class OwnPasswordFirst:
    """Send whoever still has a start password to change it; nothing else answers before."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond
        self.open_paths = {reverse(name) for name in OPEN_WITHOUT}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in self.open_paths or not request.user.is_authenticated:
            return self.respond(request)
        if not request.user.awaits_own_password:
            return self.respond(request)
        if request.method == "GET" and not wants_json(request):
            return redirect(PAGE)
        return refusal_response(request, NotAllowed(code="own_password_needed"))
