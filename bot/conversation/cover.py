"""The cover word: a harmless question with a harmless answer, for somebody who is watched (rule H5)."""

from __future__ import annotations

from typing import Final

from bot.conversation.session import Session, Turn
from bot.conversation.talk import Talk, arrive


class Cover:
    """Answers with a remark about the weather, and forgets where the talk stood: no word leads back to it."""

    name: Final = "cover"

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:  # noqa: ARG002
        """The remark. Nothing of what was asked before is remembered, neither page nor place nor open question."""
        turn = arrive(talk, forgotten(session), talk.book.states["cover.weather"])
        return Turn(forgotten(turn.session), turn.replies)

    def answer(self, talk: Talk, session: Session) -> Turn | None:  # noqa: ARG002
        """It asks nothing."""
        return None

    def again(self, talk: Talk, session: Session) -> Turn | None:  # noqa: ARG002
        """It is never open."""
        return None


def forgotten(session: Session) -> Session:
    """The talk at its beginning; the language stays, which betrays nothing."""
    return session._replace(state=None, page=0, country=None, where=None, trail=(), failures=0, tool=None, given=())
