"""The recipients of a broadcast: written down in pages, given to the outbox wave by wave, counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    update,
)

from bot.content.book import LANGUAGES, Language
from bot.store.audience import PAGE, PAGE_REASON, REASON, Sought, meant, page_end
from bot.store.database import Tx
from bot.store.lists import Rows, listed, numbers, words
from bot.store.statements import Insert, Statement
from bot.store.tables import BroadcastText, Contact, Outbound, Recipient
from bot.store.waves import COUNTRY, wave

__all__ = ["GIVEN", "PAGE", "PLANNED", "Place", "Planned", "chosen"]

PLANNED: Final = 0
GIVEN: Final = 1
"""To the outbox. A recipient who never is has the state that ended it: a `State`, or a `stages.Left`."""


class Wordless(ValueError):
    """A broadcast without any text cannot have recipients."""


def chosen(language: str | None, texts: Iterable[str]) -> str:
    """Which of the languages a text is written in somebody gets: their own, else Khmer, else the first there is.

    Raises `Wordless` if there is none.
    """
    written = set(texts)
    order = [each for each in (language, *LANGUAGES) if each in written]
    if not order:
        raise Wordless("a broadcast needs its words in at least one language")
    return str(order[0])


def _own(kind: str) -> ColumnElement[Any]:
    """A value bound for each language, picked by that of the contact; else the one for all others."""
    own: dict[str, Any] = {language: bindparam(f"{kind}_{language}") for language in LANGUAGES}
    return func.coalesce(case(own, value=Contact.language), bindparam(f"{kind}_otherwise"))


def _expand(who: ColumnElement[bool], *, fresh: bool = False) -> Statement:
    broadcast: Any = bindparam("broadcast", type_=BigInteger)
    columns = {
        Recipient.broadcast_id: broadcast,
        Recipient.country: COUNTRY,
        Recipient.wave: wave(Contact.id, broadcast),
        Recipient.contact_id: Contact.id,
        Recipient.language: _own("language"),
        Recipient.province: Contact.province,
        Recipient.network: Contact.network,
        Recipient.parts: _own("parts"),
    }
    people = select(*columns.values()).select_from(Contact).where(who)

    def build(insert: Insert) -> Any:
        new = insert(Recipient).from_select(list(columns), people, include_defaults=False)
        return new if fresh else new.on_conflict_do_nothing()

    return Statement(build)


@lru_cache(maxsize=32)
def _expand_page(used: frozenset[str], fresh: bool) -> Statement:
    return _expand(and_(meant(used), PAGE_REASON.is_(None)), fresh=fresh)


_EXPAND_SOME = _expand(and_(Contact.id.in_(numbers("ids")), REASON.is_(None)))


@lru_cache(maxsize=32)
def _in_turn(used: frozenset[str]) -> Statement:
    turn = COUNTRY, wave(Contact.id, bindparam("broadcast", type_=BigInteger)), Contact.id
    people = select(Contact.id).where(meant(used), PAGE_REASON.is_(None)).order_by(*turn).subquery("people")
    return Statement(lambda _: select(Rows(people.c.id)))


_TEXTS = Statement(
    lambda _: select(BroadcastText.language, BroadcastText.parts).where(
        BroadcastText.broadcast_id == bindparam("broadcast")
    )
)


def texts(tx: Tx, broadcast: int) -> dict[str, int]:
    """The languages of a broadcast, and how many parts its words are in each."""
    return dict(tx.all(_TEXTS, broadcast=broadcast))


def _words(parts: Mapping[str, int]) -> dict[str, Any]:
    otherwise = chosen(None, parts)
    values: dict[str, Any] = {"language_otherwise": otherwise, "parts_otherwise": parts[otherwise]}
    for language in LANGUAGES:
        values[f"language_{language}"] = language if language in parts else None
        values[f"parts_{language}"] = parts.get(language)
    return values


def expand_page(tx: Tx, sought: Sought, after: int, most: int = PAGE, *, fresh: bool = False) -> int | None:
    """Write down the recipients of a broadcast among the next `most` contacts after `after`.

    The last contact that was looked at; None if there are no more. Who is a recipient already stays as they are, so
    that doing it again adds nobody; of a `fresh` page nobody is, or nothing is written: not to look for them saves
    PostgreSQL two fifths of the work. Raises `Wordless`, and the database's own error of a `fresh` page that was not.
    """
    last = page_end(tx, after, most)
    if last is not None:
        words = _words(texts(tx, sought.broadcast))
        tx.run(_expand_page(sought.used, fresh), after=after, last=last, **sought.values(), **words)
    return last


def in_turn(tx: Tx, sought: Sought, after: int, last: int) -> str:
    """The ids, with `BETWEEN_ROWS` between them, of those of the contacts after `after` up to `last` who would be
    recipients, in the order of their turns.

    Written down in that order they touch few pages of the table, and so little is written.
    """
    (people,) = tx.one(_in_turn(sought.used), after=after, last=last, **sought.values()) or (None,)
    return people or ""


def expand_some(tx: Tx, sought: Sought, contacts: Sequence[str]) -> None:
    """Write some contacts down as recipients whom the filters were found to fit; the rules are looked at again."""
    values = sought.values()
    rules = {name: values[name] for name in ("campaign", "broadcast", "now")}
    tx.run(_EXPAND_SOME, ids=f"[{','.join(contacts)}]", **rules, **_words(texts(tx, sought.broadcast)))


class Place(NamedTuple):
    """Recipients of a broadcast whose turn comes together."""

    broadcast: int
    country: str
    wave: int


class Planned(NamedTuple):
    """A recipient whose turn has come. `reason`: the rule that leaves them out now, None if none does."""

    contact_id: int
    language: Language
    parts: int
    reason: str | None


HERE = and_(
    Recipient.broadcast_id == bindparam("broadcast"),
    Recipient.country == bindparam("of_country"),
    Recipient.wave == bindparam("of_wave"),
)
"""The recipients of a `Place`."""
AMONG = Recipient.contact_id.in_(numbers("ids"))
_PLANNED = Recipient.state == literal_column(str(PLANNED))
_NEXT = Statement(
    lambda _: (
        select(Recipient.contact_id, Recipient.language, Recipient.parts, REASON)
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .where(HERE, _PLANNED)
        .order_by(Recipient.contact_id)
        .limit(bindparam("most"))
    )
)
_NEXT_COUNTRY = Statement(
    lambda _: (
        select(Recipient.country)
        .where(Recipient.broadcast_id == bindparam("broadcast"), Recipient.country > bindparam("before"))
        .order_by(Recipient.country)
        .limit(1)
    )
)
_ANY_LEFT = Statement(lambda _: select(literal_column("1")).where(exists().where(HERE, _PLANNED)))
_SOME_LEFT: Select[Any] = (
    select(literal_column("1").label("one"))
    .where(
        Recipient.broadcast_id == bindparam("broadcast"),
        Recipient.country.in_(words("countries")),
        Recipient.wave <= bindparam("last_wave"),
        _PLANNED,
    )
    .limit(bindparam("most"))
)
_MORE = Statement(lambda _: select(func.count()).select_from(_SOME_LEFT.subquery("some")))
_TEXT_OF = (
    select(Outbound.id)
    .join(BroadcastText, BroadcastText.id == Outbound.broadcast_text_id)
    .where(
        Outbound.contact_id == Recipient.contact_id,
        BroadcastText.broadcast_id == Recipient.broadcast_id,
        BroadcastText.language == Recipient.language,
    )
    .scalar_subquery()
)
_GIVE = Statement(
    lambda _: (
        update(Recipient).where(HERE, AMONG, _PLANNED).values(state=literal_column(str(GIVEN)), outbound_id=_TEXT_OF)
    )
)
_END = Statement(lambda _: update(Recipient).where(HERE, AMONG, _PLANNED).values(state=bindparam("ended")))


def _at(place: Place) -> dict[str, Any]:
    return {"broadcast": place.broadcast, "of_country": place.country, "of_wave": place.wave}


def countries(tx: Tx, broadcast: int) -> list[str]:
    """The countries of the recipients, by a search of the key for each of them."""
    found: list[str] = []
    while row := tx.one(_NEXT_COUNTRY, broadcast=broadcast, before=found[-1] if found else ""):
        found.append(row[0])
    return found


def left(tx: Tx, place: Place) -> bool:
    """Whether anybody's turn is still to come there."""
    return tx.one(_ANY_LEFT, **_at(place)) is not None


