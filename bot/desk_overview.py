"""What a broadcast costs and when everybody has it, as far as can be told now: before it is handed in, and approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bot.desk_preview import cost_table, people, times

if TYPE_CHECKING:
    from bot.channels import Traits
    from bot.config import Settings
    from bot.services.audience import Preview
    from bot.services.forecast import Cost, Schedule
    from bot.services.service import Service
    from bot.store.broadcasts import Known


def foreseen(
    service: Service,
    chosen: Settings,
    seen: Preview,
    parts: Mapping[str, int],
    *,
    traits: Traits,
    window: tuple[datetime, datetime],
    pace: int | None,
) -> tuple[Cost, Schedule]:
    """The cost of texts with so many parts to these people, and the time they take. Raises `StoreError`."""
    from bot.services import forecast
    from bot.services.budgets import Budgets
    from bot.services.planning import course

    cost = forecast.cost(service.prices, seen.groups, parts)
    budgets = Budgets(chosen.budget_day, chosen.budget_country, frozenset(service.book.countries))
    return cost, forecast.schedule(cost, course(service, traits, budgets, window=window, pace=pace, cost=cost))


def lines(service: Service, chosen: Settings, known: Known) -> Iterator[str]:
    """The same of one that is kept already, for whoever is to agree to it. Raises `StoreError`."""
    from bot.channels import Traits
    from bot.channels.kinds import wire
    from bot.services.audience import Audience, preview
    from bot.store import broadcasts as store
    from bot.store.times import moment

    seen = preview(service, known.campaign, Audience.loads(known.audience), service.now(), known.id)
    texts = service.database.read(lambda tx: store.texts(tx, known.id))
    gateway = wire(chosen).get(known.channel)
    window = moment(known.starts_at), moment(known.ends_at)
    parts = {text.language: text.parts for text in texts}
    traits = gateway.traits if gateway else Traits()
    cost, schedule = foreseen(service, chosen, seen, parts, traits=traits, window=window, pace=known.pace)
    yield f"If it is sent now, it goes to {people(seen.recipients)}:"
    yield from cost_table(cost)
    yield from times(schedule, window[1])
