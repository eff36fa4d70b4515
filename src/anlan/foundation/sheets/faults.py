"""Why a table cannot be read, as a plain code that the child process can send to its parent."""

from typing import Any


class Fault(Exception):
    """Say by a stable code what is wrong; `values` fill the sentence that `refusals` has for it."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(code)
