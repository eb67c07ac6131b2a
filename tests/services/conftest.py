"""A house with a conversation of a few words, so that these tests are about keeping and not about understanding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.conversation import screens
from bot.conversation.screens import Entry, Phone
from bot.conversation.session import Reply, Session, Turn, View
from bot.protocol import Inbound, Response
from bot.services import conductor, expanding, inbox
from bot.services.service import Service
from bot.store.crypto import Vault

KEY = bytes(range(32))
ACTS = {"STOP": ("opt_out",), "START": ("opt_in",), "ERASE": ("erase",), "HUMAN": ("open_case",)}


def scripted(book: object, reader: object, session: Session, text: str, now: datetime, registry: object) -> Turn:
    """Says how often it has answered, so that a lost or doubled step shows."""
    after = session._replace(page=session.page + 1, state="topics.loans", language="en", at=now)
    if text == "BREAK":
        raise RuntimeError("a mistake in the conversation")
    if text == "SILENT":
        return Turn(after, ())
    if text == "SOS":
        return Turn(after, (Reply("Call 117.", "sos", emergency=True),), ("open_case",))
    if text == "QUIZ":
        return Turn(after, (Reply("Right!", "quiz", asked=True),), counts=("quiz/KYA12/before/1/right",))
    return Turn(after, (Reply(f"answer {after.page}", "loans"),), ACTS.get(text, ()))


def on_screen(phone: Phone, session: Session, entry: Entry) -> Turn:
    """The same on USSD screens; a new call starts afresh."""
    if screens.begins(session, entry):
        session = Session()
    turn = scripted(None, None, session, entry.text, phone.now, None)
    return replace(turn, session=turn.session._replace(view=View(entry.call)))


def render(replies: tuple[Reply, ...], reference: int) -> Response:
    body = f"{reference}:" + "|".join(reply.text for reply in replies)
    return Response(200, body.encode(), "text/xml")


@pytest.fixture
def service(database, clock, monkeypatch) -> Service:
    monkeypatch.setattr(inbox, "step", scripted)
    monkeypatch.setattr(screens, "answer", on_screen)
    monkeypatch.setattr(conductor, "SLICE", 60.0)  # however busy this machine is, a round gets as far
    monkeypatch.setattr(expanding, "SLICE", 60.0)
    return Service(database, Vault(KEY), None, None, clock, frozenset({"+15005550006"}))


@pytest.fixture
def text(service) -> Callable[..., inbox.Received]:
    """Let a text come in."""

    def come(words: str, sender: str = "+85512345678", sid: str | None = None, **more: object) -> inbox.Received:
        come.count += 1
        at = datetime(2026, 11, 2, tzinfo=UTC)
        return inbox.receive(service, Inbound("twilio", sender, words, sid or f"SM{come.count}", at, **more), render)

    come.count = 0
    return come
