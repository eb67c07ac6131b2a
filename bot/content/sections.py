"""One reader for each file of `messages/`: YAML blocks in, values of the Book out, faults collected on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import cast

from bot.content.book import (
    ASK_KINDS,
    ASKS,
    LANGUAGES,
    ROLES,
    TOPICS,
    Choice,
    Country,
    Fact,
    Fill,
    Helpline,
    Language,
    Notice,
    Scope,
    State,
    place_of,
)
from bot.content.ledger import Ledger
from bot.content.nodes import Block
from bot.content.review import PEOPLE
from bot.content.template import places

STATE_ID = re.compile(r"[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
CATEGORIES = frozenset(ROLES) | {
    "emergency_fire",
    "immigration",
    "international_org",
    "ngo",
    "other_government",
    "scam",
    "social_security",
}
CONFIDENCE = frozenset({"high", "medium", "low"})


def read_state(name: str, block: Block, ledger: Ledger) -> State:
    """One state; topic and budget follow from the id where the block does not give them."""
    block.only(
        *("topic", "facts", "sensitive", "scope", "budget", "hints", "notices", "fills", "asks"),
        *("say", "more", "by_country", "choose"),
    )
    if not STATE_ID.fullmatch(name):
        block.faults.add(block.where, f"{name!r} is no state id (small letters, dots between parts)")
    topic = block.optional("topic") or topic_of(name)
    if topic not in TOPICS:
        block.faults.add(block.at("topic"), f"unknown topic {topic!r}")
    most = 1 if topic == "sos" else 2 if name.startswith("countries.") else 3
    scope = block.choice("scope", ("here", "there"), default="here")
    place = place_of(name)
    state = State(
        id=name,
        topic=topic,
        pages=_pages(block, ledger, reader=place, about=place),
        by_country=MappingProxyType(dict(_by_country(block, ledger, scope))),
        choices=tuple(_choices(name, block, ledger)),
        facts=_facts(block, ledger),
        sensitive=block.flag("sensitive", default=False),
        scope=cast(Scope, scope),
        budget=block.number("budget", default=most, most=most),
        hints=block.flag("hints", default=True),
        where=block.where,
        fills=MappingProxyType(dict(_fills(block, ledger))),
        notices=block.flag("notices", default=True),
        asks=block.choice("asks", ASKS, default=""),
    )
    _check_asking(state, block)
    _check_fills(state, block)
    if state.hints and any(len(pages) > 1 for pages in (state.pages, *state.by_country.values())):
        ledger.need(block.where, "system.hint_more")
    return state


def _pages(block: Block, ledger: Ledger, *, reader: str | None, about: str | None) -> tuple[str, ...]:
    """First page and those after MORE. `reader`: the only country it is read in; `about`: the country it is about."""
    pages = [(block.at("say"), block.text("say")), *block.placed("more")]
    for where, text in pages:
        ledger.check_text(where, text, reader)
        if ("country", "") in places(text) and about not in ledger.countries:
            ledger.need(where, "system.this_country")
    return tuple(text for _, text in pages)


def _fills(block: Block, ledger: Ledger) -> Iterator[tuple[str, Fill]]:
    """What a tool fills in: the widest text there may be, or the states whose texts it may be."""
    inner = block.inner("fills")
    for name in inner.items:
        if inner.is_list(name):
            for where, state in inner.placed(name):
                ledger.need(where, state)
            yield name, Fill("", inner.texts(name))
        else:
            yield name, Fill(inner.text(name), ())


def _check_asking(state: State, block: Block) -> None:
    """What is asked has lines to choose from, and only a text that nobody asked for asks to ask again."""
    if state.asks and not state.choices:
        block.faults.add(block.at("asks"), "a question needs lines to choose from (`choose`)")
    if any(choice.means in ASK_KINDS for choice in state.choices) and not state.asks:
        block.faults.add(block.where, f"only with `asks` may lines mean {', '.join(sorted(ASK_KINDS))}")


def _check_fills(state: State, block: Block) -> None:
    """What the texts ask for is what `fills` names."""
    pages = (page for pages in (state.pages, *state.by_country.values()) for page in pages)
    asked = {name for page in pages for kind, name in places(page) if kind == "fill"}
    for name in sorted(asked ^ state.fills.keys()):
        known = "is not among `fills`" if name in asked else "stands in no text"
        block.faults.add(block.at("fills"), f"{{fill:{name}}} {known}")


def topic_of(name: str) -> str:
    """The topic a state id stands for when its block names none."""
    group, _, rest = name.partition(".")
    if group == "topics":
        return rest
    if group == "system":
        return rest if rest in TOPICS else "none"
    return {"countries": "country"}.get(group, group)


def _by_country(block: Block, ledger: Ledger, scope: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for code, variant in block.named("by_country"):
        variant.only("say", "more")
        ledger.check_country(variant.where, code)
        yield code, _pages(variant, ledger, reader=code if scope == "here" else None, about=code)


def _choices(name: str, block: Block, ledger: Ledger) -> Iterator[Choice]:
    for item in block.blocks("choose"):
        item.only("label", "go", "aliases", "country", "language", "means")
        language = item.choice("language", LANGUAGES) if item.has("language") else None
        country = item.optional("country")
        if country is not None:
            ledger.check_country(item.at("country"), country)
        choice = Choice(
            label=item.text("label"),
            go=item.text("go"),
            aliases=item.texts("aliases"),
            country=country,
            language=cast("Language | None", language),
            context=f"{name}/choice",
            means=item.optional("means") or "",
        )
        ledger.need(item.at("go"), choice.go)
        ledger.check_plain(item.at("label"), choice.label)
        yield choice


def _facts(block: Block, ledger: Ledger) -> tuple[str, ...]:
    for where, fact in block.placed("facts"):
        ledger.check_fact(where, fact)
    return block.texts("facts")


def read_helpline(name: str, block: Block, ledger: Ledger) -> Helpline:
    """One number of the ledger."""
    block.only(
        *("name", "category", "country", "local", "e164", "languages", "khmer", "hours", "toll_free", "sources"),
        *("source_date", "confidence", "bot_use", "checked_on", "checked_by", "roles", "use_for", "note"),
        *("address", "website", "email", "whatsapp", "sms", "e164_alternative"),
    )
    category = block.choice("category", CATEGORIES)
    use = block.optional("bot_use")
    if use not in ("ok", "verify_first"):
        block.faults.add(block.at("bot_use"), "only `ok` and `verify_first` may be in the ledger (others: `refused`)")
    helpline = Helpline(
        id=name,
        name=block.text("name"),
        category=category,
        country=block.text("country"),
        local=block.optional("local"),
        e164=block.optional("e164"),
        languages=block.texts("languages"),
        khmer=block.text("khmer"),
        hours=block.text("hours"),
        toll_free=block.text("toll_free"),
        sources=_sources(block, ledger),
        source_date=block.optional("source_date"),
        confidence=block.choice("confidence", CONFIDENCE),
        bot_use="ok" if use == "ok" else "verify_first",
        checked_on=block.day("checked_on"),
        checked_by=block.choice("checked_by", PEOPLE) if block.has("checked_by") else None,
        roles=tuple(_roles(block, category)),
    )
    if (helpline.checked_on is None) != (helpline.checked_by is None):
        block.faults.add(block.at("checked_on"), "`checked_on` and `checked_by` belong together")
    ledger.check_local(block.at("local"), helpline)
    ledger.check_e164(block.at("e164"), helpline)
    return helpline


def _roles(block: Block, category: str) -> Iterator[str]:
    named = block.placed("roles")
    if not named and category in ROLES:
        yield ROLES[category]
    for where, role in named:
        if role not in ROLES.values():
            block.faults.add(where, f"unknown role {role!r} (known: {', '.join(ROLES.values())})")
        yield role


def _sources(block: Block, ledger: Ledger) -> tuple[str, ...]:
    for where, source in block.placed("sources"):
        if source not in ledger.sources:
            block.faults.add(where, f"unknown source {source!r}")
    return block.texts("sources")


def read_country(code: str, block: Block, ledger: Ledger) -> Country:
    """One country with a help card."""
    block.only("name", "calling_code", "card")
    country = Country(code, block.text("name"), block.text("calling_code"))
    ledger.check_country(block.where, code, country.calling_code)
    ledger.check_plain(block.at("name"), country.name)
    return country


def read_card(code: str, block: Block, ledger: Ledger) -> tuple[str, ...]:
    """The ledger ids of a country, best first: those of its `card`, then the others in the ledger's order."""
    first = []
    for where, name in block.placed("card"):
        line = ledger.helplines.get(name)
        if line is None:
            block.faults.add(where, f"unknown helpline {name!r}")
        elif line.country != code and line.e164 is None:
            block.faults.add(where, f"{name} cannot be dialled from {code}")
        else:
            first.append(name)
    return (*first, *(line.id for line in ledger.helplines.values() if line.country == code and line.id not in first))


