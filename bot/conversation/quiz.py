"""The quiz: five questions before a campaign, five after it; what is counted is only how many knew which answer."""

from __future__ import annotations

from dataclasses import replace

from bot.content.book import Choice
from bot.conversation.session import Session, Turn
from bot.conversation.talk import Fills, Talk, arrive, chosen, going_on, say, tool_of
from bot.text.khmer import fold

NO_CODE = "-"


class Quiz:
    """`given` is the campaign's code, then `right` or `wrong` for each question."""

    name = "quiz"

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:
        """The first question; a code that is known asks the set of its campaign's phase, and counts for it."""
        code = fold(rest).replace(" ", "").upper()
        campaign = talk.registry.campaigns.get(code)
        session = session._replace(tool=self.name, given=(code if campaign else NO_CODE,))
        return arrive(talk, session, talk.book.states[f"quiz.{campaign.phase if campaign else 'before'}.1"])

    def answer(self, talk: Talk, session: Session) -> Turn | None:
        """What was right and the next question. A number that is no line of the question is asked about once more."""
        choice = chosen(talk, session)
        if choice is None:
            asking = not (session.state or "").endswith(".end")
            return self.again(talk, session) if asking and talk.reader.number(talk.text) is not None else None
        if (session.state or "").endswith(".end"):
            return self._another_set(talk, session, choice)
        result = "right" if choice.means == "right" else "wrong"
        count = counted(talk, session, result)
        session = session._replace(given=(*session.given, result))
        turn = arrive(talk, session, talk.book.states[choice.go], fills=fills(talk, session, choice.go))
        return replace(going_on(turn), counts=(count,))

    def again(self, talk: Talk, session: Session) -> Turn | None:
        return say(talk, session, fills=fills(talk, session, session.state or ""))

    def _another_set(self, talk: Talk, session: Session, choice: Choice) -> Turn | None:
        """The set that the end of another leads to; None where it leads out of the quiz."""
        if tool_of(choice.go) != self.name:
            return None
        return arrive(talk, session._replace(given=session.given[:1]), talk.book.states[choice.go])


def counted(talk: Talk, session: Session, result: str) -> str:
    """The count of one answer: `quiz/KYA12/before/2/right`. A campaign counts only the set of its phase."""
    _, questions, number = (session.state or "").split(".")
    campaign = talk.registry.campaigns.get(session.given[0] if session.given else NO_CODE)
    code = campaign.code if campaign and campaign.phase == questions else NO_CODE
    return f"quiz/{code}/{questions}/{number}/{result}"


def fills(talk: Talk, session: Session, state: str) -> Fills:
    """What stands in the text of a question or of the end."""
    results = session.given[1:]
    known = {
        "verdict": "quiz.right" if results[-1:] == ("right",) else "quiz.wrong",
        "score": str(results.count("right")),
    }
    return tuple((name, known[name]) for name in talk.book.states[state].fills)
