"""The tools of the conversation: what takes more than one text, or computes its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.conversation.agencies import AgencyCheck, name_order
from bot.conversation.cover import Cover
from bot.conversation.depart import Depart
from bot.conversation.join import Join
from bot.conversation.loan import LoanSum
from bot.conversation.offer import OfferCheck
from bot.conversation.orders import Order
from bot.conversation.quiz import Quiz
from bot.conversation.session import Session, Turn
from bot.conversation.talk import Talk, chosen
from bot.conversation.understand import Understanding
from bot.text.khmer import has_khmer

AFTER_STOP = frozenset({"join"})
"""Tools that answer a person who said STOP, if only to say how to come back."""

CODED = frozenset({"depart", "join", "quiz"})
"""Tools whose command is copied from a banner, in whatever letters stand there."""


class Tool(Protocol):
    """One tool. Its states are called after it; `Session.given` holds the answers so far, in words of its own."""

    @property
    def name(self) -> str: ...

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:
        """The first answer to an order, `rest` being what follows the word; None if the text is no order after all."""

    def answer(self, talk: Talk, session: Session) -> Turn | None:
        """The answer to a text while the tool is open; None if the text is no answer, which closes the tool."""

    def again(self, talk: Talk, session: Session) -> Turn | None:
        """What was said last once more, as in another language; None if it cannot be said again."""


ALL: tuple[Tool, ...] = (AgencyCheck(), Cover(), Depart(), Join(), LoanSum(), OfferCheck(), Quiz())

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in ALL}


def serve(talk: Talk, session: Session) -> Turn | None:
    """The answer of a tool that the text calls, else of the one that is open; None if neither has one."""
    order = talk.reader.order(talk.text) or name_order(talk)
    tool = TOOLS.get(order.name) if order else None
    if session.opted_out and not talk.screen and (tool is None or tool.name not in AFTER_STOP):
        return None
    if order and tool and (turn := tool.begin(talk, spoken(talk, session, order), order.rest)):
        return turn
    tool = TOOLS.get(session.tool or "")
    return tool.answer(talk, spoken(talk, session, None)) if tool else None


def may_serve(talk: Talk, session: Session, heard: Understanding | None) -> bool:
    """Whether tools come before what was heard: a line of their own question may well sound like danger."""
    if heard is None or heard.topic == "quiz":
        return True
    unsure = heard.topic == "sos" and heard.confidence < 1.0
    return unsure and session.tool is not None and chosen(talk, session) is not None


def start(talk: Talk, session: Session, name: str) -> Turn | None:
    """The first answer of a tool that a menu or an understood text leads to."""
    tool = TOOLS.get(name)
    return tool.begin(talk, session, "") if tool else None


def repeat(talk: Talk, session: Session) -> Turn | None:
    """What the open tool said last."""
    tool = TOOLS.get(session.tool or "")
    return tool.again(talk, session) if tool else None


def spoken(talk: Talk, session: Session, order: Order | None) -> Session:
    """The language a tool answers in: words to copy and answers like 2 or yes say nothing about what a person reads."""
    session = session._replace(failures=0)
    if session.pinned:
        return session
    if has_khmer(talk.text):
        return session._replace(language="km")
    if session.language is None:
        coded = order is not None and order.name in CODED and order.rest != ""
        return session._replace(language="km" if coded else talk.reader.language(talk.text) or "km")
    return session
