"""The conversation on USSD screens: a layer of keys and pages over the pure engine, and as pure itself.

Keys 1 to 8 choose a line of the screen, 9 turns to the next screen, 0 goes back, 00 to the first screen; whatever
else is entered is a text like any other. Every answer is one screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.content.book import Book, Language, State
from bot.conversation.engine import awake, back, more, step, touches_danger
from bot.conversation.registry import Registry
from bot.conversation.session import Over, Reply, Session, Turn, View
from bot.conversation.talk import EMERGENCY, Talk, has_more, say
from bot.conversation.tools import repeat
from bot.conversation.understand import Reader
from bot.protocol import Display
from bot.text.khmer import fold
from bot.text.screens import Lines, Screen, Sizes, screens

START = "system.ussd"
"""The first screen of a call."""
START_INSTEAD_OF = frozenset({"menu.main", "system.welcome"})
NUMBERED = frozenset({"agency.maybe"})
"""States whose own text has numbered lines."""
ANSWERS_NOT = frozenset({"menu", "greeting", "language", "stop", "start", "erase", "none", "more", "back"})
"""Topics of which nothing is worth an SMS."""
CONSENT = "join.ask"
RESUME_WITHIN = timedelta(minutes=5)
REPEATED_WITHIN = timedelta(seconds=2)
MOST_DIALLED = 12
"""Entries that are taken out of what was dialled (`*1280*1*2#`)."""

BACK, MORE = 0, 9


class Entry(NamedTuple):
    """What a gateway sent of a call: all of it or the last entry, as it does.

    `new`: whether the call begins with it; None from a gateway that does not say, whose calls are told apart by name.
    `again`: it sent one that looks the same before.
    """

    call: str
    text: str
    new: bool | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Phone:
    """The fixed surroundings of one step. `sms`: whether an answer can be sent by SMS."""

    book: Book
    reader: Reader
    now: datetime
    registry: Registry
    display: Display
    sms: bool = False


def latest(session: Session, entry: Entry, display: Display, now: datetime) -> tuple[str, View]:
    """What was entered this time, and the view that remembers it.

    Where a gateway may join all entries, an equal text is no entry, one that goes on behind `*` enters the rest (which
    may hold `*` itself), and any other is taken whole; until one goes on again, the gateway is then taken to send the
    last entry alone. There the same text is the same request again only if nobody can have read a screen meanwhile.
    """
    before, text, alone = session.view.entered, entry.text, session.view.last_only
    view = session.view._replace(entered=text)
    if before and display.entry == "accumulated":
        rest = _rest(before, text)
        if rest is not None:
            return rest, view._replace(last_only=False)
        if not alone:
            return ("", view) if text == before else (text, view._replace(last_only=True))
    quick = session.at is not None and timedelta() <= now - session.at <= REPEATED_WITHIN
    return "" if alone and entry.again and text == before and quick else text, view


def _rest(before: str, text: str) -> str | None:
    """What follows the entries before and a `*`; None if others come first. Some gateways trim spaces."""
    count = before.count("*") + 1
    pieces = text.split("*", count)
    same = "".join("*".join(pieces[:count]).split()) == "".join(before.split())
    return pieces[count] if same and len(pieces) > count else None


def answer(phone: Phone, session: Session, entry: Entry) -> Turn:
    """The screen that answers what a gateway sent. Never raises on any text; the turn has one reply, a screen."""
    session = awake(phone.book, session, phone.now)
    if begins(session, entry):
        return _begun(phone, session, entry)
    text, view = latest(session, entry, phone.display, phone.now)
    return press(phone, session._replace(at=phone.now, view=view), text)


def begins(session: Session, entry: Entry) -> bool:
    """Whether the call is another one than that of the session."""
    return session.view.call != entry.call if entry.new is None else entry.new


def drawn(phone: Phone, session: Session) -> tuple[Screen, ...]:
    """Every screen of the answer in the view of a session."""
    return _screens(phone, session)


def withheld(phone: Phone, turn: Turn) -> Turn:
    """The turn without the SMS that it promised: not so many."""
    return replace(_over(phone, turn.session, "sms_wait"), by_sms=None)


def press(phone: Phone, session: Session, text: str) -> Turn:
    """The screen after something was entered."""
    key, whole = fold(text), phone.reader.whole(text)
    number = BACK if whole == "back" else MORE if whole == "more" else phone.reader.number(text)
    if session.state is None or key == "00" or whole == "menu":
        begun = _start(phone, session, "menu")
        if number is not None or not key or whole == "menu":
            return begun
        session = begun.session
    return _pressed(phone, session, text, number) if key else _shown(phone, session, "more")


def _pressed(phone: Phone, session: Session, text: str, number: int | None) -> Turn:
    over = session.view.over
    if over and (turn := OVERLAYS[over](phone, session, number)):
        return turn
    if over == "resume":
        session = _forgetting(session)
    session = session._replace(view=session.view._replace(over=""))
    if number is None:
        return _told(phone, session, text)
    if number == BACK:
        return _back(phone, session)
    return _more(phone, session) if number == MORE else _chosen(phone, session, number)


def _begun(phone: Phone, session: Session, entry: Entry) -> Turn:
    """The first screen of a call; or further on, if more than the service was dialled; or the question to go on."""
    view = View(entry.call, entry.text, last_only=phone.display.entry != "accumulated")
    dialled = [part for part in entry.text.split("*") if part][:MOST_DIALLED]
    if not dialled and _resumable(phone, session):
        told = view._replace(text=session.view.text, screen=session.view.screen)
        return _over(phone, session._replace(at=phone.now, view=told), "resume")
    turn = _start(phone, _forgetting(session)._replace(at=phone.now, view=view), "greeting")
    for part in dialled:
        if turn.session.view.over or turn.session.view.ended or turn.session.state == CONSENT:
            break  # nobody agrees to what was not on the screen
        turn = _joined(turn, press(phone, turn.session, part))
    return turn


def _resumable(phone: Phone, session: Session) -> bool:
    """Whether somebody who dials again is asked to go on: never where that would show what danger was spoken of."""
    view = session.view
    lately = session.at is not None and timedelta() <= phone.now - session.at <= RESUME_WITHIN
    there = session.state is not None and session.state != START and view.text != "" and not view.ended
    return lately and there and not touches_danger(phone.book, session)


def _forgetting(session: Session) -> Session:
    """A talk that begins anew, in the person's language."""
    view = session.view._replace(text="", screen=0, over="", ended=False)
    kept = Session(session.language, session.pinned, at=session.at, home=session.home, opted_out=session.opted_out)
    return kept._replace(view=view)


