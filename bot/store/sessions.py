"""A talk's session as bytes and back. Only what the session itself holds: facts about the contact are set anew."""

from __future__ import annotations

import json
from typing import Any

from bot.conversation.session import Session, View
from bot.store.times import milliseconds, moment

_encode = json.JSONEncoder(separators=(",", ":")).encode


def dump(session: Session) -> bytes:
    """Everything but `home` and `opted_out`; what has its default value takes no room."""
    kept: dict[str, Any] = {
        "language": session.language,
        "pinned": session.pinned,
        "state": session.state,
        "page": session.page,
        "country": session.country,
        "where": session.where,
        "trail": session.trail,
        "failures": session.failures,
        "at": session.at and milliseconds(session.at),
        "tool": session.tool,
        "given": session.given,
        "view": {name: value for name, value in session.view._asdict().items() if value},
    }
    return _encode({name: value for name, value in kept.items() if value}).encode()


def load(stored: bytes, home: str | None = None, opted_out: bool = False) -> Session:
    """What `dump` wrote, with the facts about the contact. Fields of another version are left out."""
    kept = json.loads(stored)
    at = kept.get("at")
    return Session(
        language=kept.get("language"),
        pinned=kept.get("pinned", False),
        state=kept.get("state"),
        page=kept.get("page", 0),
        country=kept.get("country"),
        where=kept.get("where"),
        trail=tuple(kept.get("trail", ())),
        failures=kept.get("failures", 0),
        at=moment(at) if at else None,
        home=home,
        opted_out=opted_out,
        tool=kept.get("tool"),
        given=tuple(kept.get("given", ())),
        view=View(**{name: value for name, value in kept.get("view", {}).items() if name in View._fields}),
    )
