"""The daily brief as a PDF, set by typst from the same figures as the page."""

import json
from pathlib import Path
from typing import Any

import typst

TEMPLATE = Path(__file__).parent / "brief.typ"
FONTS = Path(__file__).parent / "fonts"  # put there by the frontend's build


def brief_pdf(words: dict[str, Any]) -> bytes:
    """Return the PDF of a brief's words and figures (`brief_words`); reads no system font and no network."""
    made: bytes = typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"brief": json.dumps(words, ensure_ascii=False, default=str)},
    )
    return made
