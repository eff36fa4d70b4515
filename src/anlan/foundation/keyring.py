"""The secrets of this installation: a file beside the data, never in the database, old keys kept readable."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from anlan.foundation.clock import utc_now

SUITES = {"aes": 1, "sm": 2}
SECRET_BYTES = 32
KEYRING_FILE = "keyring.json"


class KeyMissing(RuntimeError):
    """A value names a key that this installation does not hold: destroyed, or from elsewhere."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every secret by its number, the number new values use, and what look-up hashes are made with."""

    secrets: dict[int, bytes]
    current: int
    lookup_secret: bytes
    lookup_suite: int  # fixed at first use: changing it would lose every stored hash
    made_at: dict[int, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Keyring":
        """Read the stored form."""
        return cls(
            secrets={int(key["id"]): bytes.fromhex(key["secret"]) for key in stored["keys"]},
            current=int(stored["current"]),
            lookup_secret=bytes.fromhex(stored["lookup"]["secret"]),
            lookup_suite=int(stored["lookup"]["suite"]),
            made_at={int(key["id"]): key["made_at"] for key in stored["keys"]},
        )

    def as_json(self) -> dict[str, Any]:
        """Return the form that is stored."""
        return {
            "current": self.current,
            "keys": [
                {"id": number, "made_at": self.made_at.get(number, ""), "secret": secret.hex()}
                for number, secret in sorted(self.secrets.items())
            ],
            "lookup": {"suite": self.lookup_suite, "secret": self.lookup_secret.hex()},
        }


def keyring_path() -> Path:
    """Return where the keyring lies."""
    return Path(settings.KEYS_DIR) / KEYRING_FILE


def read_keyring() -> Keyring:
    """Return the keyring, making it at first use."""
    path = keyring_path()
    if not path.exists():
        with _locked():
            if not path.exists():
                _write(_new_keyring())
    return Keyring.from_json(json.loads(path.read_text()))


def add_key() -> int:
    """Make a new key the one that new values use, and return its number; older keys still read."""
    read_keyring()
    with _locked():
        ring = read_keyring()
        number = max(ring.secrets) + 1
        ring.secrets[number] = secrets.token_bytes(SECRET_BYTES)
        ring.made_at[number] = utc_now().isoformat()
        _write(Keyring(ring.secrets, number, ring.lookup_secret, ring.lookup_suite, ring.made_at))
    return number


def destroy_key(number: int) -> None:
    """Forget an old key: whatever still uses it can never be read again."""
    read_keyring()
    with _locked():
        ring = read_keyring()
        if number == ring.current:
            raise ValueError("the key in use cannot be destroyed")
        if number not in ring.secrets:
            raise KeyMissing(f"key {number} is not in {keyring_path()}")
        del ring.secrets[number]
        ring.made_at.pop(number, None)
        _write(ring)


def _new_keyring() -> Keyring:
    return Keyring(
        secrets={1: secrets.token_bytes(SECRET_BYTES)},
        current=1,
        lookup_secret=secrets.token_bytes(SECRET_BYTES),
        lookup_suite=SUITES[settings.CRYPTO_SUITE],
        made_at={1: utc_now().isoformat()},
    )


def _write(ring: Keyring) -> None:
    """Replace the file whole and durably: half a keyring would lose everything."""
    path = keyring_path()
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(ring.as_json(), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _locked() -> Iterator[None]:
    """Let one process at a time make or change keys."""
    folder = keyring_path().parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "keyring.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
