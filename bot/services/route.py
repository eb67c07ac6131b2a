"""Which gateway takes over the emergency answers of another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.gateways import paused
from bot.services.service import Service
from bot.store import gateways


@dataclass(frozen=True, slots=True)
class Route:
    """Gateways that can send, the best one for an emergency first."""

    names: Sequence[str]

    def besides(self, channel: str) -> bool:
        """Whether there is another gateway, should it be paused now."""
        return any(name != channel for name in self.names)

    def instead(self, service: Service, channel: str) -> str | None:
        """The first other gateway that is not paused. Raises `StoreError`."""
        others = [name for name in self.names if name != channel]
        if not others:
            return None
        now, known = service.now(), service.database.read(gateways.every)
        for name in others:
            if name not in known or not paused(known[name], now):
                return name
        return None
