"""Brings the characters of a name into one form: traditional, variant and simplified ones meet.

Only to find and compare; what is stored and shown is what stands on the person's card (docs/decisions/0051).
"""

from functools import lru_cache

from opencc import OpenCC

from anlan.people.rules import plain_name

# Variants met in names that are no traditional forms; the last of each word is the standard one. Some are
# standard again since 2013, for names alone, and are still taken for each other at a desk.
_FIRST_TABLE = (  # First Table of Variant Characters (1955)
    "昇陞升 喆哲 甯宁 邨村 仝同 堃坤 犇奔 菓果 燿耀 珎珍 畧略 烱炯 昻昂 叡睿 濬浚 "
    "嵒巗岩 崐崑昆 淼渺 晳皙 迺乃 脩修 龢和 絜洁 儁俊 煇辉 翺翱 琍璃 稺稚 臯皐皋 "
    "濶阔 緜绵 冨富 羣群 峩峨 蘓甦苏 僊仙 栢柏 桒桑 衞卫"
)
# Printed so before the reform of type, and typed so still.
_OLD_TYPE = "靑青 淸清 尙尚 呉吴 戸户 髙高 囯国 寗寕宁 逹达"
VARIANTS = {one: word[-1] for word in f"{_FIRST_TABLE} {_OLD_TYPE}".split() for one in word[:-1]}


@lru_cache(maxsize=20_000)
def folded(name: str) -> str:
    """Return a name as it is compared, each character in its simplified, standard form."""
    return "".join(_standard(character) for character in plain_name(name))


@lru_cache(maxsize=20_000)
def _standard(character: str) -> str:
    return VARIANTS.get(character) or _simplifier().convert(character)


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")
