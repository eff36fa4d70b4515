"""Compare answered pages byte for byte, leaving out what differs between any two answers."""

import re


def without_marks(page: bytes) -> bytes:
    """Leave out tokens, ids and the moment."""
    page = re.sub(rb"[A-Za-z0-9_-]{20,}", b"", page)
    return re.sub(rb"<time[^>]*>[^<]*</time>", b"", page)
