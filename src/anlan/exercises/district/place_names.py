"""Names of places out of the pack's words: ordinals, and a community's name as often as one is needed."""

from anlan.exercises.pack import Institution, Place, VehicleLine

ORDINALS = "一二三四五六七八九十"


def ordinal(number: int) -> str:
    """Return a number from 1 to 999 in Chinese."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{ORDINALS[hundreds - 1]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else ORDINALS[tens - 1]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (ORDINALS[ones - 1] if ones else "")


def community_names(place: Place) -> list[str]:
    """Return every name a community of the place may take: each stem with each ending."""
    return [stem + ending for ending in place.community_endings for stem in place.community_names]


def without_ending(name: str) -> str:
    """Return the name of a community without what says that it is one."""
    return name.removesuffix("社区").removesuffix("村")


def unit_name(line: Institution, number: int, district: str, area: str, short: str) -> str:
    """Return the name of the institution with this number (from 1) of a line, after its pattern."""
    return line.name.format(
        district=district,
        area=area,
        short=short,
        ordinal=ordinal(number),
        number=number,
        word=line.words[(number - 1) % len(line.words)] if line.words else "",
    )


def vehicle_name(line: VehicleLine, number: int, district: str, facility: str) -> str:
    """Return what the vehicle with this number (from 1) of a line is called, after its pattern."""
    return line.name.format(district=district, facility=facility, number=number)
