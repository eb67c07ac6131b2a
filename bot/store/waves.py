"""Where a recipient stands in a broadcast: the country of the number, and the wave in which its turn comes."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from sqlalchemy import func, literal_column

from bot.store.tables import Contact

WAVES: Final = 20
"""A twentieth of everybody each. Wave 0 is the canary; of a small broadcast those after it are too."""

UNKNOWN_COUNTRY: Final = "ZZ"
"""The country of a number of which none is known."""

COUNTRY = func.coalesce(Contact.country, literal_column(f"'{UNKNOWN_COUNTRY}'"))
"""The country under which a contact is a recipient."""

_PRIME: Final = 999_983
"""Cubes modulo it are all different, and no product of two of its remainders leaves 64 bits."""

Whole = TypeVar("Whole", int, Any)


def wave(contact_id: Whole, broadcast_id: Whole) -> Whole:
    """The wave of a contact in a broadcast, by their ids alone: of numbers in Python and of columns in SQL.

    Ids that follow each other are spread as evenly as others, and each broadcast has a canary of other people.
    """
    mixed = (contact_id + broadcast_id % _PRIME) % _PRIME
    return mixed * mixed % _PRIME * mixed % _PRIME % WAVES
