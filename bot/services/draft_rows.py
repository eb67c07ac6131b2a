"""A draft as rows: itself, and its words, sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from bot.services.replies import parts
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store.broadcasts import Known
from bot.store.database import Tx
from bot.store.stages import Stage
from bot.text.khmer import clean

if TYPE_CHECKING:
    from bot.services.broadcasts import Draft


def keep_words(service: Service, tx: Tx, broadcast: int, draft: Draft, first: int) -> None:
    """Keep the texts of a draft, with ids from `first` on."""
    for number, (language, said) in enumerate(sorted(draft.texts.items()), first):
        sealed = service.vault.seal(said.words.encode(), "broadcast", number)
        values = {"id": number, "language": language, "text_sealed": sealed, "opens": said.opens}
        tx.run(store.ADD_WORDS, broadcast_id=broadcast, parts=parts(said.words), **values)


def version(known: Known, texts: Iterable[store.Words]) -> str:
    """What tells a draft from the same before it was changed: texts that are written anew have other ids."""
    told = (known[2:5], known[8], known[10], known[12:14], known.repeats, [text.id for text in texts])
    return sha256(repr(told).encode()).hexdigest()[:16]


def as_kept(draft: Draft, row: int, now: int) -> Known:
    """A draft as it is kept."""
    known: dict[str, Any] = dict.fromkeys(Known._fields) | {
        "id": row,
        "request": draft.request,
        "campaign": draft.campaign,
        "title": " ".join(clean(draft.title).split()),
        "channel": draft.channel,
        "author": draft.author,
        "approver": draft.approver,
        "state": int(Stage.DRAFT),
        "audience": draft.audience.dumps(),
        "counts": json.dumps(_counts(draft)),
        "pace": draft.pace,
        "created_at": now,
        **draft.window._asdict(),
        "wave": 0,
        "repeats": json.dumps(draft.repeats._asdict()) if draft.repeats else None,
        "origin": draft.origin,
    }
    return Known(**known)


def _counts(draft: Draft) -> dict[str, int | str]:
    told = {"approved_for": draft.approved_for, "state": draft.state}
    return {name: value for name, value in told.items() if value is not None}
