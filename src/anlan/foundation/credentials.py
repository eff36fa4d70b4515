"""Who acts by a credential: the key of an outside system, given for one appointment."""

from datetime import datetime
from hashlib import sha256

from django.db.models import Q

from anlan.foundation.actor import Actor
from anlan.foundation.models import InboxCredential
from anlan.foundation.ports import ports


def token_of(authorization: str) -> str:
    """Return the token of an Authorization header; nothing where it is not a bearer's."""
    kind, _space, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def actor_of_token(token: str, *, now: datetime) -> Actor | None:
    """Return who acts by this token: its appointment's holder, while both are in force."""
    digest = sha256(token.encode("latin-1", "replace")).digest()
    living = Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))
    found = InboxCredential.objects.filter(living, token_hash=digest).first() if token else None
    return ports().actor_as_of(found.appointment_id, now) if found else None
