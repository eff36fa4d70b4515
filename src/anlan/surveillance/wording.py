"""What a product may say: its «places» filled, and what must not be said found before it is signed."""

import re
from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.masks import SMALL_COUNT
from anlan.surveillance.rules import OPEN_PLACE

NUMBER = r"(?<![\d.十百千万一二三四五六七八九])(\d+|[一二两三四])\s*"
ILL = "病|感染|呕吐|腹泻|发热|出疹|住院|死亡|ill|sick|admitted|died"
CASES = re.compile(rf"{NUMBER}(?:例|cases?\b)", re.IGNORECASE)
PATIENTS = re.compile(
    rf"{NUMBER}(?:个|人|名|位|persons?|people|pupils?|child(?:ren)?)[^，。；,.;]{{0,8}}?(?:{ILL})",
    re.IGNORECASE,
)
WRITTEN = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
IDENTITY_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
DOOR = re.compile(r"\d+\s*(?:号楼|幢|栋|单元|室)")


def places_of(templates: Iterable[str]) -> list[str]:
    """Return the names of all places of these templates, each once, in the order they come."""
    return list(dict.fromkeys(name for template in templates for name in OPEN_PLACE.findall(template)))


def filled(template: str, known: Mapping[str, str]) -> str:
    """Write what is known into the places; those without words stay open."""
    return OPEN_PLACE.sub(lambda found: known.get(found[1], "").strip() or found[0], template)


def must_not_be_said(text: str, names: Mapping[str, str | Promise]) -> list[str | Promise]:
    """Return a sentence for each thing a text says that no product may say.

    `names` are words to be kept out (a diagnosis, a class, a unit), each with the sentence to answer.
    """
    found: list[str | Promise] = []
    numbers = [*CASES.findall(text), *PATIENTS.findall(text)]
    if any(0 < (WRITTEN.get(number) or int(number)) < SMALL_COUNT for number in numbers):
        found.append(_("不得写出小于 5 的人数。"))
    if IDENTITY_NUMBER.search(text):
        found.append(_("不得写出身份证号。"))
    if DOOR.search(text):
        found.append(_("不得写出楼栋、单元或门牌。"))
    said = text.casefold()
    return [*found, *(sentence for word, sentence in names.items() if word and word.casefold() in said)]
