"""How often one address may knock at a door without sign-in; counted in the memory of this process."""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from anlan.foundation.errors import TooMany


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in so many seconds, from the first of them on; generous, an office shares one address."""

    name: str
    most: int
    seconds: int


def refuse_spent(request: HttpRequest, rate: Rate) -> None:
    """Raise TooMany where the address has used up its rate."""
    if cache.get(_key(request, rate), 0) >= rate.most:
        raise TooMany(rate.seconds)


def spend(request: HttpRequest, rate: Rate) -> None:
    """Count one more use."""
    key = _key(request, rate)
    cache.add(key, 0, timeout=rate.seconds)
    try:
        cache.incr(key)
    except ValueError:  # its time ended in between
        cache.add(key, 1, timeout=rate.seconds)


def _key(request: HttpRequest, rate: Rate) -> str:
    return f"rate:{rate.name}:{get_adapter().get_client_ip(request)}"
