"""Lets a child process end when its parent does, however the parent ends."""

import ctypes
import os
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, ending: int) -> Callable[[], None]:
    """Return a `preexec_fn`: when the thread that started the child ends, the child gets this signal.

    It only makes system calls, so it is safe between fork and exec.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # loaded before the fork, called after it

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(ending), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arrange
