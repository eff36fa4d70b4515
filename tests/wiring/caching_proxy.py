"""A cache between people and the house that keeps all it may, by nginx's rules for `proxy_cache_valid any`.

Keyed by address alone: who asks plays no part. An answer is kept unless Cache-Control (private, no-store,
no-cache, max-age=0), Expires in the past, Set-Cookie or `Vary: *` forbid it; other Vary headers part it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Protocol

from anlan.foundation.clock import utc_now
from tests.wiring.web_process import Answer

FORBIDDING = {"private", "no-store", "no-cache", "max-age=0", "s-maxage=0"}


class Upstream(Protocol):
    """Asks the house itself."""

    def __call__(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Return its answer."""


@dataclass
class CachingProxy:
    """Passes GET requests on, and answers from what it keeps where it may."""

    upstream: Upstream
    kept: dict[str, list[tuple[dict[str, str], Answer]]] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer one request."""
        for varied, answer in self.kept.get(path, []):
            if all(headers.get(name, "") == value for name, value in varied.items()):
                self.hits.append(path)
                return answer
        answer = self.upstream(path, headers)
        if may_keep(answer):
            names = [name.strip() for name in answer.headers.get("Vary", "").split(",") if name.strip()]
            varied = {name: headers.get(name, "") for name in names}
            self.kept.setdefault(path, []).append((varied, answer))
        return answer


def may_keep(answer: Answer) -> bool:
    """Say whether a shared cache told to keep everything would keep this answer."""
    told = {part.strip().lower() for part in answer.headers.get("Cache-Control", "").split(",")}
    if told & FORBIDDING or answer.headers.get("Set-Cookie") or answer.headers.get("Vary", "").strip() == "*":
        return False
    expires = answer.headers.get("Expires")
    return expires is None or parsedate_to_datetime(expires) > utc_now()
