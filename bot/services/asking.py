"""Two-way broadcasts: which questions are open, what an answer counts for, and what may be asked at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.content.book import Book
from bot.conversation import asked
from bot.conversation.asked import Answered
from bot.conversation.depart import Depart
from bot.conversation.registry import Registry
from bot.conversation.session import Session, Turn
from bot.store import answers
from bot.store.answers import Question
from bot.store.database import Tx
from bot.store.messages import Found
from bot.store.times import moment

if TYPE_CHECKING:  # a Service holds Questions, and an arrival a Service
    from bot.services.inbox import Arrival

MOST: Final = 256
"""Texts that ask something and are remembered; each has one question for ever."""

SERIES: Final = "series:"
"""How the `origin` of a broadcast begins that a series makes."""


class Questions:
    """What the texts of broadcasts ask, remembered by each process. Safe to use from any thread."""

    def __init__(self) -> None:
        self._known: dict[int, Question | None] = {}

    def get(self, tx: Tx, text: int) -> Question | None:
        """What a text asks; None if nothing. Only the first time is the store asked."""
        if text not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[text] = answers.question(tx, text)
        return self._known.get(text)


def may_ask(book: Book, opens: str, origin: str | None = None) -> bool:
    """Whether a broadcast of this `origin` may open this state.

    How somebody is may only be asked by a series, which asks only who said yes to it within 72 hours, at the time of
    the day they chose (H6). What people think or know asks nothing of themselves: every member may be asked that.
    """
    state = book.states.get(opens)
    if state is None or not state.asks:
        return False
    return state.asks != "check" or (origin or "").startswith(SERIES)


def answer(arrival: Arrival, found: Found, session: Session, tx: Tx) -> Turn | None:
    """The turn after an answer to the question that is open for a person, which is then counted and closed.

    None if none is open, or the text is no answer to it: the question stays open for its 72 hours.
    """
    if found.asked is None or found.texted_at is None or found.contact_id is None or arrival.entry:
        return None
    service = arrival.service
    question = service.questions.get(tx, found.asked)
    if question is None:
        return None
    given = asked.answered(
        service.book,
        service.reader,
        session,
        arrival.text,
        arrival.now,
        question=question.state,
        asked_at=moment(found.texted_at),
        registry=arrival.registry,
    )
    if given is None:
        return None
    language = found.language or session.language or "km"
    if not answers.count(tx, question, given.choice.label, language, person=found.contact_id, text=found.asked):
        return given.turn
    return replace(given.turn, counts=(*given.turn.counts, *_counts(service.book, arrival.registry, question, given)))


def _counts(book: Book, registry: Registry, question: Question, given: Answered) -> tuple[str, ...]:
    """What an answer to a question of knowledge adds to the counts of the quiz: `quiz/KYA12/before/passport/right`."""
    campaign = registry.campaigns.get(question.campaign)
    if book.states[question.state].asks != "quiz" or campaign is None:
        return ()
    result = "right" if given.choice.means == "right" else "wrong"
    return (f"quiz/{campaign.code}/{campaign.phase}/{question.state.rpartition('.')[2]}/{result}",)


def knowing(arrival: Arrival, found: Found, tx: Tx) -> Registry:
    """The registry with what else the conversation needs to know of the person: for nearly all texts, nothing."""
    if not arrival.registry.series or found.contact_id is None:
        return arrival.registry
    order = arrival.service.reader.order(arrival.text)
    if order is None or order.name != Depart.name:
        return arrival.registry
    return replace(arrival.registry, joined=answers.joined(tx, found.contact_id))


def keep_days(turn: Turn, contact_id: int, tx: Tx) -> None:
    """Keep the days that a person named."""
    for kind, day in turn.days:
        tx.put(answers.KEEP_DAY, contact_id=contact_id, kind=kind, day=day.isoformat())
