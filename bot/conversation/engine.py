"""One step of the conversation: what was remembered and a text in, what to say and do out. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.content.book import Book, Choice, Language, State
from bot.conversation import tools
from bot.conversation.context import meant
from bot.conversation.countries import HOME
from bot.conversation.registry import EMPTY, Registry
from bot.conversation.session import Session, Turn
from bot.conversation.talk import EMERGENCY, Talk, arrive, chosen, has_more, is_help, needed_here, say, tool_of
from bot.conversation.understand import Reader, Understanding
from bot.text.khmer import fold

MENU_LIFE = timedelta(hours=24)
SENSITIVE_LIFE = timedelta(minutes=15)

AFTER_STOP = EMERGENCY | {"start", "stop", "erase"}


def step(
    book: Book,
    reader: Reader,
    session: Session,
    text: str,
    now: datetime,
    *,
    registry: Registry = EMPTY,
    screen: bool = False,
) -> Turn:
    """Answer one text. `now` is aware UTC. Never raises on any text; the session it gives back is complete.

    For a `screen` (`bot.conversation.screens`) the text comes without its choices, and there always is one.

    Order of understanding (design §4): opt-out and commands, emergency, orders and the open tool, the open menu,
    keywords, tolerant match and example texts, in the light of the last answer.
    """
    talk = Talk(book, reader, text, now, session.at is None, registry, screen)
    session = awake(book, session, now)._replace(at=now)
    heard = reader.urgent(text)
    turn = tools.serve(talk, session) if tools.may_serve(talk, session, heard) else None
    if turn:
        return turn
    choice = None if heard else chosen(talk, session)
    if not heard and not choice:
        heard = meant(talk, session, reader.plain(text))
    if not screen and (from_machine(heard) or (session.opted_out and not allowed(book, heard, choice))):
        return Turn(session, ())
    session = speak_as(talk, session)
    if choice:
        return take(talk, session, choice)
    if heard is None or heard.topic == "none":
        return lost(talk, session)
    return follow(talk, session._replace(failures=0), heard)


def awake(book: Book, session: Session, now: datetime) -> Session:
    """The session without what has expired, or what the content no longer knows."""
    state = book.states.get(session.state or "")
    if session.at is not None and state is not None and tool_of(state.id) == session.tool:
        life = SENSITIVE_LIFE if touches_danger(book, session) else MENU_LIFE
        if abs(now - session.at) <= life:  # a clock that jumped back a day has expired it too
            return session
    return session._replace(state=None, page=0, country=None, where=None, trail=(), failures=0, tool=None, given=())


def touches_danger(book: Book, session: Session) -> bool:
    """Whether anything remembered would betray the person to whoever holds the phone later."""
    states = (book.states.get(name) for name in (session.state, *session.trail) if name)
    return any(state is not None and state.sensitive for state in states)


def speak_as(talk: Talk, session: Session) -> Session:
    """The language to answer in: the one chosen by word, else that of the script of this text."""
    if session.pinned:
        return session
    written = talk.reader.language(talk.text)
    if session.language is None:
        return session._replace(language=written or "km")
    one_word = " " not in fold(talk.text)
    if written is None or (one_word and written != "km"):
        return session  # STOP, MENU or a name in Latin letters says nothing about what the person reads
    return session._replace(language=written)


def from_machine(heard: Understanding | None) -> bool:
    """Whether no person wrote this (auto-reply, one-time code, advert): an answer would only feed a loop."""
    return heard is not None and heard.topic == "none" and heard.confidence == 1.0


def allowed(book: Book, heard: Understanding | None, choice: Choice | None) -> bool:
    """Whether a person who said STOP is answered. Only the word itself re-subscribes, no guess at a sentence (H11)."""
    if choice is None and heard and heard.topic == "start" and heard.confidence < 1.0:
        return False
    topic = book.states[choice.go].topic if choice else heard.topic if heard else "none"
    return topic in AFTER_STOP


def take(talk: Talk, session: Session, choice: Choice) -> Turn:
    """Go where a line of the menu leads."""
    session = session._replace(failures=0, country=choice.country or session.country)
    if choice.language is not None:
        return change_language(talk, session, choice.language)
    state = talk.book.states[choice.go]
    if choice.country is None:
        session = needed_here(talk.book, session, state)
    if state.topic == "helplines":
        state = destination(talk, session, state.topic)
    return enter(talk, session, state)


def enter(talk: Talk, session: Session, state: State) -> Turn:
    """Answer with a state; one of a tool begins that tool."""
    name = tool_of(state.id)
    turn = tools.start(talk, session, name) if name else None
    return turn or arrive(talk, session, state)


def follow(talk: Talk, session: Session, heard: Understanding) -> Turn:
    """Go where an understood text leads."""
    if heard.topic == "erase" and heard.confidence < 1.0:
        return arrive(talk, session, talk.book.states["system.erase_ask"])  # a guess never destroys anything
    if heard.country is not None:
        session = located(talk, session, heard)
    if heard.topic == "language" and heard.language is not None:
        return change_language(talk, session, heard.language)
    if heard.topic in ("more", "back"):
        return more(talk, session) if heard.topic == "more" else back(talk, session)
    if heard.topic == "stop" and session.opted_out and not talk.screen:
        return Turn(session, ())  # one confirmation, then silence (rule H11)
    if heard.country is None:
        session = needed_here(talk.book, session, talk.book.states[talk.book.topics[heard.topic]])
    if heard.topic == "country" and heard.country is None:
        return arrive(talk, session, talk.book.states["menu.countries"])
    return enter(talk, session, destination(talk, session, heard.topic))


def located(talk: Talk, session: Session, heard: Understanding) -> Session:
    """The session with the country a text names, and whether help is needed in it.

    Who cries from abroad and names home wants to get there: help is needed where the phone is, and every emergency
    answer abroad has a number of home.
    """
    country = session.home if heard.topic == "sos" and heard.country == HOME else heard.country
    last = talk.book.states.get(session.state or "")
    asks_help = heard.topic != "country" and is_help(talk.book.states[talk.book.topics[heard.topic]])
    told_where = heard.topic == "country" and last is not None and last.topic in ("sos", "helplines")
    return session._replace(country=country, where=country if asks_help or told_where else session.where)


def destination(talk: Talk, session: Session, topic: str) -> State:
    """The state that answers a topic."""
    book = talk.book
    if topic in ("helplines", "country"):
        card = book.states.get(f"countries.{session.country or session.home}")
        return card or book.states["helplines" if topic == "helplines" else "menu.countries"]
    if topic == "menu" and talk.first:
        topic = "greeting"  # who answers, and who may read along, comes before any question is invited (rule H8)
    return book.states[book.topics[topic]]


def more(talk: Talk, session: Session) -> Turn:
    """The next page of the last answer; the menu when there is none."""
    state = talk.book.states.get(session.state or "")
    if state is not None and has_more(talk, session, state):
        return say(talk, session._replace(page=session.page + 1))
    return arrive(talk, session, talk.book.states["menu.main"])


def back(talk: Talk, session: Session) -> Turn:
    """The page before, else the answer before, else the menu."""
    if session.page:
        return say(talk, session._replace(page=session.page - 1))
    known = [name for name in session.trail if name in talk.book.states]
    if not known:
        return say(talk, session._replace(state="menu.main", trail=()))
    return say(talk, session._replace(state=known[-1], page=0, trail=tuple(known[:-1])))


def change_language(talk: Talk, session: Session, language: Language) -> Turn:
    """Answer in another language from now on, beginning with the last answer once more."""
    session = session._replace(language=language, pinned=True, failures=0)
    if session.state == "menu.language":
        return back(talk, session)
    if session.state is None:
        return arrive(talk, session, destination(talk, session, "menu"))
    return tools.repeat(talk, session) or say(talk, session)


def lost(talk: Talk, session: Session) -> Turn:
    """Not understood: the menu and a person; the second time running, a way out with a number to call."""
    if session.failures:
        return arrive(talk, session._replace(failures=0), talk.book.states["system.exit"])
    return arrive(talk, session._replace(failures=1), talk.book.states["system.fallback"])
