"""A QR code as a picture inside a page: no file, no style of its own, sharp on paper."""

from base64 import b64encode

import qrcode
from qrcode.image.svg import SvgPathFillImage

QUIET_ZONE = 2  # modules around it; the page leaves white beside it too


def qr_picture(text: str) -> str:
    """Return the address (data:) of an SVG picture of a QR code that says the text."""
    image = qrcode.make(
        text, image_factory=SvgPathFillImage, border=QUIET_ZONE,
        error_correction=qrcode.constants.ERROR_CORRECT_M,
    )  # fmt: skip
    return f"data:image/svg+xml;base64,{b64encode(image.to_string()).decode()}"
