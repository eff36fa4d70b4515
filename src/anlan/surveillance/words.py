"""Words of the pack in the language of the page."""

from django.utils.translation import get_language

from anlan.foundation.packs import Text


def own_words(text: Text) -> str:
    """Return a text of the pack in the language of the page."""
    return text.en if get_language() == "en" else text.zh