def read_notice(name: str, block: Block, ledger: Ledger) -> Notice:
    """One dated notice."""
    block.only("say", "topics", "countries", "valid_until", "facts", "source", "source_date")
    for where, topic in block.placed("topics"):
        if topic not in TOPICS:
            block.faults.add(where, f"unknown topic {topic!r}")
    for where, code in block.placed("countries"):
        ledger.check_country(where, code)
    until = block.day("valid_until")
    if until is None:
        block.faults.add(block.at("valid_until"), "a notice needs the day it is valid until (`valid_until`)")
    notice = Notice(
        id=name,
        say=block.text("say"),
        topics=frozenset(block.texts("topics")),
        countries=frozenset(block.texts("countries")),
        valid_until=until or date.min,
        facts=_facts(block, ledger),
        where=block.where,
    )
    ledger.check_text(block.at("say"), notice.say, None)
    if ("country", "") in places(notice.say):
        ledger.need(block.at("say"), "system.this_country")
    return notice


def read_fact(name: str, block: Block, ledger: Ledger) -> Fact:
    """One fact of the dossier."""
    block.only("fact", "sources", "source_date", "confidence", "caution")
    confidence = block.choice("confidence", CONFIDENCE)
    return Fact(name, block.text("fact"), _sources(block, ledger), block.optional("source_date"), confidence)
