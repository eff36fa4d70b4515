"""Reads JSON as strictly as a stranger's message must be read."""

import json
import math
import re
from typing import Any, NoReturn

DEEPEST = 32
LONGEST_INTEGER = 18  # digits; fits 64 bits and every other program's numbers
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class BadJson(ValueError):
    """The text is not JSON this house accepts."""


def parse(raw: bytes) -> Any:
    """Return the value; raise BadJson for what is malformed, ambiguous or not finite."""
    try:
        text = raw.decode()
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise BadJson from error
    if "\\u" in text:
        _refuse_unstorable(text, value)
    if text.count("[") + text.count("{") > DEEPEST and _depth(value) > DEEPEST:
        raise BadJson
    return value


def canonical(value: Any) -> str:
    """Return one text for equal values, whatever the order of their keys."""
    return _ENCODER.encode(value)


def _refuse_unstorable(text: str, value: Any) -> None:
    """Refuse NUL and half a surrogate pair, which no text column holds."""
    if _NUL.search(text):
        raise BadJson
    try:
        canonical(value).encode()
    except UnicodeEncodeError as error:
        raise BadJson from error


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        if deepest > DEEPEST + 1:
            break
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
    return deepest


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise BadJson
    return read


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadJson
    return number


def _bounded(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise BadJson
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise BadJson


_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_key_twice, parse_float=_finite, parse_int=_bounded, parse_constant=_no_constant
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
