"""Finds who sends: by the token of a credential, or by the session of a signed-in phone."""

import asyncio
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings

from anlan.foundation.async_line import Line
from anlan.foundation.async_sessions import cookie, header, is_own_page, signed_in
from anlan.foundation.inbox import answers
from anlan.foundation.inbox.answers import Answer
from anlan.foundation.ports import ports

REMEMBERED_SECONDS = 1.0  # an ended session or key is still known so long; appointments are always asked
MOST_REMEMBERED = 20_000
CREDENTIAL = """
    SELECT c.source, c.appointment_id, r.account_id
    FROM foundation_inboxcredential c JOIN {sender_right} r ON r.appointment_id = c.appointment_id
    WHERE c.token_hash = %(token_hash)s AND c.starts_at <= now() AND coalesce(c.ends_at, 'infinity') > now()
    LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """An account and the appointment it sends through."""

    account_id: UUID
    appointment_id: UUID | None
    source: str | None  # the only source a credential may send to
    is_session: bool


class Senders:
    """Looks senders up and remembers them for a second, the unknown too."""

    def __init__(self) -> None:
        self.line = Line("inbox senders")
        self._known: dict[str, tuple[float, Sender | None]] = {}
        self._asked: dict[str, asyncio.Task[Sender | None]] = {}

    async def of(self, scope: dict[str, Any], source: str) -> Sender | Answer:
        """Return the sender of a request, or why there is none."""
        authorization = header(scope, b"authorization")
        if authorization:
            kind, _, token = authorization.partition(" ")
            mark = "token:" + sha256(token.strip().encode("latin-1")).hexdigest()
            sender = await self._find(mark) if kind.lower() == "bearer" else None
            if sender is None:
                return answers.NOT_SIGNED_IN
            return sender if sender.source == source else answers.NO_SUCH_SOURCE
        session_key = cookie(scope, settings.SESSION_COOKIE_NAME)
        sender = await self._find("session:" + session_key) if session_key else None
        if sender is None:
            return answers.NOT_SIGNED_IN
        if not is_own_page(scope):
            return answers.OTHER_SITE
        return sender if source in ports().phone_sources else answers.NO_SUCH_SOURCE

    async def _find(self, mark: str) -> Sender | None:
        known = self._known.get(mark)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        asked = self._asked.get(mark)
        if asked is None:
            asked = self._asked[mark] = asyncio.ensure_future(self._ask(mark))
            asked.add_done_callback(lambda _: self._asked.pop(mark, None))
        return await asyncio.shield(asked)

    async def _ask(self, mark: str) -> Sender | None:
        kind, _, value = mark.partition(":")
        sender = await (self._by_token(value) if kind == "token" else self._by_session(value))
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[mark] = time.monotonic() + REMEMBERED_SECONDS, sender
        return sender

    async def _by_token(self, token_hash: str) -> Sender | None:
        query = CREDENTIAL.format(sender_right=ports().sender_right)
        rows = await self.line.fetch(query, {"token_hash": bytes.fromhex(token_hash)})
        for source, appointment_id, account_id in rows:
            return Sender(account_id, appointment_id, source, is_session=False)
        return None

    async def _by_session(self, session_key: str) -> Sender | None:
        found = await signed_in(session_key, self.line)
        return Sender(found.account_id, found.appointment_id, None, is_session=True) if found else None
