"""The closed list of what can go wrong in the store."""

from __future__ import annotations


class StoreError(Exception):
    """Nothing of what was asked has been kept. A later try may work, so a gateway is answered 503."""


class Busy(StoreError):
    """The database was held by somebody else for longer than the wait allows."""


class Unwritten(StoreError):
    """The database refused the work or its commit: disk full, disk broken, connection lost."""


class Unusable(Exception):
    """The store cannot be opened as it is. The text says what is wrong and what to do, for whoever starts Phlov."""
