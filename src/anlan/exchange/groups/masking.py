"""Shows a line of a group text with names and numbers masked as the register's own are."""

import re

from anlan.exchange.groups.keeping import Said
from anlan.exchange.groups.said_names import APART
from anlan.exchange.groups.words import is_name, readable
from anlan.foundation.masks import DOTS, mask

LONGEST_SHOWN = 160
MOBILE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
LONG_NUMBER = re.compile(r"\d{7,}[xX]?")


def masked_line(text: str, names: list[str]) -> str:
    """Return a line for the page: the names given, every word that reads as one, and long numbers masked."""
    shown = MOBILE.sub(lambda found: mask("phone", re.sub(r"\D", "", found[0])), readable(text))
    shown = LONG_NUMBER.sub(DOTS, shown)
    words = {word for word in APART.split(shown) if is_name(word)}
    for name in sorted({*names, *words} - {""}, key=len, reverse=True):
        shown = shown.replace(name, mask("name", name))
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


def masked_name(said: Said) -> str:
    """Return whom a part of a line names: a title stays, a name shows its surname."""
    return said.name if said.surname else mask("name", said.name) if said.name else ""
