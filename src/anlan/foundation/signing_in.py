"""How people sign in: accounts are given by the district; sensitive posts need a second factor."""

import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import decrypt, encrypt
from anlan.foundation.errors import NotAllowed
from anlan.foundation.middleware import ActorRequest, refusal_response, wants_json
from anlan.foundation.models import Account
from anlan.foundation.ports import ports

SENSITIVE_PURPOSES = frozenset({"health", "audit", "security", "privacy"})
SECRET_CONTEXT = "second factor"
OPEN_WITHOUT = ("account_login", "switch_post", "choose_language", "no_post", "alive", "ready")


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]
    """Close self-registration, as an account comes with an appointment; put signing in on record."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Answer no."""
        return False

    def post_login(self, request: HttpRequest, user: Account, **facts: Any) -> HttpResponse:
        """Record who signed in."""
        _record("sign_in", user)
        return cast("HttpResponse", super().post_login(request, user, **facts))

    def clean_password(self, password: str, user: Account | None = None) -> str:
        """Refuse the password in use: a start password is not one's own."""
        if user is not None and user.check_password(password):
            raise ValidationError(_("新密码不能与现在的密码相同。"))
        return cast("str", super().clean_password(password, user))

    def set_password(self, user: Account, password: str) -> None:
        """Take a password somebody chose for themselves."""
        user.must_change_password, user.demonstration_district = False, ""
        user.password_voided_at = user.password_voided_by = None
        super().set_password(user, password)
        _record("change_password", user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go on to the first screen."""
        return reverse("home")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record that somebody failed to sign in as a known account; never what was typed."""
        user = Account.objects.filter(username__iexact=name_given(request, credentials)).first()
        if user is not None:
            _record("sign_in_failed", user)
        super().authentication_failed(request, **credentials)


class EncryptedSecrets(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep the secrets of one-time codes and recovery codes encrypted."""

    def encrypt(self, text: str) -> str:
        """Return what is stored."""
        return b64encode(encrypt(text, context=SECRET_CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret."""
        return decrypt(b64decode(encrypted_text), context=SECRET_CONTEXT)


def name_given(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the user name an attempt is counted under: one for all ways of writing it."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return unicodedata.normalize("NFKC", str(typed)).strip().casefold()


def _record(verb: str, account: Account) -> None:
    posts = ports().posts_of_account(account.pk, now=utc_now())
    audit.record(verb, "foundation.Account", [account.pk], area_code=posts[0].area_code if posts else "")


class SecondFactorForSensitivePosts:
    """Send posts of sensitive purposes to set up a one-time code before they see anything.

    Whoever has set one up is asked for it at each sign-in, so a session of theirs has passed it.
    Settings: ANLAN_REQUIRE_SECOND_FACTOR.
    """

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond
        self.accounts_path = reverse("account_login").removesuffix("login/")
        self.open_paths = {reverse(name) for name in OPEN_WITHOUT}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = getattr(request, "actor", None)
        acting = cast("ActorRequest", request)
        if actor is None or acting.by_credential or not self.is_missing(acting, actor):
            return self.respond(request)
        if request.method == "GET" and not wants_json(request):
            return redirect("mfa_activate_totp")
        return refusal_response(request, NotAllowed(code="second_factor_needed"))

    def is_missing(self, request: ActorRequest, actor: Actor) -> bool:
        """Say whether the request must wait for a second factor."""
        if not settings.ANLAN_REQUIRE_SECOND_FACTOR or not actor.has_purpose(*SENSITIVE_PURPOSES):
            return False
        if request.path in self.open_paths or request.path.startswith(self.accounts_path):
            return False
        return not is_mfa_enabled(request.user)