def _joined(before: Turn, turn: Turn) -> Turn:
    """Two steps of one request: what both do, and the later screen."""
    acts = tuple(dict.fromkeys((*before.acts, *turn.acts)))
    return replace(turn, acts=acts, counts=(*before.counts, *turn.counts), joins=turn.joins or before.joins)


def _start(phone: Phone, session: Session, topic: str) -> Turn:
    """The first screen of all. Where help is needed is still known; the way back ends here."""
    view = session.view._replace(screen=0, over="", ended=False)
    session = session._replace(state=START, page=0, trail=(), failures=0, tool=None, given=())
    text = say(_talk(phone), _shown_in(phone, session)).replies[0].text
    return _shown(phone, session._replace(view=view._replace(text=text)), topic)


def _told(phone: Phone, session: Session, text: str) -> Turn:
    """The engine's answer to a text, from its first screen."""
    spoken = _shown_in(phone, session)
    turn = step(phone.book, phone.reader, spoken, text, phone.now, registry=phone.registry, screen=True)
    return _opened(phone, session, spoken, turn)


def _opened(phone: Phone, session: Session, spoken: Session, turn: Turn) -> Turn:
    """An answer of the engine, as its first screen. `spoken` is the session it was given, `session` the person's."""
    after = turn.session
    if phone.display.script:
        if after.language != spoken.language and after.state is not None:  # the person chose another language
            own = after.language, after.pinned
            talk, after = _talk(phone), _shown_in(phone, after)
            turn = replace(turn, replies=(repeat(talk, after) or say(talk, after)).replies)
        else:
            own = session.language, session.pinned
        after = after._replace(language=own[0], pinned=own[1])
    if after.state in START_INSTEAD_OF:
        return _joined(turn, _start(phone, after._replace(view=session.view), "menu"))
    reply = turn.replies[0]
    text = "\n".join(each.text for each in turn.replies)
    view = session.view._replace(text=text, screen=0, over="", ended="opt_out" in turn.acts or "erase" in turn.acts)
    drawn = after._replace(view=view, at=phone.now)
    screen = _screens(phone, drawn if after.state else drawn._replace(language=spoken.language))[0]
    return replace(turn, session=drawn, replies=(replace(reply, text=screen.text, ends=view.ended),))


def _back(phone: Phone, session: Session) -> Turn:
    """The screen before: of this answer, of the page before, or of the answer before."""
    view = session.view
    if view.screen:
        return _shown(phone, session._replace(view=view._replace(screen=view.screen - 1)), "back")
    if session.state == START:
        return _shown(phone, session, "back")
    spoken = _shown_in(phone, session)
    turn = _opened(phone, session, spoken, back(_talk(phone), spoken))
    if session.page and turn.session.state == session.state:
        last = len(_screens(phone, turn.session)) - 1
        turn = _shown(phone, turn.session._replace(view=turn.session.view._replace(screen=last)), "back")
    return _counted(turn, "back")


def _more(phone: Phone, session: Session) -> Turn:
    """The next screen, the next page; the same again where there is none."""
    view = session.view
    if view.screen + 1 < len(_screens(phone, session)):
        return _shown(phone, session._replace(view=view._replace(screen=view.screen + 1)), "more")
    state = phone.book.states.get(session.state or "")
    if state is None or not has_more(_talk(phone), session, state):
        return _shown(phone, session, "more")
    spoken = _shown_in(phone, session)
    return _counted(_opened(phone, session, spoken, more(_talk(phone), spoken)), "more")


