"""Read what is said of a facility, vehicle or member of staff against the pack's attributes: pure."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.foundation.errors import Text
from anlan.foundation.plain_text import has_control

LONGEST_TEXT = 500
LARGEST = 10**12  # of a number: beyond it something was mistyped
WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,6})?")
YES, NO = frozenset({"yes", "true", "是", "有", "1"}), frozenset({"no", "false", "否", "无", "0"})


class Choice(Protocol):
    """An answer that may be chosen."""

    @property
    def key(self) -> str:
        """Return what is stored."""


class Definition(Protocol):
    """What the pack says of one attribute (organisation.pack_registers.Attribute)."""

    @property
    def key(self) -> str:
        """Return the name it is stored under."""

    @property
    def kinds(self) -> Sequence[str]:
        """Return the kinds it is asked of; none means every kind."""

    @property
    def type(self) -> str:
        """Return text, number, integer, yes_no, date, choice or several."""

    @property
    def choices(self) -> Sequence[Choice]:
        """Return the answers that may be chosen."""

    @property
    def at_least(self) -> float | None:
        """Return the smallest number."""

    @property
    def at_most(self) -> float | None:
        """Return the largest number, or the most characters."""

    @property
    def required(self) -> bool:
        """Say whether an entry is incomplete without it."""

    @property
    def renew_days(self) -> int | None:
        """Return after how many days it is to be looked at again."""


D = TypeVar("D", bound=Definition)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was said, as it is stored; what is wrong with it; and which required ones nothing is said of."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Text] = field(default_factory=dict)  # by the key that is wrong, in words
    missing: tuple[str, ...] = ()


class _Wrong(ValueError):
    def __init__(self, words: Text) -> None:
        super().__init__(str(words))
        self.words = words


def asked_of(definitions: Iterable[D], kind: str) -> list[D]:
    """Return the definitions that concern a kind, in their order."""
    return [one for one in definitions if not one.kinds or kind in one.kinds]


def check_attributes(said: Mapping[str, Any], definitions: Sequence[Definition]) -> Checked:
    """Read what is said; what is empty is not said, what no definition names is refused.

    Values may come as texts (of a form or a cell) or typed (of JSON). Stored: a text, int, float, bool,
    an ISO day, the key of a choice, a list of keys in the order of the choices.
    """
    known = {one.key: one for one in definitions}
    errors: dict[str, Text] = {key: _("没有这一项。") for key in said if key not in known}
    values: dict[str, Any] = {}
    for key, definition in known.items():
        try:
            value = _read(said.get(key), definition)
        except _Wrong as wrong:
            errors[key] = wrong.words
        else:
            if value is not None:
                values[key] = value
    return Checked(values, errors, tuple(key for key in missing_of(values, definitions) if key not in errors))


def missing_of(values: Mapping[str, Any], definitions: Iterable[Definition]) -> tuple[str, ...]:
    """Return the required attributes of which nothing is stored."""
    return tuple(one.key for one in definitions if one.required and one.key not in values)


def renew_days_of(definitions: Iterable[Definition], otherwise: int) -> int:
    """Return after how many days an entry with these attributes is to be looked at again."""
    return min((one.renew_days for one in definitions if one.renew_days), default=otherwise)


def _read(value: Any, definition: Definition) -> Any:
    """Return a value as it is stored, None where nothing is said."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "" or value in ([], ()):
        return None
    return READERS[definition.type](value, definition)


def _text(value: Any, definition: Definition) -> str:
    if not isinstance(value, str):
        raise _Wrong(_("请填写文字。"))
    longest = int(definition.at_most or LONGEST_TEXT)
    if has_control(value):
        raise _Wrong(_("含有不能使用的控制字符。"))
    if len(value) > longest:
        raise _Wrong(format_lazy(_("最多 {count} 个字。"), count=longest))
    return value


def _number(value: Any, definition: Definition) -> int | float:
    said = _plain(value)
    if isinstance(said, str) and DECIMAL.fullmatch(said):
        said = float(said)
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        raise _Wrong(_("请填写数字。"))
    _within(said, definition)
    return int(said) if float(said).is_integer() else said


def _integer(value: Any, definition: Definition) -> int:
    said = _plain(value)
    if isinstance(said, str) and WHOLE.fullmatch(said):
        said = int(said)
    if isinstance(said, float) and said.is_integer():
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int):
        raise _Wrong(_("请填写整数。"))
    _within(said, definition)
    return said


def _within(said: float, definition: Definition) -> None:
    low, high = definition.at_least, definition.at_most
    if low is not None and said < low:
        raise _Wrong(format_lazy(_("不能小于 {bound}。"), bound=f"{low:g}"))
    if said > (LARGEST if high is None else high) or said < -LARGEST:
        raise _Wrong(format_lazy(_("不能大于 {bound}。"), bound=f"{LARGEST if high is None else high:g}"))


def _yes_no(value: Any, definition: Definition) -> bool:
    if isinstance(value, bool):
        return value
    said = str(_plain(value)).casefold()
    if said in YES or said in NO:
        return said in YES
    raise _Wrong(_("请回答是或否。"))


def _date(value: Any, definition: Definition) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(str(_plain(value))).isoformat()
    except ValueError as error:
        raise _Wrong(_("请填写日期，如 2026-09-01。")) from error


def _choice(value: Any, definition: Definition) -> str:
    if isinstance(value, str) and any(one.key == value for one in definition.choices):
        return value
    raise _Wrong(_("请从给出的选项里选。"))


def _several(value: Any, definition: Definition) -> list[str]:
    said = value if isinstance(value, list | tuple) else [value]
    chosen = {_choice(one, definition) for one in said}
    return [one.key for one in definition.choices if one.key in chosen]


def _plain(value: Any) -> Any:
    """Return a text in half width without spaces or thousands' commas; anything else as it is."""
    if not isinstance(value, str):
        return value
    return "".join(unicodedata.normalize("NFKC", value).replace(",", "").split())


READERS: Mapping[str, Callable[[Any, Definition], Any]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "yes_no": _yes_no,
    "date": _date,
    "choice": _choice,
    "several": _several,
}
