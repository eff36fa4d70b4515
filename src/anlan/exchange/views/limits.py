"""What stands around views that show people: a look-up limit is answered without undoing the transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from anlan.foundation.middleware import ActorRequest, refusal_response
from anlan.people.actions import LookUpLimitExceeded

View = Callable[..., HttpResponse]


def within_limits(view: View) -> View:
    """Answer a look-up limit without undoing the transaction, so that count and alarm stay."""

    @wraps(view)
    def answered(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LookUpLimitExceeded as refusal:
            return refusal_response(request, refusal)

    return answered
