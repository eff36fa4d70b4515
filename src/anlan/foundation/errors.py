"""What the product says when it refuses, drawn as one small tree.

Refused                 the act was understood and not done          400
├── NotSignedIn         nobody known asks                            401
├── NotFound            absent, or not yours: the same answer        404
├── NotAllowed          your post does not carry this act            403
├── Invalid             the input cannot be accepted as it is        422
├── Conflict            the world moved; look again                  409
│   └── NotYet          what it builds on has not come in; the worker tries again
└── TooMany             slow down; carries retry_after seconds       429
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Refused(Exception):
    """Refuse an act with a stable code and a sentence fit for a user."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    sentence: ClassVar[Text] = _("这件事没有办成，什么也没有改变。")

    def __init__(
        self,
        sentence: Text | None = None,
        *,
        code: str | None = None,
        fields: Mapping[str, Text] | None = None,
        trace: Callable[[], None] | None = None,
    ) -> None:
        self.message: Text = sentence or self.sentence
        self.error_code = code or self.code
        self.fields = dict(fields or {})
        self.trace = trace  # writes what stays on record although the act is undone; the door calls it
        super().__init__(self.error_code)

    def leave_trace(self) -> None:
        """Write what stays on record although the act was undone."""
        if self.trace is not None:
            self.trace()

    def as_json(self) -> dict[str, object]:
        """Return the answer a machine reads: code, sentence, and one sentence per wrong field."""
        return {
            "code": self.error_code,
            "message": str(self.message),
            "fields": {name: str(text) for name, text in self.fields.items()},
        }


class NotSignedIn(Refused):
    """Say that a machine's request carries no living session or credential; pages lead to the sign-in."""

    status = 401
    code = "not_signed_in"
    sentence = _("没有有效的登录或凭证。请登录或更换凭证后重发，内容请保留。")


class NotFound(Refused):
    """Say that a row is absent or not the actor's: both look alike, to the byte."""

    status = 404
    code = "not_found"
    sentence = _("没有找到，或不在您的职责范围内。")


class NotAllowed(Refused):
    """Say that the post does not carry this act."""

    status = 403
    code = "not_allowed"
    sentence = _("您现在的岗位没有这项权限。请换岗位，或联系上级。")


class Invalid(Refused):
    """Say which input cannot be accepted, and what to do."""

    status = 422
    code = "invalid"
    sentence = _("填写有误，请按提示修改后再提交。")


class Conflict(Refused):
    """Say that somebody changed the row first."""

    status = 409
    code = "conflict"
    sentence = _("这条记录刚被别人改过，请刷新后再看。")


class NotYet(Conflict):
    """Say that what this builds on is not there yet; the worker tries again before it sets it aside."""

    code = "not_yet"
    sentence = _("它所依据的内容还没有到，请稍后再试。")


class TooMany(Refused):
    """Ask the sender to slow down."""

    status = 429
    code = "too_many"
    sentence = _("操作过于频繁，请稍后再试。")

    def __init__(self, retry_after_seconds: int = 30) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds
