"""What became of what a sender sent, by the sender's own key."""

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import NotFound
from anlan.foundation.models import Envelope
from anlan.foundation.scope import duty


def access_own_envelope(actor: Actor, key: str) -> Envelope:
    """Return what this account sent under a key, whatever post it was sent through, or raise NotFound."""
    with duty("tell_sender", ranges=AreaRanges.everywhere(), cause="key"):
        row = Envelope.objects.filter(account_id=actor.account_id, key=key).defer("body", "body_hash").first()
    if row is None:
        raise NotFound
    return row
