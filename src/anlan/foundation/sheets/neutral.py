"""Keeps text from being taken for a formula, in both directions.

Written to delimited text, a cell that begins like a formula gets an apostrophe before it; so does one that
already begins with apostrophes and then like a formula. Reading takes exactly one apostrophe off a cell that
begins with apostrophes and then like a formula: what was written comes back, to the character.
"""

import re

BEGINNINGS = "=+-@\t\r\n＝＋－＠﹢﹣﹦﹫"
FORMULA = re.compile(f"[{re.escape(BEGINNINGS)}]")
ESCAPED = re.compile(f"'+{FORMULA.pattern}")
TO_ESCAPE = re.compile(f"'*{FORMULA.pattern}")


def is_formula_like(text: str) -> bool:
    """Say whether a spreadsheet might take a text for a formula."""
    return FORMULA.match(text) is not None


def neutralised(text: str) -> str:
    """Return the text as it stands in a delimited file."""
    return "'" + text if TO_ESCAPE.match(text) else text


def restored(cell: str) -> str:
    """Return what `neutralised` was given."""
    return cell[1:] if cell[:1] == "'" and ESCAPED.match(cell) else cell
