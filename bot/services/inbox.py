"""A text comes in: taken once, understood, answered and remembered, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress

from bot.conversation.engine import step
from bot.conversation.registry import Registry
from bot.conversation.screens import Entry
from bot.conversation.session import Reply, Session, Turn
from bot.phone import NotAPhone, Number, parse
from bot.protocol import Display, Inbound, Outbound, Response
from bot.services import asking, calls, campaigns, case_opening, guards
from bot.services.replies import Asked, Way, keep, parts, rows
from bot.services.service import Service
from bot.services.stored import packed, unpacked
from bot.store import erasure, messages, unmatched
from bot.store.campaigns import JOIN
from bot.store.cases import Kind
from bot.store.crypto import Unsealable
from bot.store.database import Tx
from bot.store.messages import Found
from bot.store.sessions import dump, load
from bot.store.times import day, milliseconds
from bot.text.khmer import clean, fold

Render = Callable[[tuple[Reply, ...], int], Response]
"""Turns replies and the outbound id of the first (0 without replies) into the gateway's own answer."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a text. `replies` are those given now; `muted` says that the guards withheld some. `by_sms`
    is what was chosen on a USSD screen to be sent by SMS."""

    response: Response
    replies: tuple[Reply, ...] = ()
    duplicate: bool = False
    muted: bool = False
    by_sms: Reply | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A text on its way in, with all that needs no database. `text` of a step of a USSD call is what was entered last;
    `entry` is the step as its gateway sent it."""

    service: Service
    inbound: Inbound
    render: Render
    number: Number
    text: str
    now: datetime
    at: int
    number_key: bytes
    provider_key: bytes
    registry: Registry
    inline: bool
    reports: bool
    display: Display
    entry: Entry | None = None

    def new_id(self, count: int = 1) -> int:
        return self.service.database.new_id(self.at, count)

    def seal(self, text: str, purpose: str, row: int) -> bytes:
        return self.service.vault.seal(text.encode(), purpose, row)


def receive(
    service: Service,
    inbound: Inbound,
    render: Render,
    *,
    inline: bool = True,
    reports: bool = False,
    display: Display | None = None,
) -> Received:
    """Answer one text. The response holds only what is on the disk; a text that came before gets the same bytes again.

    `inline`: the answer leaves with the response; else it waits in the outbox, and the response only says thanks.
    `reports`: the gateway tells what becomes of an answer; an emergency answer of which it says nothing is sent again.
    A USSD screen is always in the response; `display` is what it has to fit.

    A sender that is no number to answer (a short code, a name, ourselves) gets an empty response and leaves nothing.
    Raises `StoreError` if the text could not be kept: the gateway must not be told that it was taken.
    """
    try:
        number = parse(inbound.sender)
    except NotAPhone:
        return Received(render((), 0), muted=True)
    if number.e164 in service.own_numbers:
        return Received(render((), 0), muted=True)
    now = service.clock()
    arrival = Arrival(
        service,
        inbound,
        render,
        number,
        clean(inbound.text),
        now,
        milliseconds(now),
        service.vault.number_key(number.e164),
        service.vault.provider_key(inbound.channel, inbound.provider_id),
        service.shelf.current(),
        inline or inbound.medium == "ussd",
        reports and inbound.medium == "sms",
        display or Display(),
    )
    received = _written(arrival)
    if received.replies and not arrival.inline and not received.duplicate:
        service.wake(inbound.channel)
    if received.by_sms and service.sms_channel:
        service.wake(service.sms_channel)
    return received


def _written(arrival: Arrival) -> Received:
    erased = False

    def work(tx: Tx) -> Received:
        nonlocal erased
        found = messages.find(tx, arrival.number_key, arrival.provider_key, arrival.inbound.medium)
        if found.inbound_id is not None and _came_before(arrival, found):
            return _again(arrival, found, found.inbound_id)
        taken = arrival if arrival.inbound.medium == "sms" else _step(arrival, found)
        turn = _turn(taken, found, tx)
        erased = "erase" in turn.acts
        if erased or "opt_out" in turn.acts:
            taken.service.changes.note()
        return _forget(taken, found, turn, tx) if erased else _keep(taken, found, turn, tx)

    received = arrival.service.database.write(work, arrival.number_key)
    if erased:
        arrival.service.database.scrub()
    return received