def _chosen(phone: Phone, session: Session, number: int) -> Turn:
    """What a line of this screen leads to; the same screen again for a number that is on none."""
    found = _screens(phone, session)
    at = min(session.view.screen, len(found) - 1)
    if 1 <= number <= found[at].count:
        return _told(phone, session, str(found[at].first + number))
    if session.state in NUMBERED:
        return _told(phone, session, str(number))
    if number == 1 and at == len(found) - 1 and _offers_sms(phone, session):
        return _over(phone, session, "sms_warn")
    return _shown(phone, session, "more")


def _over_resume(phone: Phone, session: Session, number: int | None) -> Turn | None:
    if number == 1:
        return _over(phone, session, "")
    if number in (2, BACK):
        return _start(phone, _forgetting(session), "greeting")
    return _shown(phone, session, "more") if number is not None else None


def _over_warning(phone: Phone, session: Session, number: int | None) -> Turn | None:
    if number == 1:
        topic = phone.book.states[session.state or START].topic
        return replace(
            _over(phone, session, "sms_sent"), by_sms=Reply(session.view.text, topic, emergency=topic in EMERGENCY)
        )
    return _over_done(phone, session, number)


def _over_done(phone: Phone, session: Session, number: int | None) -> Turn | None:
    if number is None:
        return None
    return _over(phone, session, "" if number == BACK else session.view.over)


OVERLAYS: Mapping[Over, Callable[[Phone, Session, int | None], Turn | None]] = {
    "resume": _over_resume,
    "sms_warn": _over_warning,
    "sms_sent": _over_done,
    "sms_wait": _over_done,
}


def _over(phone: Phone, session: Session, over: Over) -> Turn:
    return _shown(phone, session._replace(view=session.view._replace(over=over)), "more")


def _shown(phone: Phone, session: Session, topic: str) -> Turn:
    """The screen of a session; `topic` is what the step counts as."""
    found = _screens(phone, session)
    at = min(session.view.screen, len(found) - 1) if not session.view.over else 0
    state = phone.book.states.get(session.state or "")
    emergency = state is not None and state.topic in EMERGENCY and not session.view.over
    return Turn(session, (Reply(found[at].text, topic, emergency=emergency, ends=session.view.ended),))


def _counted(turn: Turn, topic: str) -> Turn:
    return replace(turn, replies=tuple(replace(reply, topic=topic) for reply in turn.replies), counts=())


def _screens(phone: Phone, session: Session) -> tuple[Screen, ...]:
    """All screens of what is shown."""
    view, book, language = session.view, phone.book, _language(phone, session)
    name = f"system.{view.over}" if view.over else session.state
    state = book.states.get(name or "")
    text = _words(book, state, language) if view.over and state else view.text
    choices = tuple(book.label(choice, language) for choice in state.choices) if state else ()
    lines = Lines(
        more=f"{MORE} {_key(book, 'more', language)}",
        back=f"{BACK} {_key(book, 'back', language)}",
        before=name != START,
        last=tuple(_last(phone, session, state, language)),
    )
    return screens(text, choices, lines, Sizes(phone.display.gsm7, phone.display.ucs2))


def _last(phone: Phone, session: Session, state: State | None, language: Language) -> list[str]:
    """The lines of the last screen."""
    view, book = session.view, phone.book
    if view.ended or view.over == "resume":
        return []
    found = [f"{BACK} {_key(book, 'back', language)}"]
    if view.over == "sms_warn" or (session.state == START and not view.over):
        return found
    if not view.over and state is not None and has_more(_talk(phone), session, state):
        found.insert(0, f"{MORE} {_key(book, 'more', language)}")
    else:
        found.append(f"00 {_key(book, 'start', language)}")
    if not view.over and _offers_sms(phone, session):
        found.insert(0, f"1 {_key(book, 'sms', language)}")
    return found


def _offers_sms(phone: Phone, session: Session) -> bool:
    """Whether the answer that is shown can be had by SMS."""
    state = phone.book.states.get(session.state or "")
    if state is None or state.choices or state.id in NUMBERED or session.view.ended:
        return False
    return phone.sms and state.topic not in ANSWERS_NOT


def _key(book: Book, name: str, language: Language) -> str:
    return _words(book, book.states[f"system.key_{name}"], language)


def _words(book: Book, state: State, language: Language) -> str:
    """A text that holds nothing to fill in."""
    return book.words(state.id, state.pages[0], language)


def _language(phone: Phone, session: Session) -> Language:
    return phone.display.script or session.language or "km"


def _shown_in(phone: Phone, session: Session) -> Session:
    """The session as the engine is to see it: in the only script that the phones can show, if there is but one."""
    if phone.display.script is None:
        return session
    return session._replace(language=phone.display.script, pinned=True)


def _talk(phone: Phone) -> Talk:
    return Talk(phone.book, phone.reader, "", phone.now, first=False, registry=phone.registry, screen=True)
