"""JOIN KYA12: belong to the group of a campaign, after saying yes to what it sends."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.conversation.registry import Campaign
from bot.conversation.session import Session, Turn
from bot.conversation.talk import Talk, arrive, chosen
from bot.text.khmer import fold


class Join:
    """Asks once, and gives the turn its `joins` only for a yes to that question. `given`: the code."""

    name: Final = "join"

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:
        """The question; or why there is none. Without a code, or something like one, the text is no order."""
        code = as_code(rest)
        campaign = talk.registry.campaigns.get(code)
        if campaign is None and not any(sign.isdigit() for sign in code):
            return None
        session = session._replace(tool=self.name, given=())
        if session.opted_out:
            return arrive(talk, session, talk.book.states["join.stopped"])
        if campaign is None:
            return arrive(talk, session, talk.book.states["join.unknown"])
        return ask(talk, session, campaign)

    def answer(self, talk: Talk, session: Session) -> Turn | None:
        """Yes or no to the question; any other text leaves it unanswered, and that is a no."""
        choice = chosen(talk, session) if session.state == "join.ask" else None
        campaign = asked_about(talk, session)
        if choice is None or campaign is None:
            return None
        turn = arrive(talk, session._replace(given=()), talk.book.states[choice.go])
        return replace(turn, joins=campaign.code) if choice.means == "yes" else turn

    def again(self, talk: Talk, session: Session) -> Turn | None:
        """The question once more; the other answers hold nothing of their own."""
        campaign = asked_about(talk, session)
        return ask(talk, session, campaign) if campaign and session.state == "join.ask" else None


def ask(talk: Talk, session: Session, campaign: Campaign) -> Turn:
    """What is sent, how often, and how it ends: do you want it?"""
    session = session._replace(given=(campaign.code,))
    return arrive(talk, session, talk.book.states["join.ask"], fills=(("campaign", campaign.name),))


def asked_about(talk: Talk, session: Session) -> Campaign | None:
    """The campaign of the open question, if it is still there."""
    return talk.registry.campaigns.get(session.given[0]) if session.given else None


def as_code(text: str) -> str:
    """A code as it is kept: KYA12 for `kya 12` and for Khmer digits."""
    return fold(text).replace(" ", "").upper()
