"""What a request to the API must be before it is looked at, and that every answer there is JSON."""

from collections.abc import Callable
from threading import Lock
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from anlan.foundation.errors import NotFound, Refused, TooMany
from anlan.foundation.inbox.limits import Allowance
from anlan.foundation.middleware import API_PATH, SAFE_METHODS, ActorRequest, refusal_response

MAX_BODY_BYTES = 256 * 1024  # as the inbox takes at once
PER_SECOND = 50  # requests one sender may make for long
AT_ONCE = 2_000  # and in one go
RETRY_SECONDS = 2
JSON = "application/json"


class TooLarge(Refused):
    """The body is larger than any act needs."""

    status = 413
    code = "too_large"
    sentence = _("内容太大，没有收下。每次不超过 256 kB。")


class NotDeclaredJson(Refused):
    """The body says to be something else than JSON."""

    status = 415
    code = "not_declared_json"
    sentence = _("请以 application/json 发送。")


class OtherMethod(Refused):
    """The address does not take this method."""

    status = 405
    code = "other_method"
    sentence = _("此处不接受这种请求方法，请对照接口说明。")


class ApiFrame:
    """Bound what one sender asks of the API, in number and size, and answer there in JSON alone."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond
        self.allowance, self._lock = Allowance(PER_SECOND, AT_ONCE), Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(API_PATH):
            return self.respond(request)
        refusal = self._refusal(cast("ActorRequest", request))
        if refusal is not None:
            return refusal_response(request, refusal)
        return _in_json(request, self.respond(request))

    def _refusal(self, request: ActorRequest) -> Refused | None:
        with self._lock:
            if request.actor and not self.allowance.take(request.actor.account_id, 1):
                return TooMany(RETRY_SECONDS)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return TooLarge()
        if request.method not in SAFE_METHODS and int(length) and request.content_type != JSON:
            return NotDeclaredJson()
        return None


def _in_json(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the answer, those that Django or ninja give as a page or plain text said in our own words."""
    if response.get("Content-Type", "").startswith(JSON):
        return response
    refusals: dict[int, type[Refused]] = {404: NotFound, 405: OtherMethod}
    if response.status_code not in refusals:
        return response
    said = refusal_response(request, refusals[response.status_code]())
    if "Allow" in response:
        said["Allow"] = response["Allow"]
    return said
