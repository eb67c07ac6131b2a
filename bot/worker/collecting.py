"""Fetch what gateways have that do not call us. What is kept here is taken from there, one event after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.channels import Channel, Polled
from bot.log import failure
from bot.protocol import DeliveryReport, Inbound, SendError
from bot.services import delivery, inbox, replies
from bot.services.rescue import rescue
from bot.store.errors import StoreError
from bot.worker.house import House

LONGEST: Final = 60.0
"""Seconds between two looks at a gateway that is away."""
MOST_SPOILT: Final = 1000


class Collector:
    """The thread of one gateway."""

    def __init__(self, house: House, channel: Channel, polled: Polled) -> None:
        self._house = house
        self._channel = channel
        self._polled = polled
        self._spoilt: set[str] = set()

    def run(self) -> None:
        """Fetch until everybody is to stop."""
        pause = 0.0
        self._house.pulse.fetched(self._channel.name)
        while not self._house.stopping.wait(pause):
            pause = self._polled.pause if self._round() else min(max(pause, self._polled.pause, 0.5) * 2, LONGEST)

    def _round(self) -> bool:
        """One look; False if the gateway is away or nothing can be kept."""
        pulse, name = self._house.pulse, self._channel.name
        try:
            self._take(self._polled.collect())
        except SendError as error:
            pulse.missed(name, str(error))
        except StoreError as error:
            pulse.missed(name, str(error))
        except Exception as error:  # noqa: BLE001 - a mistake in a gateway's file must not end the thread
            failure("not fetched", error)
            pulse.missed(name, type(error).__name__)
        else:
            pulse.fetched(name)
            return True
        return False

    def _take(self, events: Sequence[Inbound | DeliveryReport]) -> None:
        """Keep each and tell the gateway. One that cannot be kept for its own sake waits there; the others do not."""
        for event in events:
            if self._house.stopping.is_set():
                return
            try:
                self._keep(event)
            except StoreError:
                if isinstance(event, Inbound):
                    rescue(self._house.service, self._channel, event, self._channel.render)
                raise
            except Exception as error:  # noqa: BLE001 - a mistake with one text must not hold up the next person's
                self._spoil(event, error)
            else:
                self._polled.taken(event)

    def _spoil(self, event: Inbound | DeliveryReport, error: Exception) -> None:
        """Told once for each event; it comes again with every look."""
        if event.provider_id not in self._spoilt and len(self._spoilt) < MOST_SPOILT:
            self._spoilt.add(event.provider_id)
            failure("an event of a gateway was not kept", error)
            self._house.counts.fetched(self._channel.name, "spoilt")

    def _keep(self, event: Inbound | DeliveryReport) -> None:
        service, name = self._house.service, self._channel.name
        if isinstance(event, DeliveryReport):
            delivery.record(service, event)
            self._house.counts.fetched(name, "report")
            return
        received = inbox.receive(service, event, self._channel.render, inline=False)
        outcome = "duplicate" if received.duplicate else "muted" if received.muted else "answered"
        parts = sum(replies.parts(reply.text) for reply in received.replies) if outcome == "answered" else 0
        self._house.counts.fetched(name, outcome, parts)
