"""The question of a broadcast, and a text that may answer it: heard as a menu that is open is heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from bot.content.book import ASK_KINDS, Book, Choice
from bot.conversation.engine import awake, speak_as, take
from bot.conversation.registry import EMPTY, Registry
from bot.conversation.session import Session, Turn
from bot.conversation.talk import Talk, chosen, here
from bot.conversation.understand import Reader

LIFE: Final = timedelta(hours=72)
"""So long a question stays open."""
ASKED_AFTER: Final = timedelta(days=2)
"""Who says yes to being asked how it went is asked on the second day after: within 72 hours of the yes (H6)."""


class Answered(NamedTuple):
    """What an answer led to, and the line that was chosen."""

    turn: Turn
    choice: Choice


def answered(
    book: Book,
    reader: Reader,
    session: Session,
    text: str,
    now: datetime,
    *,
    question: str,
    asked_at: datetime,
    registry: Registry = EMPTY,
) -> Answered | None:
    """The turn after an answer to the state `question`, asked at `asked_at`; None if the text is none.

    Emergencies, commands and orders are never answers; only a line of the question itself, word for word, may sound
    like danger (`the boss`). Once something else was said that has lines to choose from,
    a number chooses among those. The question itself is nothing to go BACK to: it was asked once.
    """
    state = book.states.get(question)
    if state is None or session.opted_out or not timedelta() <= now - asked_at <= LIFE:
        return None
    heard = reader.urgent(text)
    sure = heard is not None and (heard.topic != "sos" or heard.confidence == 1.0)
    if sure or reader.order(text) or not _latest(book, session, now, asked_at):
        return None
    talk = Talk(book, reader, text, now, session.at is None, registry)
    opened = awake(book, session, now)._replace(state=question, page=0, at=now, tool=None, given=())
    choice = chosen(talk, opened)
    if choice is None:
        return None
    turn = take(talk, speak_as(talk, opened), choice)
    trail = tuple(name for name in turn.session.trail if name != question)
    turn = replace(turn, session=turn.session._replace(trail=trail))
    if choice.means in ASK_KINDS:
        turn = replace(turn, days=((choice.means, here(now) + ASKED_AFTER),))
    return Answered(turn, choice)


def _latest(book: Book, session: Session, now: datetime, asked_at: datetime) -> bool:
    """Whether nothing that was said since leaves lines to choose from."""
    if session.at is None or session.at < asked_at:
        return True
    session = awake(book, session, now)
    state = book.states.get(session.state or "")
    return session.tool is None and (state is None or not state.choices)
