"""Dated notices, as staff write them: in three languages, for some topics and countries, until a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.content.book import LANGUAGES, Book, Language, Notice
from bot.content.layers import Layers, lay
from bot.services import content
from bot.services.content import BadContent, Kind
from bot.services.service import Service
from bot.store import content as store
from bot.text.sms import segments


@dataclass(frozen=True, slots=True)
class Known:
    """A notice as it stands. `filed`: it stands in the files; `version` as in `content_lines.Line`."""

    notice: Notice
    texts: Mapping[Language, str]
    filed: bool
    version: int
    source: str
    source_date: str


def every(service: Service) -> list[Known]:
    """Every notice that is not ended, the one that holds longest first. Raises `StoreError`."""
    versions, values = content.versions(service, Kind.NOTICE), content.current(service, Kind.NOTICE)
    filed = {each.id for each in service.files.notices}
    return [
        Known(
            each,
            texts(service.book, each),
            each.id in filed,
            versions.get(each.id, 0),
            values.get(each.id, {}).get("source", ""),
            values.get(each.id, {}).get("source_date", ""),
        )
        for each in sorted(service.book.notices, key=lambda each: (each.valid_until, each.id), reverse=True)
    ]


def texts(book: Book, notice: Notice) -> dict[Language, str]:
    """Its words in each language."""
    return {language: book.words(f"notice/{notice.id}", notice.say, language) for language in LANGUAGES}


def new_name(service: Service) -> str:
    """A name that no notice has, of the day. Raises `StoreError`."""
    taken = {*content.versions(service, Kind.NOTICE), *(each.id for each in service.book.notices)}
    day = content.today(service).isoformat()
    return next(name for name in (f"{day}-{number}" for number in range(1, 1_000)) if name not in taken)


def as_shown(service: Service, name: str, value: Mapping[str, Any]) -> dict[Language, tuple[str, ...]]:
    """The answer on its first topic to a phone in its first country, part by part, as it would be with the notice.

    Raises `BadContent` and `StoreError`.
    """
    from bot.services.content_rules import cleaned  # noqa: PLC0415 - as in `content`

    over = store.layers(service.database.read(store.current))
    today = content.today(service)
    ground = content.Ground(service.files, over, service.book, today)
    kept = cleaned(ground, Kind.NOTICE, name, value)
    book = lay(service.files, Layers(over.helplines, {**over.notices, name: kept})).book
    state = book.topics.get(kept["topics"][0])
    if state is None:
        raise BadContent([content.Fault(content.Why.TOPIC)])
    place = next(iter(kept["countries"]), next(iter(book.countries)))
    return {
        language: segments(book.answer(state, language, here=place, there=place, today=today)).parts
        for language in LANGUAGES
    }
