"""The outbox as the tests see it."""

from sqlalchemy import select

from bot.store.statements import Statement
from bot.store.tables import Outbound

ROWS = Statement(lambda _: select(Outbound.id, Outbound.state, Outbound.channel).order_by(Outbound.id))