def _came_before(arrival: Arrival, found: Found) -> bool:
    """Whether a text whose key is known is that text again. Steps of USSD calls may share a key."""
    if arrival.inbound.medium == "sms":
        return True
    return calls.is_again(found, _remembered(arrival, found), arrival.display, arrival.at)


def _step(arrival: Arrival, found: Found) -> Arrival:
    """The arrival as a step of a call; if its key has been taken, with one of its own."""
    entry = calls.entry(arrival.inbound, arrival.text, found)
    text = calls.entered(_remembered(arrival, found), entry, arrival.display, arrival.now)
    key = arrival.provider_key
    if found.inbound_id is not None:
        name = f"{arrival.inbound.provider_id}/{arrival.new_id()}"
        key = arrival.service.vault.provider_key(arrival.inbound.channel, name)
    return replace(arrival, text=text, provider_key=key, entry=entry)


def _again(arrival: Arrival, found: Found, inbound_id: int) -> Received:
    """The same response as the first time; an empty one once it has been purged."""
    if found.response_sealed is None:
        return Received(arrival.render((), 0), duplicate=True)
    stored = arrival.service.vault.open(found.response_sealed, "response", inbound_id)
    return Received(unpacked(stored), duplicate=True)


def _turn(arrival: Arrival, found: Found, tx: Tx) -> Turn:
    """What the conversation makes of the text; the answer to a question of a broadcast is counted."""
    session = _remembered(arrival, found)
    if answered := asking.answer(arrival, found, session, tx):
        return answered
    service, registry = arrival.service, asking.knowing(arrival, found, tx)
    if arrival.entry:
        phone = calls.phone(service, arrival.display, registry, arrival.now)
        return calls.turn(service, phone, session, arrival.entry, found)
    return step(service.book, service.reader, session, arrival.text, arrival.now, registry=registry)


def _remembered(arrival: Arrival, found: Found) -> Session:
    """The session of this person and medium, with what is known of the person.

    A talk whose session does not open (a damaged byte) starts afresh: whoever texts is answered.
    """
    home, opted_out = arrival.number.country, found.opted_out_at is not None
    if found.state_sealed is not None and found.contact_id is not None:
        with suppress(Unsealable):
            return load(arrival.service.vault.open(found.state_sealed, "session", found.contact_id), home, opted_out)
    return Session(language=found.language, home=home, opted_out=opted_out)


def _admit(arrival: Arrival, found: Found, turn: Turn) -> tuple[tuple[Reply, ...], bytes]:
    """Guards are for texts: a USSD screen is always asked for by a hand on a phone, and the operator paces it."""
    if arrival.inbound.medium == "ussd":
        return turn.replies, calls.marks(turn, found.replied or b"", arrival.at)
    if not arrival.service.paced:
        return turn.replies, b""
    replied = found.replied or arrival.service.forgotten.recall(arrival.number_key)
    return guards.admit(turn.replies, replied, arrival.at)


def _affordable(arrival: Arrival, replies: tuple[Reply, ...], tx: Tx) -> Arrival:
    """Answers that would leave with the response, but are over a budget, wait for their day in the outbox instead."""
    budgets = arrival.service.budgets
    sms = arrival.inline and arrival.inbound.medium == "sms"
    if not (replies and sms and budgets.bounds(arrival.number.country)):
        return arrival
    channel, number = arrival.inbound.channel, arrival.number.e164
    texts = [Outbound(0, channel, number, each.text, parts(each.text), 0 if each.emergency else 1) for each in replies]
    may = budgets.admit(tx, texts, arrival.at)
    if all(may):
        return arrival
    for each in compress(texts, may):  # paid for when it goes
        budgets.refund(tx, each, each.parts, arrival.at)
    return replace(arrival, inline=False)


