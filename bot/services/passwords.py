"""Passwords, hashed so that each guess costs time and memory: argon2id with 19 MiB and two passes (OWASP)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.services.staff_rules import Refused, Why

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_DESKS: Final = BoundedSemaphore(2)
"""So many are hashed at once: each takes a core and 19 MiB from those who text."""
_SEATS: Final = BoundedSemaphore(6)
"""So many threads are at a desk or wait for one; the others are for webhooks."""


@contextmanager
def seat() -> Iterator[None]:
    """A place to hash or to wait for it. Raises `Refused` if all are taken."""
    if not _SEATS.acquire(blocking=False):
        raise Refused(Why.BUSY)
    try:
        yield
    finally:
        _SEATS.release()


def hashed(password: str) -> str:
    """What is kept of a password. Only in a `seat`."""
    with _DESKS:
        return _HASHER.hash(_bytes(password))


def right(kept: str | None, password: str) -> bool:
    """Whether it is the password; as much work where there is none to compare it with. Only in a `seat`."""
    nobodys = _nobodys()
    with _DESKS:
        try:
            return _HASHER.verify(kept or nobodys, _bytes(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    """Whatever a browser sends."""
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    """The hash of a password that nobody knows."""
    return _HASHER.hash(secrets.token_urlsafe())
