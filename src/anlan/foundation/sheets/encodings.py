"""Finds out how a text file is encoded, or says between which encodings a person has to choose."""

import codecs
import unicodedata
from collections import Counter

from anlan.foundation.sheets.faults import Fault

# what a person may choose from, by the name a page sends back
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5", "shift_jis", "windows-1252")
CODECS = {"big5": "cp950", "shift_jis": "cp932"}  # as Windows writes them
MARKS = (
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE_CHARACTERS = 40
ORDINARY_SHARE = 0.7  # of the characters beyond ASCII that have to be everyday ones
LEVEL_1 = range(0xB0, 0xD8)  # GB 2312: the 3,755 common Hanzi; what follows are the less common ones
SIGNS = (0xA1, 0xA3)  # punctuation and full-width forms


def load_codecs() -> None:
    """Load every codec that may be asked for, before no file can be opened any more."""
    for name in (*ENCODINGS, *CODECS.values(), "gb2312", "cp437"):
        codecs.lookup(name)


def decode(content: bytes, encoding: str = "") -> tuple[str, str]:
    """Return encoding and text; raise Fault("encoding_unclear") where it would be a guess."""
    if encoding:
        if encoding not in ENCODINGS:
            raise _unclear(content)
        text = _decoded(content, encoding)
        if text is None:
            raise _unclear(content)
        return encoding, _without_nul(text)
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    if marked is not None:
        text = _decoded(content, marked) if marked else None
        if text is None:
            raise _unclear(content)
        return marked, _without_nul(text)
    if b"\x00" in content:
        raise _unclear(content)
    for name in ("utf-8", "gb18030"):
        text = _decoded(content, name)
        if text is not None and (name == "utf-8" or _is_everyday(text)):
            return name, text
    raise _unclear(content)


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(CODECS.get(encoding, encoding))
    except UnicodeDecodeError:
        return None
    return text.removeprefix("\ufeff")


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise Fault("not_text")
    return text


def _is_everyday(text: str) -> bool:
    """Say whether text that decodes as GB18030 also reads like it: everyday characters, none private."""
    counts = Counter(text)
    beyond = ordinary = 0
    for character, count in counts.items():
        if character < "\x80":
            continue
        if unicodedata.category(character) in ("Co", "Cn", "Cs") or character == "\ufffd":
            return False
        beyond += count
        try:
            lead = character.encode("gb2312")[0]
        except UnicodeEncodeError:
            continue
        if lead in LEVEL_1 or lead in SIGNS:
            ordinary += count
    return ordinary >= beyond * ORDINARY_SHARE


def _unclear(content: bytes) -> Fault:
    """Return the fault with every encoding that would read the file and what it would show."""
    choices = []
    for name in ENCODINGS:
        text = _decoded(content, name)
        if text is not None and not any(_is_impossible(character) for character in set(text)):
            choices.append((name, sample(text)))
    return Fault("encoding_unclear" if choices else "not_text", choices=choices)


def _is_impossible(character: str) -> bool:
    """Say whether no text file holds such a character: NUL, C1 controls, what Unicode has not assigned."""
    return character == "\x00" or "\x80" <= character < "\xa0" or unicodedata.category(character) == "Cn"


def sample(text: str) -> str:
    """Return the first words beyond ASCII, for a person to see whether they read well."""
    at = next((index for index, character in enumerate(text) if character > "\x7f"), 0)
    begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    begin = max(begin, at - SAMPLE_CHARACTERS // 2)
    shown = text[begin : begin + SAMPLE_CHARACTERS].splitlines()
    return next((line for line in shown if line.strip()), "")
