"""Ids, identity numbers and phone numbers, made by the million: valid in shape, nobody's in truth."""

import numpy as np
import numpy.typing as npt

from anlan.exercises.district.geometry import Ints

Days = npt.NDArray[np.datetime64]
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
CHECK_CHARACTERS = "10X98765432"
PHONE_PREFIX = "154"  # not assigned to any operator
PHONE_SPACE = 100_000_000
PHONE_STEP = 61_803_399  # odd and not a multiple of 5: walks through all eight-digit endings once
ID_EPOCH_MS = 1_767_225_600_000  # 2026-01-01, so that a seed gives the same ids at any time
IDS_PER_MS = 64


class Ids:
    """Version 7 UUIDs in order, the same for a seed."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.made = 0

    def take(self, count: int) -> list[str]:
        """Return the next ids as 32 hexadecimal digits each."""
        number = np.arange(self.made, self.made + count, dtype=np.uint64)
        self.made += count
        moment = np.uint64(ID_EPOCH_MS) + number // np.uint64(IDS_PER_MS)
        high = (
            (moment << np.uint64(16)) | np.uint64(0x7000) | (number % np.uint64(IDS_PER_MS)) << np.uint64(4)
        )
        low = self.rng.integers(0, 1 << 62, count, dtype=np.uint64) | np.uint64(1 << 63)
        text = np.column_stack((high, low)).astype(">u8").tobytes().hex()
        return [text[index : index + 32] for index in range(0, 32 * count, 32)]


def identity_numbers(district_code: str, birth_on: Days, is_male: Ints) -> list[str]:
    """Return one valid, different 18-character number a person; at most 499 of one sex share a birth day."""
    days = birth_on.astype("datetime64[D]")
    group = days.astype(np.int64) * 2 + is_male
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.searchsorted(ordered, ordered, side="left")
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - first
    if len(rank) and rank.max() > 498:
        raise ValueError("more people of one sex born on one day than there are numbers")
    sequence = 2 * rank + np.where(is_male == 1, 1, 2)
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    months = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    in_month = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    body = ((int(district_code) * 10_000 + years) * 10_000 + months * 100 + in_month) * 1000 + sequence
    total = np.zeros_like(body)
    for position, weight in enumerate(CHECK_WEIGHTS):
        total += body // 10 ** (16 - position) % 10 * weight
    return [
        f"{number}{CHECK_CHARACTERS[rest]}"
        for number, rest in zip(body.tolist(), (total % 11).tolist(), strict=True)
    ]


def phone_numbers(rng: np.random.Generator, count: int) -> list[str]:
    """Return different numbers of a range no operator has."""
    start = int(rng.integers(PHONE_SPACE))
    endings = (start + np.arange(count, dtype=np.int64) * PHONE_STEP) % PHONE_SPACE
    return [f"{PHONE_PREFIX}{ending:08d}" for ending in endings.tolist()]
