"""What a text means after an answer: `how many days?` asks on, `and to Japan?` asks the same of another place."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.session import Session
from bot.conversation.talk import Talk, has_more
from bot.conversation.understand import Understanding


def meant(talk: Talk, session: Session, heard: Understanding | None) -> Understanding | None:
    """The understanding of a text by what was answered last; `heard` itself where that tells nothing."""
    state = talk.book.states.get(session.state or "")
    if state is None or not state.id.startswith("topics."):
        return heard
    if heard is not None and heard.topic == "country" and heard.country is not None:
        return replace(heard, topic=state.topic)
    if has_more(talk, session, state) and talk.reader.asks_on(talk.text):
        return Understanding("more", None, 1.0, talk.reader.language(talk.text))
    return heard