def _keep(arrival: Arrival, found: Found, turn: Turn, tx: Tx) -> Received:
    """The usual case. A withheld answer is not remembered as said: only its acts are done."""
    replies, replied = _admit(arrival, found, turn)
    arrival = _affordable(arrival, replies, tx)
    muted = len(replies) < len(turn.replies)
    unsaid = muted and not replies and turn.session.state is not None  # a talk that is forgotten is, though unsaid
    session = _remembered(arrival, found) if unsaid else turn.session
    contact_id = _keep_contact(arrival, found, session, turn, tx)
    by_sms = (turn.by_sms,) if turn.by_sms else ()
    inbound_id = arrival.new_id(1 + rows((*replies, *by_sms)))
    response = _response(arrival, replies, inbound_id + 1)
    tx.put(
        messages.SAVE_SESSION,
        contact_id=contact_id,
        medium=arrival.inbound.medium,
        state_sealed=arrival.service.vault.seal(dump(session), "session", contact_id),
        replied=replied,
        at=arrival.at,
    )
    _keep_inbound(arrival, inbound_id, contact_id, response, tx)
    _keep_replies(arrival, inbound_id, turn, replies, tx)
    # A number that is in no menu teaches nothing.
    lost = bool(replies) and replies[0].topic == "none" and not fold(arrival.text).isdecimal()
    if lost:
        tx.put(unmatched.ADD, inbound_id=inbound_id, at=arrival.at)
    kinds = _escalate(arrival, turn, contact_id, tx, muted=muted)
    case_opening.keep(arrival, contact_id, found.case_id, [*kinds, *([Kind.UNANSWERED] if lost else [])], tx)
    _belong(arrival, found, turn, contact_id, tx)
    _count(arrival, session, replies, turn.counts, tx)
    return Received(response, replies, muted=muted, by_sms=turn.by_sms)


def _response(arrival: Arrival, replies: tuple[Reply, ...], reference: int) -> Response:
    """What the gateway is answered: the replies, or thanks if they wait in the outbox."""
    return arrival.render(replies, reference) if replies and arrival.inline else arrival.render((), 0)


def _keep_contact(arrival: Arrival, found: Found, session: Session, turn: Turn, tx: Tx) -> int:
    """The contact's id; its row is written only if something about it is new. Days are all that is kept of `seen`."""
    opted_out_at = found.opted_out_at
    if "opt_out" in turn.acts:
        opted_out_at = opted_out_at or arrival.at
    if "opt_in" in turn.acts:
        opted_out_at = None
    contact_id = found.contact_id or arrival.new_id()
    today = day(arrival.at)
    sealed = found.number_sealed or arrival.seal(arrival.number.e164, "number", contact_id)
    told = {
        "number_sealed": sealed,
        "language": session.language,
        "opted_out_at": opted_out_at,
        "seen_at": today,
    }
    if found.contact_id is None:
        new = {"id": contact_id, "number_key": arrival.number_key, "created_at": today}
        number, country = arrival.number.e164, arrival.number.country
        network = arrival.service.prices.network_of(number)
        tx.put(messages.ADD_CONTACT, **new, **told, country=country, network=network)
    elif (sealed, session.language, opted_out_at, today) != (
        found.number_sealed,
        found.language,
        found.opted_out_at,
        found.seen_at,
    ):
        tx.put(messages.CHANGE_CONTACT, contact_id=contact_id, **told)
    return contact_id


def _keep_inbound(arrival: Arrival, row: int, contact_id: int | None, response: Response, tx: Tx) -> None:
    """The text and its answer; without a contact only the answer, for a gateway that asks again."""
    tx.put(
        messages.ADD_INBOUND,
        id=row,
        provider_key=arrival.provider_key,
        contact_id=contact_id,
        channel=arrival.inbound.channel,
        medium=arrival.inbound.medium,
        text_sealed=arrival.seal(arrival.text, "inbound", row) if contact_id is not None else None,
        response_sealed=arrival.service.vault.seal(packed(response), "response", row),
        received_at=arrival.at,
    )


