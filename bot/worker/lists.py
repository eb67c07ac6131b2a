"""Lists of people that staff gave to a page are looked through and taken in, beside everything else."""

from __future__ import annotations

from bot.log import failure
from bot.services import discarding
from bot.store import uploads
from bot.store.errors import StoreError
from bot.worker.house import House


class Lists:
    """What is to be done with them, as long as the database can be asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._well = True

    def round(self) -> None:
        """One round. That it fails is told once; the next goes on where it was."""
        service = self._house.service
        try:
            discarding.forget_old(service)
            if service.database.read(uploads.to_do):
                from bot.services import uploads as lists  # noqa: PLC0415 - where nobody brings lists none of it is needed

                lists.round(service, self._house.stopping.is_set)
            self._well = True
        except StoreError as error:
            if self._well:
                failure("lists not taken in", error)
            self._well = False
