"""What the apps' doors for other systems are made of: who may ask, how bodies are read, how pages are cut.

An app's operations stand in its `api.py`: a `router`, operations that translate and make one call as a view
does. `wiring/api.py` puts the routers together and publishes what they say of themselves.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps
from typing import Annotated, Any, TypeVar, cast

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _
from ninja import Schema
from ninja.security import APIKeyCookie, HttpBearer
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Invalid, NotAllowed, NotFound, Refused
from anlan.foundation.keyset import Page, page_of
from anlan.foundation.middleware import ActorRequest, refusal_response

M = TypeVar("M", bound=Model)
Door = Callable[..., Any]
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NotJson(Refused):
    """The body is no JSON that this house accepts."""

    code = "not_json"
    sentence = gettext_lazy("内容不是规范的 JSON，没有收下。请改正后重发。")


class WrongShape(Refused):
    """A body lacks a field, has one too many, or one of another type."""

    code = "wrong_shape"
    sentence = gettext_lazy("字段或类型不对，没有收下。请对照接口说明改正后重发。")


class Credential(HttpBearer):
    """Whoever bears the key of an outside system; ActThroughOnePost found who that is."""

    def __init__(self, *purposes: str) -> None:
        self.purposes = purposes
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return who acts; raise NotAllowed where the post has none of the purposes."""
        acting = cast("ActorRequest", request)
        return _admitted(acting.actor, self.purposes) if acting.by_credential else None


class SignedIn(APIKeyCookie):
    """A signed-in person's session; what changes anything also needs the token against forged requests."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, *purposes: str) -> None:
        self.purposes = purposes
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Leave a credential's bearer alone, whatever cookies come with it, and strangers unexamined."""
        acting = cast("ActorRequest", request)
        if acting.by_credential or not request.user.is_authenticated:
            return None
        return cast("Actor | None", super().__call__(request))

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Return who acts; raise NotAllowed without a post, or where it has none of the purposes."""
        acting = cast("ActorRequest", request)
        if acting.actor is None:
            raise NotAllowed(code="no_post")
        return _admitted(acting.actor, self.purposes)


def _admitted(actor: Actor | None, purposes: Sequence[str]) -> Actor | None:
    if actor is not None and purposes and not actor.has_purpose(*purposes):
        raise NotAllowed
    return actor


def through_post(*purposes: str) -> list[Callable[[HttpRequest], Actor | None]]:
    """Let an operation be reached only through a live post that serves one of the purposes (none: any)."""
    return [Credential(*purposes), SignedIn(*purposes)]


class Refusal(Schema):
    """Why nothing was done: a stable code, a sentence for a person, one sentence per wrong field."""

    code: str
    message: str
    fields: dict[str, str] = {}


READ_REFUSED = frozenset({400, 401, 403, 404, 405, 413, 415, 422, 429})
REFUSED = READ_REFUSED | {409}


def answers(shown: type[BaseModel], *, again: int | None = None, acts: bool = False) -> dict[Any, Any]:
    """Return what an operation may answer: its rows, and refusals of one shape."""
    also = {again: shown} if again else {}
    return {200: shown, **also, (REFUSED if acts else READ_REFUSED): Refusal}


class Sent(BaseModel):
    """A body: unknown fields are refused, types are not bent."""

    model_config = ConfigDict(extra="forbid")


def _day(value: object) -> object:
    """Read a day as ISO 8601 writes it; a number is not taken for one."""
    if not isinstance(value, str):
        raise PydanticCustomError("day_type", "a day is a string")
    if not DAY.fullmatch(value):
        raise PydanticCustomError("bad_day", "a day is written YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Mark = Annotated[str, Field(max_length=500, pattern="^[A-Za-z0-9_-]*$")]
AreaCode = Annotated[str, Field(pattern="^[0-9]{6}([0-9]{3}){0,4}$")]
AnyArea = Annotated[str, Field(pattern="^([0-9]{6}([0-9]{3}){0,4})?$")]  # empty: not narrowed
Word = Annotated[str, Field(max_length=60, pattern="^[a-z0-9_]*$")]  # a key of the pack, or none


class Marks(Schema):
    """Where in a list to go on: the mark `after` or `before` of the page at hand, as it was given."""

    after: Mark = Field("", description=_("上一页给出的 after 标记，取其后的一页"))
    before: Mark = Field("", description=_("上一页给出的 before 标记，取其前的一页"))


class Listed(Schema):
    """A page of a list, with the marks of its neighbours; without a mark there is none."""

    after: str | None
    before: str | None


def cut(
    rows: QuerySet[M], marks: Marks, *, order: Sequence[str], ranges: AreaRanges | None = None
) -> Page[M]:
    """Return the page of a list that the marks ask for; raise Invalid for marks not made here."""
    return page_of(rows, order=order, ranges=ranges, after=marks.after or None, before=marks.before or None)


def marks_of(page: Page[Any]) -> Mapping[str, str | None]:
    """Return the marks of a page as an answer has them."""
    return {"after": page.after, "before": page.before}


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts in an operation that `through_post` guards."""
    return cast("ActorRequest", request).actor


def keeping(*kinds: type[Refused]) -> Callable[[Door], Door]:
    """Answer these refusals without undoing the transaction, so that what they counted stays."""

    def wrap(door: Door) -> Door:
        @wraps(door)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                return door(request, *args, **kwargs)
            except kinds as refusal:
                return refusal_response(request, refusal)

        return answered

    return wrap


def refusal_of(errors: Sequence[Mapping[str, Any]]) -> Refused:
    """Return what a request that does not fit its description is answered.

    A malformed address is an absent row's; wrong types and missing or unknown fields of a body are 400, wrong
    values 422, as at the inbox.
    """
    if any(error["loc"][0] == "path" for error in errors):
        return NotFound()
    named = {".".join(map(str, error["loc"][2:] or error["loc"][1:])): Invalid.sentence for error in errors}
    of_body = [error["type"] for error in errors if error["loc"][0] == "body"]
    if any(kind.endswith("_type") or kind in {"missing", "extra_forbidden"} for kind in of_body):
        return WrongShape(fields=named)
    return Invalid(fields=named)
