"""One step of a USSD call, from what its gateway sent to the screen that answers it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.conversation import screens
from bot.conversation.registry import Registry
from bot.conversation.screens import Entry, Phone
from bot.conversation.session import Session, Turn
from bot.protocol import Display, Inbound
from bot.services import guards
from bot.services.service import Service
from bot.store.ids import made_at
from bot.store.messages import Found

LONGEST: Final = 600_000
"""Milliseconds that a call may take; after that, a gateway that uses a name again means another call."""


def is_again(found: Found, session: Session, display: Display, now: int) -> bool:
    """Whether a step that came before is the same request again, to be answered by the same bytes.

    Of a gateway that sends the last entry alone, equal steps are told apart later, by what is on the screen.
    """
    seen_last_only = display.entry == "accumulated" and session.view.last_only
    if found.inbound_id is None or display.entry == "last" or seen_last_only:
        return False
    return abs(now - made_at(found.inbound_id)) <= LONGEST


def entry(inbound: Inbound, text: str, found: Found) -> Entry:
    """What a gateway sent, as the screens want to know it; `text` is its text made clean."""
    new = None if inbound.session_event is None else inbound.session_event == "new"
    return Entry(f"{inbound.channel}/{inbound.session_id or ''}", text, new, found.inbound_id is not None)


def entered(session: Session, given: Entry, display: Display, now: datetime) -> str:
    """What a person entered in this step alone."""
    return given.text if screens.begins(session, given) else screens.latest(session, given, display, now)[0]


def phone(service: Service, display: Display, registry: Registry, now: datetime) -> Phone:
    """What the call is answered with."""
    sms = service.sms_channel is not None
    return Phone(service.book, service.reader, now, registry, display, sms)


def turn(service: Service, here: Phone, session: Session, given: Entry, found: Found) -> Turn:
    """The screen. It is never withheld: a hand on a phone asked for it. The SMS that it may promise is.

    A call begins in the language that the person spoke last, here or by SMS.
    """
    if screens.begins(session, given) and found.language and found.language != session.language:
        session = session._replace(language=found.language, pinned=False)
    made = screens.answer(here, session, given)
    if made.by_sms and service.paced and not guards.admit((made.by_sms,), found.replied or b"", service.now())[0]:
        return screens.withheld(here, made)
    return made


def marks(found: Turn, replied: bytes, now: int) -> bytes:
    """The times of replies to remember after a turn: those of SMS alone."""
    return guards.admit((found.by_sms,), replied, now)[1] if found.by_sms else replied
