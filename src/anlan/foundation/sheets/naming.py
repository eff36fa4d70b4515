"""Makes text fit what a workbook can hold: sheet names, characters XML has no place for, lengths."""

import re
from collections.abc import Iterable

MAX_NAME = 31  # UTF-16 units of a sheet's name
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
ORIGIN_SHEET, ORIGIN_MARK = "_anlan", "anlan-origin"  # where write_workbook hides what open_table finds
RESERVED = {"history", ORIGIN_SHEET}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CONTROL_PICTURES = 0x2400  # U+2400 ␀ and so on: how a control character is shown
LOST = "\ufffd"


def utf16_length(text: str) -> int:
    """Return the length as a spreadsheet counts it."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def visible(text: str) -> str:
    """Replace what XML cannot hold by a visible sign: control characters, lone surrogates."""
    return NOT_IN_XML.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(CONTROL_PICTURES + code) if code < 0x20 else LOST


def sheet_names(wished: Iterable[str]) -> list[str]:
    """Return names that a workbook takes, unlike each other also in lower case, as near as can be."""
    taken = set(RESERVED)
    names = []
    for number, wish in enumerate(wished, 1):
        plain = NOT_IN_NAMES.sub("_", visible(wish)).strip().strip("'") or f"Sheet{number}"
        name, count = _cut(plain, MAX_NAME), 1
        while name.lower() in taken:
            count += 1
            name = _cut(plain, MAX_NAME - len(f" ({count})")) + f" ({count})"
        taken.add(name.lower())
        names.append(name)
    return names


def _cut(text: str, length: int) -> str:
    while utf16_length(text) > length:
        text = text[:-1]
    return text.rstrip("' ") or "_"
