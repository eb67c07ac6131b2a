"""The rows of a list in pages: as they are read, and in the order in which they come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from bot.services.contacts_cells import Refused
from bot.services.contacts_file import Source
from bot.services.contacts_rows import Asked, Columns, Fault, Person, Reader
from bot.services.service import Service

PAGE: Final = 500
"""Rows that are read, and come in, together."""
SMALL_PAGE: Final = 50
"""The same where the house is being served: two milliseconds, so that whoever texts meanwhile does not wait."""
BLOCK: Final = 100 * PAGE
"""So many rows are put in the order of their keys first: a page then touches a hundredth of the index over the keys,
not all of it, which halves what an import writes."""
AGAIN: Final = "is in an earlier row already"
AGAIN_AND_NO: Final = "is in an earlier row already; one of the rows says no, and that holds"


class Counts(Counter[str]):
    """How many rows are `new`, `changed`, `known` as they are, `repeated` in the file, `stopped` or `wrong`; together
    `rows`. `joined`: new consents; `silent`: people taken in without one; `withdrawn`: people who say no to a
    campaign now, and said yes before; `blocked`: people the list blocks who were not; `unread`: cells not understood.
    """


class Refusals(NamedTuple):
    """The numbers that a row of a list says no to, to texts (`blocked`) or to a campaign: whatever other rows say.
    Who is `unwilling` has with it what they plainly said no to."""

    blocked: frozenset[int]
    unwilling: Mapping[int, tuple[Refused, ...]]

    def heeded(self, person: Person) -> Person:
        """The person of any row, as all rows together have it."""
        refused = self.unwilling.get(int(person.e164))
        return person._replace(
            blocked=int(person.e164) in self.blocked,
            unwilling=refused is not None,
            refused=refused or (),
            consent=person.consent if refused is None else None,
        )


def find_refusals(source: Source, columns: Columns, reader: Reader) -> Refusals:
    """Look through a list for them; it is not read if it has no such column. Raises `BadFile`."""
    blocked: set[int] = set()
    unwilling: dict[int, tuple[Refused, ...]] = {}
    if {"blocked", "consent"} & columns.at.keys():
        for row in islice(source.rows(), columns.first_row - 1, None):
            if reader.refuses(row) and (person := reader.read(row, [])):
                if person.blocked:
                    blocked.add(int(person.e164))
                if person.unwilling:
                    before = unwilling.get(int(person.e164))
                    both = tuple(dict.fromkeys((*before, *person.refused))) if before else person.refused
                    unwilling[int(person.e164)] = both
    return Refusals(frozenset(blocked), unwilling)


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One file and how it is to be read. `fingerprint` is of both."""

    source: Source
    columns: Columns
    asked: Asked
    reader: Reader
    fingerprint: str
    refusals: Refusals


class Line(NamedTuple):
    """A person with the key and the network of the number, and the row of the list."""

    key: bytes
    number: int
    person: Person
    network: str | None


class Page(NamedTuple):
    """Rows that come in together, without those that say nothing or say it again. The first page of a block has the
    faults of the whole block; the last one `ends` it. `upto`: so many rows of the list are in with it."""

    rows: list[Line]
    faults: list[Fault]
    counts: Counts
    upto: int
    ends: bool = False

    def after(self, done: int) -> Page:
        """The rest of a page of which some rows are in; pages may have been of another size then."""
        begun = done - (self.upto - len(self.rows))
        if not 0 < begun < len(self.rows):
            return self
        return self._replace(rows=self.rows[begun:], counts=Counts())


def read_pages(service: Service, people: PeopleList) -> Iterator[Page]:
    """The pages in the order of the file."""
    rows = islice(people.source.rows(), people.columns.first_row - 1, None)
    read, key, network = people.reader.read, service.vault.number_key, networks(service)
    seen: set[int] = set()
    upto = 0
    while page := list(islice(rows, PAGE)):
        found: list[Line] = []
        faults: list[Fault] = []
        empty = 0
        for row in page:
            if not any(row.cells):
                empty += 1
                continue
            person = read(row, faults)
            if person is None:
                continue
            e164 = person.e164
            before = len(seen)
            seen.add(int(e164))
            refused = any(int(e164) in each for each in people.refusals)
            if len(seen) == before:
                faults.append(Fault(row.number, "phone", AGAIN_AND_NO if refused else AGAIN, e164[-3:], lost=True))
                continue
            if refused:
                person = people.refusals.heeded(person)
            found.append(Line(key(e164), row.number, person, network(e164)))
        lost = Counter(fault.why in (AGAIN, AGAIN_AND_NO) for fault in faults if fault.lost)
        upto += len(page)
        counts = Counts(rows=len(page) - empty, repeated=lost[True], wrong=lost[False])
        counts["unread"] = len(faults) - lost.total()
        yield Page(found, faults, counts, upto)


def in_order(pages: Iterator[Page], served: Callable[[], bool]) -> Iterator[Page]:
    """The same rows, block by block in the order of their keys, which is always the same for the same list.

    While a block is read, the one before it comes out.
    """
    filling: list[Page] = []
    ready: Iterator[Page] = iter(())
    for page in pages:
        filling.append(page)
        yield from islice(ready, PAGE // SMALL_PAGE)
        if len(filling) == BLOCK // PAGE:
            yield from ready
            ready, filling = _block(filling, small=served()), []
    yield from ready
    if filling:
        yield from _block(filling, small=served())


def _block(pages: list[Page], *, small: bool) -> Iterator[Page]:
    rows = sorted(row for page in pages for row in page.rows)
    faults = [fault for page in pages for fault in page.faults]
    counts = Counts()
    for page in pages:
        counts.update(page.counts)
    first = pages[-1].upto - len(rows)
    size = SMALL_PAGE if small else PAGE
    for begin in range(0, max(len(rows), 1), size):
        end = min(begin + size, len(rows))
        yield Page(rows[begin:end], faults, counts, first + end, ends=end == len(rows))
        faults, counts = [], Counts()


def networks(service: Service) -> Callable[[str], str | None]:
    """The network of a number; numbers that begin alike are looked up once."""
    known: dict[str, str | None] = {}
    width = max(map(len, service.prices.networks), default=0)

    def network(e164: str) -> str | None:
        begin = e164[:width]
        if begin not in known:
            known[begin] = service.prices.network_of(e164)
        return known[begin]

    return network if width else lambda _: None
