"""Campaigns that people join by a code, and the list of licensed agencies."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from datetime import date
from io import BytesIO
from typing import Any, Final, NamedTuple, cast, get_args

import flask

from bot.console.access import Takes, door, may
from bot.console.account import mine
from bot.console.content import EDIT, LOOK, done, page, pages
from bot.console.doors import field
from bot.console.home import country
from bot.console.visit import console, say
from bot.conversation.registry import Agency, Phase
from bot.services import agency_list, campaigns, content, registry
from bot.services.disclosure import SMALL
from bot.services.roles import Act
from bot.store.crypto import Unsealable

SHOWN: Final = 20
"""Agencies of a list that are shown: enough to see whether it is the right one."""
LARGEST: Final = 1_000_000
"""Bytes of a list on a page; for a larger one there is the command."""
LONGEST: Final = 400_000
"""Characters of a list on its way from the page that shows it to the page that takes it in, sealed and packed."""
FILE: Final = Takes(LARGEST + 10_000, lambda _: BytesIO())
SEALED: Final = Takes(LONGEST + 50_000, lambda _: BytesIO())
BOUND: Final = "agencies {}"


@pages.get("/campaigns")
@door(LOOK)
def all_campaigns() -> Any:
    """Every campaign, with how many joined it."""
    return _campaigns()


def _campaigns(fault: str = "") -> Any:
    known = [(each, people if not 0 < people < SMALL else None) for each, people in campaigns.listed(console().service)]
    return page(
        "content_campaigns.html",
        400 if fault else 200,
        known=known[::-1],
        small=SMALL,
        fault=fault,
        code=field("code")[:20],
        name=field("name")[:80],
        writes=may(Act.CAMPAIGN_EDIT),
        phases=get_args(Phase),
    )


@pages.post("/campaigns")
@door(Act.CAMPAIGN_EDIT)
def add_campaign() -> Any:
    """Begin one, or give one another name."""
    try:
        campaigns.add(console().service, field("code"), field("name"), mine().name)
    except campaigns.BadCampaign as bad:
        return _campaigns(say(f"content.campaign.{bad.why}", word=bad.word, most=campaigns.LONGEST_NAME))
    return done("content.all_campaigns", "campaign_kept")


@pages.post("/campaigns/phase")
@door(Act.CAMPAIGN_EDIT)
def campaign_phase() -> Any:
    """Its events are over, or still to come."""
    phase = field("phase")
    if phase not in get_args(Phase):
        flask.abort(400)
    try:
        known = campaigns.set_phase(console().service, field("code"), cast(Phase, phase), mine().name)
    except campaigns.BadCampaign:
        known = False
    if not known:
        flask.abort(404)
    return done("content.all_campaigns", "campaign_phase")


class Looked(NamedTuple):
    """A list that was given, and is not taken in yet. `sealed` brings it back."""

    agencies: tuple[Agency, ...]
    source: str
    listed_on: date
    sealed: str


@pages.get("/agencies")
@door(LOOK)
def agencies() -> Any:
    """The list as it is, and how to take in another."""
    return _agencies()


def _agencies(faults: tuple[str, ...] = (), looked: Looked | None = None) -> Any:
    return page(
        "content_agencies.html",
        400 if faults else 200,
        known=registry.listed(console().service),
        faults=faults,
        looked=looked,
        shown=SHOWN,
        places=_places,
        source=field("source")[:80],
        today=content.today(console().service).isoformat(),
    )


def _places(codes: tuple[str, ...]) -> str:
    """Countries of an agency, by name where they have one."""
    book = console().service.book
    return ", ".join(country(code) if code in book.countries else code for code in codes)


@pages.post("/agencies/look")
@door(EDIT, FILE)
def look_at_agencies() -> Any:
    """Read a list and show what it holds; nothing is taken in."""
    file = flask.request.files.get("file")
    raw = file.read(LARGEST + 1) if file else b""
    if not raw:
        return _agencies((say("content.agencies_none_given"),))
    if len(raw) > LARGEST:
        return _agencies((say("content.agencies_large"),))
    try:
        listed_on = date.fromisoformat(field("date"))
    except ValueError:
        return _agencies((say("content.why.day"),))
    try:
        found, source = agency_list.looked_at(console().service, raw, field("source"), listed_on)
    except agency_list.BadList as bad:
        return _agencies(bad.faults[: agency_list.SHOWN])
    sealed = _sealed(raw, source, listed_on)
    if len(sealed) > LONGEST:
        return _agencies((say("content.agencies_large"),))
    return _agencies(looked=Looked(found, source, listed_on, sealed))


@pages.post("/agencies")
@door(EDIT, SEALED)
def take_agencies() -> Any:
    """Take in the list that was shown."""
    try:
        raw, source, listed_on = _unsealed(field("list"))
        agency_list.import_file(console().service, raw, source, listed_on, mine().name)
    except Unsealable:
        return _agencies((say("content.agencies_stale"),))
    except agency_list.BadList as bad:
        return _agencies(bad.faults[: agency_list.SHOWN])
    return done("content.agencies", "agencies_taken")


def _sealed(raw: bytes, source: str, listed_on: date) -> str:
    """The list for the form below it. It opens only for this session of staff."""
    told = json.dumps([source, listed_on.isoformat()]).encode()
    packed = zlib.compress(told + b"\n" + raw, 9)
    return base64.b64encode(console().service.vault.seal(packed, BOUND.format(mine().csrf), 0)).decode()


def _unsealed(sealed: str) -> tuple[bytes, str, date]:
    """What was sealed. Raises `Unsealable`."""
    try:
        packed = console().service.vault.open(base64.b64decode(sealed), BOUND.format(mine().csrf), 0)
    except (binascii.Error, ValueError):
        raise Unsealable from None
    told, _, raw = zlib.decompress(packed).partition(b"\n")
    source, listed_on = json.loads(told)
    return raw, source, date.fromisoformat(listed_on)
