"""Python under libfaketime, which spoils clock_nanosleep and with it time.sleep: sleep by select instead."""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep  # type: ignore[assignment]
