"""Keyed hashes to look rows up by and sealed values to keep in them; the key stays outside the database."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.store.errors import Unusable
from bot.store.files import make_directory, sync_directory

KEY_BYTES = 32
KEY_FILE = "master.key"
NONCE_BYTES = 12
GENERATION = b"\x01"
"""First byte of every sealed value: which key sealed it, for the day the key is changed."""


class Unsealable(Exception):
    """A sealed value does not open: another key, another row, or a damaged byte."""


_nonces: list[bytes] = []
"""Random nonces not used yet, drawn many at a time; `pop` gives each to one caller only."""
os.register_at_fork(after_in_child=_nonces.clear)  # or parent and child would seal with the same ones


def _nonce() -> bytes:
    while True:
        try:
            return _nonces.pop()
        except IndexError:
            drawn = os.urandom(256 * NONCE_BYTES)
            _nonces.extend(drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES))


class Vault:
    """Seals and looks up under one master key of 32 bytes, from which separate keys are derived (HKDF)."""

    def __init__(self, key: bytes) -> None:
        # Copied for each value: `hmac.digest` lets go of the interpreter each time, and is long waited for under load.
        self._lookup = hmac.new(_derive(key, b"lookup"), digestmod="sha256")
        self._cipher = AESGCM(_derive(key, b"seal"))

    def number_key(self, e164: str) -> bytes:
        """16 bytes that stand for a number; nobody without the key can try numbers out (D2)."""
        return self._hash(b"number\0" + e164.encode())[:16]

    def provider_key(self, channel: str, provider_id: str) -> bytes:
        """16 bytes that stand for one text of one gateway, for ever."""
        said = f"provider\0{channel}\0{provider_id}"
        return self._hash(said.encode("utf-8", "surrogatepass"))[:16]

    def keyed(self, purpose: str, said: bytes) -> bytes:
        """32 bytes that nobody without the key can make of this, or make this of."""
        return self._hash(b"%b\0%b" % (purpose.encode(), said))

    def seal(self, value: bytes, purpose: str, row: int) -> bytes:
        """AES-GCM; the result opens only for the same purpose and row."""
        nonce = _nonce()
        return GENERATION + nonce + self._cipher.encrypt(nonce, value, b"%b:%d" % (purpose.encode(), row))

    def open(self, sealed: bytes, purpose: str, row: int) -> bytes:
        """The value sealed for this purpose and row; raises `Unsealable`."""
        nonce, box = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, box, b"%b:%d" % (purpose.encode(), row))
        except (InvalidTag, ValueError) as error:
            raise Unsealable(f"a sealed value ({purpose}) does not open with this key") from error

    def fingerprint(self) -> int:
        """63 bits that tell this key from another; they say nothing about the key."""
        return int.from_bytes(self._hash(b"fingerprint")[:8]) >> 1

    def _hash(self, said: bytes) -> bytes:
        keyed = self._lookup.copy()
        keyed.update(said)
        return keyed.digest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"phlov " + purpose).derive(key)


def decode_key(text: str) -> bytes:
    """The 32 bytes written in base64; raises `Unusable`."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unusable("PHLOV_MASTER_KEY is not base64; make one with: openssl rand -base64 32") from error
    if len(key) != KEY_BYTES:
        raise Unusable(f"PHLOV_MASTER_KEY holds {len(key)} bytes, not 32; make one with: openssl rand -base64 32")
    return key


def read_key(data_dir: Path) -> bytes | None:
    """The key kept in `master.key`, or None if there is no such file. A file others can read is refused."""
    path = data_dir / KEY_FILE
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if mode & 0o077:
        raise Unusable(f"{path} can be read by others on this machine; do: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Unusable(f"{path} holds {len(key)} bytes, not 32; put the right key back from your backup")
    return key


def make_key(data_dir: Path) -> bytes:
    """Write a new key, mode 0600, never over an old one; it is on the disk when this returns."""
    make_directory(data_dir)
    key = os.urandom(KEY_BYTES)
    handle, name = tempfile.mkstemp(dir=data_dir, prefix=f".{KEY_FILE}.")  # mode 0600
    draft = Path(name)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, data_dir / KEY_FILE)  # fails if another process was first; half a key is never seen
    except FileExistsError:
        key = read_key(data_dir) or key
    finally:
        draft.unlink()
    sync_directory(data_dir)
    return key
