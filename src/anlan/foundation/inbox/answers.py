"""What the inbox answers: a status, a stable code and a sentence that says what to do."""

import json
import random
from dataclasses import dataclass
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_noop as _

RETRY_SECONDS = (2, 8)  # the wait asked for, drawn anew each time so that senders do not return together


@dataclass(frozen=True, slots=True)
class Answer:
    """One envelope's or one request's answer."""

    status: int
    code: str = ""
    record_id: UUID | None = None

    def content(self, language: str = "zh-hans") -> dict[str, str]:
        """Return what the body says."""
        if self.record_id is not None:
            return {"id": str(self.record_id)}
        return {"code": self.code, "message": sentence(self.code, language)}

    def body(self, language: str = "zh-hans") -> bytes:
        """Return the body of the answer to a single envelope."""
        if self.record_id is not None:
            return b'{"id":"%s"}' % str(self.record_id).encode()
        return json.dumps(self.content(language), ensure_ascii=False).encode()

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before sending again, where sending again may help."""
        return random.randint(*RETRY_SECONDS) if self.status in {429, 503} else None


NOT_JSON = Answer(400, "not_json")
WRONG_SHAPE = Answer(400, "wrong_shape")
NOT_SIGNED_IN = Answer(401, "not_signed_in")
OTHER_SITE = Answer(403, "other_site")
NOT_YOUR_PLACE = Answer(403, "not_your_place")
NO_SUCH_SOURCE = Answer(404, "no_such_source")
ONLY_POST = Answer(405, "only_post")
TOO_SLOW = Answer(408, "too_slow")
OTHER_BODY = Answer(409, "other_body")
TOO_LARGE = Answer(413, "too_large")
NOT_DECLARED_JSON = Answer(415, "not_declared_json")
BAD_RECORD_ID = Answer(422, "bad_record_id")  # malformed and another sender's: the same bytes
BAD_KEY = Answer(422, "bad_key")
BAD_AREA = Answer(422, "bad_area")
BAD_TIME = Answer(422, "bad_time")
BAD_POST = Answer(422, "bad_post")
TOO_FAST = Answer(429, "too_fast")
BUSY = Answer(503, "busy")
UNKNOWN_OUTCOME = Answer(503, "unknown_outcome")

SENTENCES = {
    "not_json": _("内容不是规范的 JSON，没有收下。请改正后重发。"),
    "wrong_shape": _("字段或类型不对，没有收下。请对照接口说明改正后重发。"),
    "not_signed_in": _("没有有效的登录或凭证。请登录或更换凭证后重发，内容请保留。"),
    "other_site": _("请求来自别的站点，没有收下。"),
    "not_your_place": _("没有找到这个区域，或不在您的职责范围内，没有收下。"),
    "no_such_source": _("没有这个接口，或凭证不属于它。"),
    "only_post": _("此处只接受 POST。"),
    "too_slow": _("传送太慢，已中断。请稍后重发。"),
    "other_body": _("同一个键已收下过别的内容。新内容请换新的键。"),
    "too_large": _("内容太大，没有收下。每条不超过 64 kB，每次不超过 256 kB、500 条。"),
    "not_declared_json": _("请以 application/json 发送。"),
    "bad_record_id": _("记录编号不可用，没有收下。请换一个新的 UUID。"),
    "bad_key": _("键须为 1 至 200 个可见字符。"),
    "bad_area": _("区域代码格式不对。"),
    "bad_time": _("时间须为带时区的 ISO 8601 格式。"),
    "bad_post": _("岗位任命编号格式不对。"),
    "too_fast": _("发送过快，没有收下。请按 Retry-After 稍后重发，内容请保留。"),
    "busy": _("系统繁忙，没有收下。请按 Retry-After 稍后重发，内容请保留。"),
    "unknown_outcome": _("暂时不知道是否收下。请用同一个键稍后重发，不会重复。"),
}
_spoken: dict[tuple[str, str], str] = {}


def sentence(code: str, language: str) -> str:
    """Return the sentence of a code in a language."""
    known = _spoken.get((code, language))
    if known is None:
        with translation.override(language):
            known = _spoken[code, language] = translation.gettext(SENTENCES[code])
    return known
