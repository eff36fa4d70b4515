"""What is said to whom the house cannot serve now: a small page, a fragment or JSON, without templates."""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop as _

from anlan.foundation.async_sessions import header, language_of
from anlan.foundation.overload.kinds import Kind

BUSY, TOO_LARGE = "busy", "too_large"
STATUS = {BUSY: 503, TOO_LARGE: 413}
TITLES = {BUSY: _("系统繁忙"), TOO_LARGE: _("内容太大")}
AGAIN = _("再试一次")
READ_LATER = _(
    "现在同时使用的人太多，这个页面暂时打不开，约 %(seconds)s 秒后会自动再试。手机上已经填好的内容不会丢失。"
)
SEND_LATER = _(
    "现在同时使用的人太多，这次提交没有办理，什么也没有改变。"
    "请返回上一页，约 %(seconds)s 秒后再交一次。手机上已经填好的内容不会丢失。"
)
SMALLER = _("内容太大，没有收下，什么也没有改变。此处每次最多 %(limit)s。请压缩或分成几次再交。")
STYLE = (
    "body{margin:0;background:#f4f6f9;color:#14202e}"
    "body{font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif}"
    "main{max-width:30em;margin:15vh auto 0;padding:24px;background:#fff}"
    "main{border:1px solid #dfe5ec;border-radius:8px}"
    "h1{margin:0 0 8px;font-size:22px}a{color:#1554a0}"
)
POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
PAGE = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}<title>{title}</title>'
    "<style>" + STYLE.replace("{", "{{").replace("}", "}}") + "</style></head>"
    '<body><main data-refusal><h1>{title}</h1><p role="alert">{words}</p>{link}</main></body></html>'
)
FRAGMENT = (
    '<div class="notice notice-bad" role="alert" data-refusal><div class="notice-text">{words}</div></div>'
)
READING = {"GET", "HEAD"}
_spoken: dict[tuple[str, str], str] = {}


async def refuse(scope: dict[str, Any], send: Any, kind: Kind, code: str, *, whole: bool = True) -> None:
    """Send a refusal; where the body was not read whole the connection ends with it."""
    language, again = language_of(scope), kind.retry_after() if code == BUSY else None
    words = _words(scope, kind, code, language, again)
    headers = [(b"cache-control", b"private, no-store"), (b"vary", b"Accept, Cookie, HX-Request")]
    if _reads_json(scope, kind):
        body = json.dumps({"code": code, "message": words}, ensure_ascii=False).encode()
        headers.append((b"content-type", b"application/json"))
    else:
        body = _page(scope, code, language, words, again)
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", POLICY.encode()),
            (b"content-language", language.encode()),
        ]
    if again is not None:
        headers.append((b"retry-after", str(again).encode()))
    if not whole:
        headers.append((b"connection", b"close"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": STATUS[code], "headers": headers})
    await send({"type": "http.response.body", "body": body})


def readable(size: int) -> str:
    """Return a number of bytes as people write it."""
    return f"{size // 2**20} MB" if size >= 2**20 else f"{size // 2**10} kB"


def _words(scope: dict[str, Any], kind: Kind, code: str, language: str, again: int | None) -> str:
    if code == BUSY:
        return _said(READ_LATER if scope["method"] in READING else SEND_LATER, language) % {"seconds": again}
    return _said(SMALLER, language) % {"limit": readable(kind.most_body)}


def _reads_json(scope: dict[str, Any], kind: Kind) -> bool:
    return kind.is_json or "application/json" in header(scope, b"accept")


def _page(scope: dict[str, Any], code: str, language: str, words: str, again: int | None) -> bytes:
    if header(scope, b"hx-request"):
        return FRAGMENT.format(words=escape(words)).encode()
    reading = code == BUSY and scope["method"] in READING
    return PAGE.format(
        language="en" if language == "en" else "zh-CN",
        refresh=f'<meta http-equiv="refresh" content="{again}">' if reading else "",
        title=escape(_said(TITLES[code], language)),
        words=escape(words),
        link=f'<p><a href="">{escape(_said(AGAIN, language))}</a></p>' if reading else "",
    ).encode()


def _said(sentence: str, language: str) -> str:
    known = _spoken.get((sentence, language))
    if known is None:
        with translation.override(language):
            known = _spoken[sentence, language] = translation.gettext(sentence)
    return known
