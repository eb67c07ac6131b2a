"""One text and all that an answer to it depends on, and how an answer is given: what the engine and its tools share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from bot.content.book import LANGUAGES, TOOL_NAMES, Book, Choice, State
from bot.conversation import hours
from bot.conversation.hours import AHEAD
from bot.conversation.registry import Registry
from bot.conversation.session import Act, Reply, Session, Turn
from bot.conversation.understand import Reader, squeeze
from bot.text.khmer import fold

TRAIL = 6
EMERGENCY = frozenset({"sos", "helplines", "country"})
"""Topics that are answered in every state, after STOP and under every guard (design §4); they never re-subscribe."""

ACTS: dict[str, tuple[Act, ...]] = {
    "stop": ("opt_out",),
    "start": ("opt_in",),
    "erase": ("erase",),
    "sos": ("open_case",),
    "human": ("open_case",),
}

Fills = tuple[tuple[str, str], ...]
"""What stands for the `{fill:NAME}` of a text: pairs of a name and a text, or the id of a state whose text it is."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The fixed surroundings of one step."""

    book: Book
    reader: Reader
    text: str
    now: datetime
    first: bool
    """Whether this is the first text ever from this phone."""
    registry: Registry
    screen: bool = False
    """Whether it is for a USSD screen: texts come without choices and hints, and nobody gets no answer."""


def tool_of(state_id: str | None) -> str | None:
    """The tool a state belongs to: quiz for `quiz.before.2`."""
    group = (state_id or "").partition(".")[0]
    return group if group in TOOL_NAMES else None


def chosen(talk: Talk, session: Session) -> Choice | None:
    """The line of the open menu that the text names: by number, by label in any language or alias, or by both."""
    state = talk.book.states.get(session.state or "")
    if state is None or not state.choices:
        return None
    number = talk.reader.number(talk.text)
    if number is not None:
        return state.choices[number - 1] if 1 <= number <= len(state.choices) else None
    word = squeeze(fold(talk.text))
    lines = enumerate(state.choices, 1)
    return next((line for place, line in lines if {word, word.removeprefix(str(place))} & names(talk.book, line)), None)


@lru_cache(maxsize=1024)
def names(book: Book, choice: Choice) -> frozenset[str]:
    """Every word that picks this choice, squeezed: between Khmer words a space means nothing."""
    labels = (book.label(choice, language) for language in LANGUAGES)
    return frozenset(squeeze(fold(word)) for word in (choice.label, *choice.aliases, *labels)) - {""}


def arrive(talk: Talk, session: Session, state: State, *, fills: Fills = ()) -> Turn:
    """Answer with a state, from its first page. BACK never leads into a tool that was left: it is begun anew."""
    last = session.state
    if last and last != state.id and not last.startswith("system.") and tool_of(last) is None:
        session = session._replace(trail=(*session.trail, last)[-TRAIL:])
    return say(talk, session._replace(state=state.id, page=0), acts=ACTS.get(state.topic, ()), fills=fills)


def say(talk: Talk, session: Session, *, acts: tuple[Act, ...] = (), fills: Fills = ()) -> Turn:
    """The finished text of the page the session stands on. Its tool is the open one now; another one is closed.

    Who asks for a person is told when one reads: as it is now, also when they come back to it.
    """
    book, language = talk.book, session.language or "km"
    state = book.states[session.state or "menu.main"]
    if tool_of(state.id) != session.tool:
        session = session._replace(tool=tool_of(state.id), given=())
    here = spot(session, state) if state.scope == "here" else session.home
    page = min(session.page, book.page_count(state.id, spot(session, state)) - 1)
    told, given = hours.said(talk.registry.hours, talk.now) if state.id == hours.ASK else (state.id, fills)
    text = book.answer(
        told,
        language,
        here=here,
        there=session.country,
        today=talk.now.date(),
        page=page,
        fills=given,
        bare=talk.screen,
    )
    reply = Reply(text, state.topic, emergency=state.topic in EMERGENCY)
    if "erase" in acts:
        session = Session(home=session.home)
    return Turn(session, (reply,), acts)


def going_on(turn: Turn) -> Turn:
    """The turn of a tool that got the answer it had asked for."""
    return replace(turn, replies=tuple(replace(reply, asked=True) for reply in turn.replies))


def has_more(talk: Talk, session: Session, state: State) -> bool:
    """Whether MORE has another page of this answer to turn to."""
    return session.page + 1 < talk.book.page_count(state.id, spot(session, state))


def spot(session: Session, state: State) -> str | None:
    """The country an answer is for: where help is needed (else where the phone is), or where the person wants to go."""
    return session.country or (session.home if state.scope == "here" else None)


def needed_here(book: Book, session: Session, state: State) -> Session:
    """Before an answer on help: forget a country that was asked about only as a place to go to.

    Who asked what Korea costs and then sends SOS is helped where the phone is, or where help was asked for before.
    """
    known = [book.states[name] for name in (*session.trail, session.state or "") if name in book.states]
    asked = next((each for each in reversed(known) if each.scope == "there" or is_help(each)), None)
    if asked is not None and asked.scope == "there" and asked.place is None and is_help(state):
        return session._replace(country=session.where)
    return session


def is_help(state: State) -> bool:
    """Whether a state gives numbers for the place where help is needed."""
    return state.scope == "here" and (state.topic in EMERGENCY or state.id.startswith(("topics.", "offer.")))


def here(now: datetime) -> date:
    """The day in Cambodia."""
    return (now + AHEAD).date()