def more(tx: Tx, broadcast: int, countries: Iterable[str], last_wave: int, than: int) -> bool:
    """Whether the turn of more people than these is still to come in the waves up to this one."""
    values = {"countries": listed(countries), "last_wave": last_wave, "most": than + 1}
    row = tx.one(_MORE, broadcast=broadcast, **values)
    return row is not None and row[0] > than


def next_planned(tx: Tx, place: Place, campaign: str, now: int, most: int) -> list[Planned]:
    """The next recipients there, in the order of their contacts, with the rules looked at again (D6).

    A contact that is no more counts as erased.
    """
    rows = tx.all(_NEXT, campaign=campaign, now=now, most=most, **_at(place))
    return [Planned._make(row) for row in rows]


def give(tx: Tx, place: Place, contacts: Iterable[int]) -> int:
    """These were given to the outbox: their texts are rows there already. How many were still planned."""
    return tx.run(_GIVE, ids=listed(contacts), **_at(place))


def end(tx: Tx, place: Place, contacts: Iterable[int], state: int) -> int:
    """These end without a text. How many were still planned."""
    return tx.run(_END, ids=listed(contacts), ended=state, **_at(place))


_BY_STATE = Statement(
    lambda _: (
        select(Recipient.state, func.count())
        .where(Recipient.broadcast_id == bindparam("broadcast"))
        .group_by(Recipient.state)
    )
)
_BY_TEXT = Statement(
    lambda _: (
        select(Outbound.state, func.count())
        .where(
            Outbound.broadcast_text_id.in_(
                select(BroadcastText.id).where(BroadcastText.broadcast_id == bindparam("broadcast"))
            )
        )
        .group_by(Outbound.state)
    )
)


def by_state(tx: Tx, broadcast: int) -> dict[int, int]:
    """How many recipients there are in each `Recipient.state`. Looks at each of them: 0.2 s for a million."""
    return dict(tx.all(_BY_STATE, broadcast=broadcast))


def texts_by_state(tx: Tx, broadcast: int) -> dict[int, int]:
    """How many of its texts are in each `State` of the outbox, by the index alone."""
    return dict(tx.all(_BY_TEXT, broadcast=broadcast))
