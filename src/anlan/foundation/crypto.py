"""Encrypt single fields and make the keyed hashes by which they are found (SAFETY.md rule 23).

A value is: suite id (1 byte), key id (2 bytes), nonce (12), ciphertext with tag. The suites are `aes`
(AES-256-GCM, HMAC-SHA-256) and `sm` (SM4-GCM, HMAC-SM3); settings.CRYPTO_SUITE says which one new values
use, the first byte which one an old value did. `context` (say "people.Resident.phone") is bound to the
value: moved into another field it does not open.
"""

import hmac
import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings

from anlan.foundation.keyring import SECRET_BYTES, SUITES, Keyring, read_keyring

AES, SM = SUITES["aes"], SUITES["sm"]
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = 3
HASH_BYTES = 16  # a truncated HMAC keeps at least half of its bits (RFC 2104 section 5)
DATA_KEY_ID = 0  # encrypted with a key of its own, which is stored wrapped elsewhere


class CannotDecrypt(ValueError):
    """The value is altered, belongs to another field, or its key is gone."""


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class _Sm4Gcm:
    """SM4-GCM behind the same two verbs as AESGCM."""

    def __init__(self, key: bytes) -> None:
        self.cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        encryptor = Cipher(self.cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        body, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        decryptor = Cipher(self.cipher, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(body) + decryptor.finalize()


def encrypt(text: str, *, context: str = "") -> bytes:
    """Encrypt a text for the database."""
    return encrypt_bytes(text.encode(), context=context)


def decrypt(blob: bytes, *, context: str = "") -> str:
    """Return the text of an encrypted value; raise CannotDecrypt."""
    return decrypt_bytes(blob, context=context).decode()


def encrypt_bytes(plain: bytes, *, context: str = "") -> bytes:
    """Encrypt bytes for the database or a file."""
    ring = _keyring()
    suite = SUITES[settings.CRYPTO_SUITE]
    return _seal(_field_cipher(suite, ring.secrets[ring.current]), suite, ring.current, plain, context)


def decrypt_bytes(blob: bytes, *, context: str = "") -> bytes:
    """Return the bytes of an encrypted value; raise CannotDecrypt."""
    blob = bytes(blob)
    suite, key_id = blob[0] if blob else 0, key_id_of(blob)
    secret = _keyring().secrets.get(key_id)
    if secret is None:
        forget_cached_keys()  # another process may have rotated
        secret = _keyring().secrets.get(key_id)
    if secret is None:
        raise CannotDecrypt(f"no key {key_id}")
    return _open(_field_cipher(suite, secret), blob, context)


def encrypt_many(texts: Iterable[str | None], *, context: str = "") -> list[bytes | None]:
    """Encrypt many values of one field; None and the empty text become None."""
    ring = _keyring()
    suite = SUITES[settings.CRYPTO_SUITE]
    cipher = _field_cipher(suite, ring.secrets[ring.current])
    header = bytes((suite,)) + ring.current.to_bytes(2, "big")
    bound = header + context.encode()
    rows = list(texts)
    nonces = memoryview(os.urandom(NONCE_BYTES * len(rows)))
    sealed: list[bytes | None] = []
    for index, text in enumerate(rows):
        if not text:
            sealed.append(None)
            continue
        nonce = bytes(nonces[index * NONCE_BYTES : (index + 1) * NONCE_BYTES])
        sealed.append(header + nonce + cipher.encrypt(nonce, text.encode(), bound))
    return sealed


def decrypt_many(blobs: Iterable[bytes | memoryview | None], *, context: str = "") -> list[str | None]:
    """Return the texts of many values of one field, None for None; raise CannotDecrypt."""
    bound: dict[bytes, tuple[_Aead, bytes]] = {}  # by suite and key
    plain: list[str | None] = []
    for blob in blobs:
        if blob is None:
            plain.append(None)
            continue
        sealed = bytes(blob)
        header = sealed[:HEADER_BYTES]
        if header not in bound:
            plain.append(decrypt(sealed, context=context))  # makes sure of the key
            cipher = _field_cipher(header[0], _keyring().secrets[key_id_of(sealed)])
            bound[header] = cipher, header + context.encode()
            continue
        cipher, facts = bound[header]
        begin = HEADER_BYTES + NONCE_BYTES
        try:
            plain.append(cipher.decrypt(sealed[HEADER_BYTES:begin], sealed[begin:], facts).decode())
        except InvalidTag as error:
            raise CannotDecrypt("altered, or of another field") from error
    return plain


def lookup_hash(kind: str, text: str) -> bytes:
    """Return the keyed hash by which an encrypted value is found again.

    Kinds ("id", "phone", "tail"…) are kept apart: equal texts of two kinds have different hashes. The caller
    normalises the text first (identity_numbers).
    """
    return _hasher(kind)(text)


def lookup_many(kind: str, texts: Iterable[str | None]) -> list[bytes | None]:
    """Return the keyed hashes of many texts; None and the empty text become None."""
    hashed = _hasher(kind)
    return [hashed(text) if text else None for text in texts]


def keyed_digest(kind: str, content: bytes) -> bytes:
    """Return the keyed hash of a file's content: equal contents meet, an outsider cannot test for one."""
    ring = _keyring()
    mac = _lookup_base(ring.lookup_suite, ring.lookup_secret, kind).copy()
    mac.update(content)
    return bytes((ring.lookup_suite,)) + mac.finalize()


def new_data_key() -> bytes:
    """Make a key for one body of data (an event file) and return it wrapped, ready to be stored.

    Destroying the wrapped key, and every backup of it, makes all that was encrypted with it unreadable.
    """
    return encrypt_bytes(os.urandom(SECRET_BYTES), context="data key")


def encrypt_with(wrapped: bytes, text: str, *, context: str = "") -> bytes:
    """Encrypt a text with a wrapped data key."""
    suite = SUITES[settings.CRYPTO_SUITE]
    cipher = _make_cipher(suite, decrypt_bytes(wrapped, context="data key"))
    return _seal(cipher, suite, DATA_KEY_ID, text.encode(), context)


def decrypt_with(wrapped: bytes, blob: bytes, *, context: str = "") -> str:
    """Return the text of a value that was encrypted with a wrapped data key; raise CannotDecrypt."""
    blob = bytes(blob)
    if key_id_of(blob) != DATA_KEY_ID:
        raise CannotDecrypt("not encrypted with a data key")
    cipher = _make_cipher(blob[0], decrypt_bytes(wrapped, context="data key"))
    return _open(cipher, blob, context).decode()


def key_id_of(blob: bytes) -> int:
    """Return the number of the key that a value was encrypted with; raise CannotDecrypt."""
    if len(blob) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES or blob[0] not in (AES, SM):
        raise CannotDecrypt("not an encrypted value")
    return int.from_bytes(blob[1:HEADER_BYTES], "big")


def forget_cached_keys() -> None:
    """Read the keyring again at the next use."""
    _read_keyring.cache_clear()
    _field_cipher.cache_clear()
    _lookup_base.cache_clear()


def _keyring() -> Keyring:
    return _read_keyring(settings.KEYS_DIR)


@lru_cache(maxsize=4)
def _read_keyring(folder: Path) -> Keyring:
    return read_keyring()


@lru_cache(maxsize=64)
def _field_cipher(suite: int, secret: bytes) -> _Aead:
    return _make_cipher(suite, secret)


def _make_cipher(suite: int, secret: bytes) -> _Aead:
    if suite == AES:
        return AESGCM(_derive(secret, "field aes-256-gcm"))
    if suite == SM:
        return _Sm4Gcm(_derive(secret, "field sm4-gcm")[:16])
    raise CannotDecrypt(f"no suite {suite}")


def _derive(secret: bytes, use: str) -> bytes:
    return hmac.digest(secret, use.encode(), "sha256")


def _seal(cipher: _Aead, suite: int, key_id: int, plain: bytes, context: str) -> bytes:
    header = bytes((suite,)) + key_id.to_bytes(2, "big")
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + cipher.encrypt(nonce, plain, header + context.encode())


def _open(cipher: _Aead, blob: bytes, context: str) -> bytes:
    header, nonce = blob[:HEADER_BYTES], blob[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    try:
        return cipher.decrypt(nonce, blob[HEADER_BYTES + NONCE_BYTES :], header + context.encode())
    except InvalidTag as error:
        raise CannotDecrypt("altered, or of another field") from error


def _hasher(kind: str) -> Callable[[str], bytes]:
    ring = _keyring()
    base = _lookup_base(ring.lookup_suite, ring.lookup_secret, kind)
    suite = bytes((ring.lookup_suite,))

    def hashed(text: str) -> bytes:
        mac = base.copy()
        mac.update(text.encode())
        return suite + mac.finalize()[:HASH_BYTES]

    return hashed


@lru_cache(maxsize=64)
def _lookup_base(suite: int, secret: bytes, kind: str) -> HMAC:
    algorithm = hashes.SHA256() if suite == AES else hashes.SM3()
    return HMAC(_derive(secret, f"lookup {kind}"), algorithm)
