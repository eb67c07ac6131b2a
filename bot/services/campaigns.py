"""Campaigns: their codes, their phases, and who joins them."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

from bot.content.book import Book, Language
from bot.conversation.registry import Campaign, Phase
from bot.conversation.understand import URGENT
from bot.services import audit, registry
from bot.services.audit import Event
from bot.services.service import Service
from bot.store import campaigns as store
from bot.store.database import Tx
from bot.text.khmer import clean, fold

LONGEST_NAME = 40
MANY = 20_000
"""Of more people it is not counted each time how many they are."""
QUESTION = "join.ask"
"""The state whose question a person says yes to."""

_CODE = re.compile("[A-Z]{2,8}[0-9]{0,4}")


class BadCampaign(ValueError):
    """A code or a name that cannot be used. The text says why, in English; `why` and `word` are for pages."""

    def __init__(self, why: Literal["command", "code", "name"], words: str, word: str = "") -> None:
        super().__init__(words)
        self.why = why
        self.word = word


def add(service: Service, code: str, name: str, by: str | None = None) -> Campaign:
    """Begin a campaign, or give one another name. Raises `BadCampaign` and `StoreError`."""
    campaign = Campaign(_code(code), _name(name))
    word = next((word for word in sorted(_commands(service.book)) if campaign.code.startswith(word)), None)
    if word:
        raise BadCampaign(
            "command", f"a code cannot begin with {word}, which people text as a command; choose another", word
        )

    def work(tx: Tx) -> None:
        now = service.now()
        store.keep(tx, campaign, now)
        registry.changed(tx, now)
        audit.note(service, tx, Event.CAMPAIGN_NAMED, by, campaign=campaign.code)

    service.database.write(work, registry.ONE_AT_A_TIME)
    return campaign


def set_phase(service: Service, code: str, phase: Phase, by: str | None = None) -> bool:
    """Say whether the events of a campaign are over; False if there is no such campaign. Raises `StoreError`."""
    wanted = _code(code)

    def work(tx: Tx) -> bool:
        known = store.set_phase(tx, wanted, phase)
        if known:
            registry.changed(tx, service.now())
            audit.note(service, tx, Event.CAMPAIGN_PHASE, by, campaign=wanted, phase=phase)
        return known

    return service.database.write(work, registry.ONE_AT_A_TIME)


def listed(service: Service) -> list[tuple[Campaign, int]]:
    """Every campaign with how many people joined it; very many are counted now and then. Raises `StoreError`."""
    return [(campaign, _joined(service, code)) for code, campaign in every(service).items()]


def _joined(service: Service, code: str) -> int:
    few = service.database.read(lambda tx: store.size(tx, code, MANY + 1))
    if few <= MANY:
        return few
    return service.counted.get(
        ("joined", code), lambda: service.database.read(lambda tx: store.size(tx, code, sys.maxsize))
    )


def every(service: Service) -> Mapping[str, Campaign]:
    """Every campaign by its code, without counting anybody. Raises `StoreError`."""
    return service.database.read(store.read)


def question(book: Book, language: Language | None) -> str:
    """A fingerprint of the question as it was asked, to be kept with the consent (H9)."""
    state = book.states.get(QUESTION)
    words = book.words(QUESTION, state.pages[0], language or "km") if state else ""
    return sha256(words.encode()).hexdigest()[:16]


def _code(text: str) -> str:
    code = fold(text).replace(" ", "").upper()
    if not _CODE.fullmatch(code):
        raise BadCampaign("code", "a code is 2 to 8 letters and up to 4 digits, as KYA12")
    return code


def _commands(book: Book) -> set[str]:
    """The words in Latin letters that call a command or a tool: STOP12 on a banner would be heard as STOP."""
    commands = [words for topic, words in book.lexicon.whole.items() if topic.split(" ")[0] in URGENT]
    spellings = (word for words in (*commands, *book.lexicon.orders.values()) for word in words)
    return {word for word in (fold(each).replace(" ", "").upper() for each in spellings) if _CODE.fullmatch(word)}


def _name(text: str) -> str:
    name = " ".join(clean(text).split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadCampaign("name", f"a name has 1 to {LONGEST_NAME} characters")
    return name
