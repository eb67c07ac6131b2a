"""What is known of how fast a broadcast can go: the gateway's rate, today's budgets, the watch over the first wave."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.channels import Traits
from bot.services import judging
from bot.services.budgets import Budgets, today
from bot.services.conductor import WATCH
from bot.services.forecast import Cost, Course
from bot.services.service import Service
from bot.store import spending


def course(
    service: Service,
    traits: Traits,
    budgets: Budgets,
    *,
    window: tuple[datetime, datetime],
    pace: int | None,
    cost: Cost,
) -> Course:
    """How the texts will go out. Raises `StoreError`."""
    now = service.clock()
    begins = max(window[0], now)
    day = today(service.now())
    rows = service.database.read(lambda tx: spending.of_day(tx, day)) if begins.date() == now.date() else []
    watched = timedelta(milliseconds=WATCH) if cost.people > judging.SMALL else timedelta(0)
    return Course(
        begins=begins,
        ends=window[1],
        rate=traits.rate,
        pace=pace,
        watched=watched,
        budgets=budgets,
        spent={country: parts for channel, country, parts in rows if channel == spending.ALL},
    )
