"""A call for help while nothing can be kept (full disk, held database): it is answered all the same, from memory.

Its gateway still hears that the text was not taken, and brings it again: then it is kept, and may be answered once
more. Twice is better than never. On USSD every screen is shown that asks for nothing to be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.channels import Channel
from bot.conversation import screens
from bot.conversation.engine import step
from bot.conversation.registry import EMPTY
from bot.conversation.screens import Entry
from bot.conversation.session import Reply, Session
from bot.log import failure, log
from bot.phone import NotAPhone, Number, parse
from bot.protocol import Display, Inbound, Outbound, Response, SendError
from bot.services import calls
from bot.services.replies import parts
from bot.services.service import Service
from bot.text.khmer import clean

Render = Callable[[Sequence[Reply], int], Response]


def rescue(service: Service, channel: Channel, inbound: Inbound, render: Render) -> Response | None:
    """Help whoever sent a text that could not be kept. The response if it is a screen, else None.

    Never raises: that the text was not kept is what the caller has to tell.
    """
    try:
        number = parse(inbound.sender)
    except NotAPhone:
        return None
    if number.e164 in service.own_numbers:
        return None
    if inbound.medium == "ussd":
        return _screen(service, channel.traits.display or Display(), inbound, number, render)
    reply = _answer(service, inbound, number)
    if reply and channel.traits.sends and service.rescued.may(service.vault.number_key(number.e164), service.now()):
        _send(service, channel, number, reply)
    return None


def _answer(service: Service, inbound: Inbound, number: Number) -> Reply | None:
    """The emergency answer to this text, as to somebody who never wrote; None if it is no emergency."""
    session = Session(home=number.country)
    turn = step(service.book, service.reader, session, clean(inbound.text), service.clock())
    return next((reply for reply in turn.replies if reply.emergency), None)


def _send(service: Service, channel: Channel, number: Number, reply: Reply) -> None:
    row = service.database.new_id(service.now())
    try:
        channel.send(Outbound(row, channel.name, number.e164, reply.text, parts(reply.text), 0))
    except SendError as error:
        log.error("a call for help could be neither kept nor answered", channel=channel.name, cause=error.cause)
    except Exception as error:  # noqa: BLE001 - a mistake in a gateway's file must not hide that nothing is kept
        failure("a call for help could be neither kept nor answered", error)
    else:
        log.warning("a call for help was answered though it could not be kept", channel=channel.name)


def _screen(service: Service, display: Display, inbound: Inbound, number: Number, render: Render) -> Response | None:
    """The screen for all that was entered in this call, if the gateway tells all of it; else for the last entry."""
    phone = calls.phone(service, display, EMPTY, service.clock())
    given = Entry(f"{inbound.channel}/{inbound.session_id or ''}", clean(inbound.text), new=True)
    turn = screens.answer(phone, Session(home=number.country), given)
    if turn.by_sms or turn.joins or set(turn.acts) - {"open_case"}:
        return None  # STOP and what else must be remembered is not promised
    return render(turn.replies, 0)
