"""Who is signed in, for the doors that do not pass through Django's middleware."""

from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http.request import split_domain_port, validate_host
from django.utils.crypto import constant_time_compare

from anlan.foundation.async_line import Line
from anlan.foundation.middleware import LANGUAGE_COOKIE, SESSION_POST
from anlan.foundation.models import Account
from anlan.foundation.ports import ports

SESSION = "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > now()"
ACCOUNT = """
    SELECT password FROM foundation_account WHERE id = %(id)s AND is_active
        AND NOT must_change_password AND (demonstration_district = '' OR %(demo)s)
"""
POSTS = """
    SELECT appointment_id FROM {sender_right}
    WHERE account_id = %(id)s AND starts_at <= now() AND ends_at > now()
    GROUP BY appointment_id ORDER BY min(held_since), appointment_id
"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A living session and the post it acts through; none where its account holds none now."""

    session_key: str
    account_id: UUID
    appointment_id: UUID | None


async def signed_in(session_key: str, line: Line) -> SignedIn | None:
    """Return who a session stands for; None for one that ended, whose password changed since,
    or whose start password was not changed yet."""
    rows = await line.fetch(SESSION, {"key": session_key})
    read = SessionStore().decode(rows[0][0]) if rows else {}
    if SESSION_KEY not in read or BACKEND_SESSION_KEY not in read:
        return None
    account_id = UUID(read[SESSION_KEY])
    accounts = await line.fetch(ACCOUNT, {"id": account_id, "demo": settings.ANLAN_DEMO})
    if not accounts or not _hash_holds(accounts[0][0], read.get(HASH_SESSION_KEY, "")):
        return None
    query = POSTS.format(sender_right=ports().sender_right)
    held = [row[0] for row in await line.fetch(query, {"id": account_id})]
    chosen = read.get(SESSION_POST)
    wanted = [appointment for appointment in held if str(appointment) == chosen]
    return SignedIn(session_key, account_id, next(iter(wanted or held), None))


def _hash_holds(password: str, kept: str) -> bool:
    account = Account(password=password)
    known = [account.get_session_auth_hash(), *account.get_session_auth_fallback_hash()]
    return any(constant_time_compare(kept, one) for one in known)


def header(scope: dict[str, Any], name: bytes) -> str:
    """Return a request header, empty where absent."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in headers if key == name), "")


def cookie(scope: dict[str, Any], name: str) -> str:
    """Return a cookie, empty where absent or unreadable."""
    sent = header(scope, b"cookie")
    if name not in sent:
        return ""  # most requests of a flood: parsing takes long
    try:
        morsel = SimpleCookie(sent).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def language_of(scope: dict[str, Any]) -> str:
    """Return the language the reader chose; Chinese where none was."""
    chosen = cookie(scope, LANGUAGE_COOKIE)
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def is_own_page(scope: dict[str, Any]) -> bool:
    """Say whether a browser's request comes from a page of ours: its Origin is the host it asks."""
    host, origin = header(scope, b"host"), header(scope, b"origin")
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    return origin in settings.CSRF_TRUSTED_ORIGINS or urlsplit(origin).netloc == host
