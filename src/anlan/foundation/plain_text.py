"""What may stand in a name or a note: no control characters, which no page shows and no database keeps."""

import re

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def has_control(text: str) -> bool:
    """Say whether a text holds control characters other than tab, new line and carriage return."""
    return CONTROL.search(text) is not None
