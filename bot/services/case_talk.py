"""What was said in a case, and what was done about it, in the open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bot.services.case_files import Case, Done
from bot.store import case_talk as store
from bot.store.case_talk import NEWEST, Came, Talk, Went
from bot.store.crypto import Unsealable, Vault
from bot.store.state import SETTLED, State


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the person, or `mine`: of the house. `text` is None if it is not kept any more. `state` says in a word
    how far a text of the house has come; `by` who of staff wrote it, None for the bot."""

    at: int
    mine: bool
    text: str | None
    state: str | None
    medium: str
    by: str | None = None

    @property
    def outcome(self) -> str | None:
        """The same: as the results of broadcasts call it."""
        return self.state


@dataclass(frozen=True, slots=True)
class Note:
    """What was done. `text` is what somebody wrote; `word` says the rest: an outcome, a name, days, a helpline."""

    at: int
    kind: Done
    word: str | None
    text: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class View:
    """A case with all that belongs to it; `said` and `notes` from the oldest on."""

    case: Case
    said: list[Said]
    notes: list[Note]
    earlier: list[Case]


WAITS: Final = "queued"
_STATES: Final[Mapping[int, str]] = {
    State.UNKNOWN: "unknown",
    State.ACCEPTED: "sent",
    State.SENT: "sent",
    State.DELIVERED: "delivered",
    State.READ: "delivered",
    State.SUPPRESSED: "excluded",
    State.CANCELLED: "excluded",
}
FAILED: Final = "failed"
SCREEN: Final = 0
"""The parts of an answer on a USSD screen."""


def said(vault: Vault, found: Talk, notes: Iterable[store.Note]) -> list[Said]:
    """The newest texts of both sides, the oldest of them first."""
    by = {note.outbound_id: note.by for note in notes if note.outbound_id is not None}
    media = {each.id: each.medium for each in found.came}
    texts = [(each.at, each.id, _came(vault, each)) for each in found.came]
    texts += [(each.at, each.id, _went(vault, each, media, by)) for each in found.went]
    return [each for *_, each in sorted(texts, key=lambda text: text[:2])[-NEWEST:]]


def _came(vault: Vault, came: Came) -> Said:
    return Said(
        came.at, mine=False, text=_open(vault, came.text_sealed, "inbound", came.id), state=None, medium=came.medium
    )


def _went(vault: Vault, went: Went, media: Mapping[int, str], by: Mapping[int, str | None]) -> Said:
    if went.text_sealed is None and went.broadcast_text_id is not None:
        text = _open(vault, went.leaflet_sealed, "broadcast", went.broadcast_text_id)
    else:
        text = _open(vault, went.text_sealed, "outbound", went.id)
    state = WAITS if went.state < SETTLED else _STATES.get(went.state, FAILED)
    medium = media.get(went.inbound_id or 0, "sms") if went.parts == SCREEN else "sms"
    return Said(went.at, mine=True, text=text, state=state, medium=medium, by=by.get(went.id))


def done(vault: Vault, notes: Iterable[store.Note]) -> list[Note]:
    """What was done, in the open."""
    return [_note(vault, each) for each in notes]


def _note(vault: Vault, note: store.Note) -> Note:
    kind = Done(note.kind)
    word = None if kind is Done.REPLY else note.word  # that is what it was asked for by
    text = _open(vault, note.text_sealed, "note", note.id)
    return Note(note.at, kind, word, text, note.by)


def _open(vault: Vault, sealed: bytes | None, purpose: str, row: int) -> str | None:
    """The words; None if they are gone, or damaged."""
    with suppress(Unsealable, UnicodeDecodeError):
        return vault.open(sealed, purpose, row).decode() if sealed is not None else None
    return None
