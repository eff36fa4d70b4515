"""What is said to whom the house cannot serve now: a small page, a fragment or JSON, without templates."""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from http import HTTPStatus
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
    "body{margin:0;padding:0 16px;background:#f4f6f9;color:#14202e}"
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
JSON = "json"
READING = {"GET", "HEAD"}


async def refuse(scope: dict[str, Any], send: Any, kind: Kind, code: str, *, whole: bool = True) -> None:
    """Send a refusal; where the body was not read whole the connection ends with it."""
    start, body = _made(**_facts(scope, kind, code), whole=whole)
    await send(start)
    await send(body)


def refusal_bytes(scope: dict[str, Any], kind: Kind) -> bytes:
    """Return the whole refusal of a request without a body, for which there is no room now."""
    return _written(**_facts(scope, kind, BUSY))


def _facts(scope: dict[str, Any], kind: Kind, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "form": _form(scope, kind),
        "language": language_of(scope),
        "reading": code == BUSY and scope["method"] in READING,
        "again": kind.retry_after() if code == BUSY else 0,
        "limit": readable(kind.most_body),
        "head_only": scope["method"] == "HEAD",
    }


@cache
def _written(**facts: Any) -> bytes:
    return on_the_wire(*_made(**facts, whole=True))


def on_the_wire(start: dict[str, Any], body: dict[str, Any], *, date: str = "") -> bytes:
    """Return the two messages of an answer as they go over the wire, with the date it was made, if told."""
    status, headers = HTTPStatus(start["status"]), list(start["headers"])
    if not any(name.lower() == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(body["body"])).encode()))
    if date:
        headers.append((b"date", date.encode()))
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (status, status.phrase.encode(), lines, body["body"])


@cache
def _made(
    *,
    code: str,
    form: str,
    language: str,
    reading: bool,
    again: int,
    limit: str,
    head_only: bool,
    whole: bool,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two messages of a refusal: made once for each of a few hundred, as a flood asks for many."""
    words = SMALLER if code == TOO_LARGE else READ_LATER if reading else SEND_LATER
    words = _said(words, language) % {"seconds": again, "limit": limit}
    headers = [(b"cache-control", b"private, no-store"), (b"vary", b"Accept, Cookie, HX-Request")]
    if form == JSON:
        body = json.dumps({"code": code, "message": words}, ensure_ascii=False).encode()
        headers.append((b"content-type", b"application/json"))
    else:
        body = _page(code, form, language, words, again if reading else 0)
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", POLICY.encode()),
            (b"content-language", language.encode()),
        ]
    if again:
        headers.append((b"retry-after", str(again).encode()))
    if not whole:
        headers.append((b"connection", b"close"))
    headers.append((b"content-length", str(len(body)).encode()))
    body = b"" if head_only else body
    start = {"type": "http.response.start", "status": STATUS[code], "headers": headers}
    return start, {"type": "http.response.body", "body": body}


def readable(size: int) -> str:
    """Return a number of bytes as people write it."""
    return f"{size // 2**20} MB" if size >= 2**20 else f"{size // 2**10} kB"


def _form(scope: dict[str, Any], kind: Kind) -> str:
    if kind.is_json or "application/json" in header(scope, b"accept"):
        return JSON
    return FRAGMENT if header(scope, b"hx-request") else PAGE


def _page(code: str, form: str, language: str, words: str, again: int) -> bytes:
    return form.format(
        language="en" if language == "en" else "zh-CN",
        refresh=f'<meta http-equiv="refresh" content="{again}">' if again else "",
        title=escape(_said(TITLES[code], language)),
        words=escape(words),
        link=f'<p><a href="">{escape(_said(AGAIN, language))}</a></p>' if again else "",
    ).encode()


def _said(sentence: str, language: str) -> str:
    with translation.override(language):
        return translation.gettext(sentence)
