"""What the tests of the tools share: the real content, two campaigns, and a phone that texts once a minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from stories.stage import words

from bot.conversation.engine import step
from bot.conversation.registry import Campaign, Registry
from bot.conversation.session import Session, Turn

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BOOK, READER = words()
REGISTRY = Registry(
    campaigns={code: Campaign(code, "", phase) for code, phase in (("KYA12", "before"), ("KYA13", "after"))}
)


def turns(*texts: str, after: timedelta = timedelta(minutes=1), **known: object) -> Iterator[Turn]:
    """Every turn of a talk."""
    session = Session(**{"home": "KH", "language": "en", "at": NOW, **known})
    for text in texts:
        turn = step(BOOK, READER, session, text, (session.at or NOW) + after, registry=REGISTRY)
        session = turn.session
        yield turn


def last(*texts: str, **known: object) -> Turn:
    """The last turn of a talk."""
    return list(turns(*texts, **known))[-1]


def text(*texts: str, **known: object) -> str:
    """The last answer of a talk."""
    return last(*texts, **known).replies[0].text
