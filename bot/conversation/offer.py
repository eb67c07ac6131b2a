"""Check an offer: seven questions, then how much risk there is, the two strongest reasons, and whom to ask."""

from __future__ import annotations

from bot.conversation.session import Session, Turn
from bot.conversation.talk import Fills, Talk, arrive, chosen, going_on, needed_here, say

BAD = ("grave", "sign")
"""What a sign of danger is called in the content: one that is enough, one of which two are."""

HIGH_FROM = 2


class OfferCheck:
    """An answer is kept as `3/grave`: the question and what it means, only while the questions are open."""

    name = "offer"

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:  # noqa: ARG002 - OFFER takes none
        first = talk.book.states["offer.1"]
        session = needed_here(talk.book, session, first)
        return arrive(talk, session._replace(tool=self.name, given=()), first)

    def answer(self, talk: Talk, session: Session) -> Turn | None:
        """The next question, or the outcome. A number that is no line of the question is asked about once more."""
        choice = chosen(talk, session)
        if choice is None:
            asking = bool(talk.book.states[session.state or "offer.1"].choices)
            return say(talk, session) if asking and talk.reader.number(talk.text) is not None else None
        question = (session.state or "").rpartition(".")[2]
        session = session._replace(given=(*session.given, f"{question}/{choice.means}"))
        following = talk.book.states[choice.go]
        return going_on(arrive(talk, session, following) if following.choices else outcome(talk, session))

    def again(self, talk: Talk, session: Session) -> Turn | None:
        asking = talk.book.states[session.state or "offer.1"].choices
        return say(talk, session) if asking else outcome(talk, session)


def outcome(talk: Talk, session: Session) -> Turn:
    """How much risk the answers speak of. Little risk is never called safe."""
    meanings = dict(answer.split("/") for answer in session.given)
    bad = [question for question, meaning in meanings.items() if meaning in BAD]
    unsure = [question for question, meaning in meanings.items() if meaning == "unsure"]
    if "grave" in meanings.values() or len(bad) >= HIGH_FROM:
        level = "offer.high"
    else:
        level = "offer.some" if bad or unsure else "offer.low"
    state = talk.book.states[level]
    return arrive(talk, session, state, fills=(*reasons(talk, level, bad, unsure), ("ask", "offer.ask")))


def reasons(talk: Talk, level: str, bad: list[str], unsure: list[str]) -> Fills:
    """The two that weigh most; what is not known comes after what is bad."""
    ranks = talk.book.states[level].fills
    if "first" not in ranks:
        return ()
    weights = {state.rpartition(".")[2]: rank for rank, state in enumerate(ranks["first"].states)}
    found = [f"offer.why.{question}" for part in (bad, unsure) for question in sorted(part, key=weights.__getitem__)]
    found.append("offer.paper")
    return ("first", found[0]), ("second", found[1])
