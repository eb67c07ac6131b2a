"""Where a list goes while it comes in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Final

from bot.services.service import Service
from bot.store.crypto import Vault

LARGEST: Final = 64_000_000
"""Bytes of a list."""
PIECE: Final = 1 << 17
PACKED: Final = b"PK\x03\x04"
"""How an XLSX begins."""


class Incoming:
    """Where a list goes while it comes in: sealed, in pieces, into a file without a name. Never more than a piece of it
    is unsealed in memory."""

    def __init__(self, service: Service) -> None:
        self.id = service.database.new_id(service.now())
        self.size = 0
        self.parts = 0
        self.packed = False
        self._vault: Vault = service.vault
        self._piece = bytearray()
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with it

    def write(self, content: bytes) -> int:
        """More of it."""
        if not self.parts and len(self._piece) < len(PACKED):
            self.packed = (bytes(self._piece) + content).startswith(PACKED)
        self._piece += content
        self.size += len(content)
        while len(self._piece) >= PIECE:
            self._seal(PIECE)
        return len(content)

    def seek(self, place: int, whence: int = 0) -> int:
        """All of it has come."""
        if self._piece:
            self._seal(PIECE)
        return self._file.seek(place, whence)

    def sealed(self) -> Iterator[bytes]:
        """The parts as they are kept."""
        self.seek(0)
        while head := self._file.read(4):
            yield self._file.read(int.from_bytes(head))

    def close(self) -> None:
        """Nothing of it stays here."""
        self._file.close()

    def _seal(self, size: int) -> None:
        sealed = self._vault.seal(bytes(self._piece[:size]), purpose(self.parts), self.id)
        del self._piece[:size]
        self._file.write(len(sealed).to_bytes(4) + sealed)
        self.parts += 1


def purpose(part: int) -> str:
    """What a part is sealed for."""
    return f"upload:{part}"
