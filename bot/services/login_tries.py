"""How often somebody may try to come in: few wrong passwords for a name, and few tries from an address.

After five wrong tries a name is locked for a minute, and longer after each further one. Who came in by a name from an
address before has tries of their own there: a stranger who keeps guessing locks the name, not them.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

from bot.services.service import Service
from bot.services.staff_rules import MINUTE, Refused, Why
from bot.store import staff as store
from bot.store.database import Tx
from bot.store.staff import Tried
from bot.store.times import DAY

FREE: Final = 5
"""Wrong tries before the first lock."""
LOCKS: Final[Sequence[int]] = tuple(minutes * MINUTE for minutes in (1, 2, 4, 8, 15))
FORGOTTEN: Final = DAY
"""After so long without a try nothing is held against a name."""
KNOWN: Final = 30 * DAY
"""So long an address is known as somebody's."""
GAP: Final = 4_000
BURST: Final = 15
"""From one address come so many tries at once, then one a `GAP`: 30 in any minute."""
MOST: Final = 1_000


class Keys(NamedTuple):
    """By what tries are counted: the name, the address, and both. None of them can be read back."""

    name: bytes
    address: bytes
    both: bytes


def keys(service: Service, folded: str, address: str) -> Keys:
    """By what a try is counted."""
    place, keyed = _place(address), service.vault.keyed
    return Keys(
        keyed("try name", folded.encode("utf-8", "surrogatepass")),
        keyed("try address", place.encode("utf-8", "surrogatepass")),
        keyed("try both", f"{place}\0{folded}".encode("utf-8", "surrogatepass")),
    )


def count_address(tx: Tx, key: bytes, now: int) -> None:
    """A try from an address. Raises `Refused` if there were too many."""
    tx.alone(key)
    known = store.tried(tx, key)
    ahead = known.at - now if known else 0
    if not 0 < ahead <= BURST * GAP:  # quiet for long, or the clock was set back
        ahead = 0
    if ahead > (BURST - 1) * GAP:
        raise Refused(Why.WAIT, ahead - (BURST - 1) * GAP)
    store.keep_tried(tx, key, Tried(0, now + ahead + GAP, 0))


def count_name(tx: Tx, tried: Keys, now: int) -> int:
    """A try that counts as wrong until it was right; for how long the name is locked if it is. Raises `Refused`."""
    bucket = _bucket(tx, tried, now)
    known = store.tried(tx, bucket) or Tried(0, now, 0)
    wait = known.locked_until - now
    if 0 < wait <= LOCKS[-1]:
        raise Refused(Why.WAIT, wait)
    tries = min(known.tries + 1, MOST) if abs(now - known.at) < FORGOTTEN else 1
    lock = LOCKS[min(tries - FREE, len(LOCKS) - 1)] if tries >= FREE else 0
    store.keep_tried(tx, bucket, Tried(tries, now, now + lock if lock else 0))
    return lock


def forgive(tx: Tx, tried: Keys, now: int) -> None:
    """They came in: nothing is held against them, and from there they are known."""
    if _bucket(tx, tried, now) == tried.name:
        store.keep_tried(tx, tried.name, Tried(0, now, 0))
    store.keep_tried(tx, tried.both, Tried(0, now, 0))


def _bucket(tx: Tx, tried: Keys, now: int) -> bytes:
    """Where wrong tries are counted: of the name, or of the name from an address where they came in before."""
    both = store.tried(tx, tried.both)
    return tried.both if both is not None and abs(now - both.at) < KNOWN else tried.name


def _place(address: str) -> str:
    """An address, or the network that one customer has of a provider."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return address.strip()
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)