def _keep_replies(arrival: Arrival, inbound_id: int, turn: Turn, replies: tuple[Reply, ...], tx: Tx) -> None:
    """Each in its own row, the first one after that of the text."""
    asked = Asked(arrival.service, inbound_id, arrival.inbound.channel, arrival.number.e164, arrival.at, turn)
    for row, reply in enumerate(replies, inbound_id + 1):
        keep(tx, asked, row, reply, _way(arrival, reply))
    if turn.by_sms and arrival.service.sms_channel:
        asked = asked._replace(channel=arrival.service.sms_channel, turn=Turn(Session(), (turn.by_sms,)))
        keep(tx, asked, inbound_id + 1 + len(replies), turn.by_sms, Way.OUTBOX)


def _way(arrival: Arrival, reply: Reply) -> Way:
    if arrival.inbound.medium == "ussd":
        return Way.SCREEN
    if not arrival.inline:
        return Way.OUTBOX
    return Way.WATCHED if reply.emergency and arrival.reports else Way.RESPONSE


def _escalate(arrival: Arrival, turn: Turn, contact_id: int, tx: Tx, *, muted: bool) -> list[Kind]:
    """Note what somebody needs one of staff for, if that is not open already; why."""
    kinds = []
    if "open_case" in turn.acts:
        kinds.append(Kind.EMERGENCY if any(reply.emergency for reply in turn.replies) else Kind.PERSON)
    if muted:
        kinds.append(Kind.LOOP)
    for kind in kinds:
        row = {"id": arrival.new_id(), "contact_id": contact_id, "kind": kind}
        tx.put(messages.ESCALATE, **row, opened_at=arrival.at, closed_at=None)
    return kinds


def _belong(arrival: Arrival, found: Found, turn: Turn, contact_id: int, tx: Tx) -> None:
    """Who says yes to a campaign belongs to it; who says STOP belongs to none, and does not while it holds."""
    if "opt_out" in turn.acts and found.contact_id is not None:
        tx.put(erasure.FORGET_MEMBERSHIPS, person=contact_id)
        tx.put(erasure.FORGET_DAYS, person=contact_id)
    asking.keep_days(turn, contact_id, tx)
    if turn.joins and found.opted_out_at is None:
        tx.put(
            JOIN,
            contact_id=contact_id,
            code=turn.joins,
            channel=arrival.inbound.channel,
            language=turn.session.language or "",
            question=campaigns.question(arrival.service.book, turn.session.language),
            joined_at=arrival.at,
            how=arrival.inbound.medium,
        )


def _count(arrival: Arrival, session: Session, replies: tuple[Reply, ...], more: tuple[str, ...], tx: Tx) -> None:
    """One more for the day: of the topic, and of what a tool counts. Nothing links a count to a person (H23)."""
    topics = (replies[0].topic, *more) if replies else ()
    for topic in sorted(topics):  # always in one order, so that no two commits wait for each other
        tx.put(
            messages.COUNT,
            day=arrival.now.date().isoformat(),
            country=arrival.number.country or "",
            language=session.language or "",
            topic=topic,
            shard=arrival.at % tx.shards,
            texts=1,
        )


def _forget(arrival: Arrival, found: Found, turn: Turn, tx: Tx) -> Received:
    """The person asked to be forgotten: a tombstone stays, and this answer with no link to it, for a retry.

    An answer that waits in the outbox keeps the number until it has gone.
    """
    replies, replied = _admit(arrival, found, turn)
    arrival = _affordable(arrival, replies, tx)
    arrival.service.forgotten.keep(arrival.number_key, replied, arrival.at)  # now: the next ERASE may be in this commit
    inbound_id = arrival.new_id(1 + len(replies))
    response = _response(arrival, replies, inbound_id + 1)
    if found.contact_id is not None:
        erasure.forget(tx, found.contact_id, arrival.at)
    else:
        erasure.bury(tx, arrival.new_id(), arrival.number_key, arrival.at)
    _keep_inbound(arrival, inbound_id, None, response, tx)
    if not arrival.inline:
        _keep_replies(arrival, inbound_id, turn, replies, tx)
    _count(arrival, turn.session, replies, turn.counts, tx)
    return Received(response, replies, muted=len(replies) < len(turn.replies))
