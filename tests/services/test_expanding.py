"""Recipients are written down bit by bit while somebody texts: the same people, each once, whoever dies or stops it."""

import pytest
from campaigning import AUTHOR, Office
from sqlalchemy import delete, select

from bot.services import broadcasts, expanding
from bot.services.expanding import Expanding
from bot.store import broadcasts as store
from bot.store import marks, recipients
from bot.store.errors import StoreError
from bot.store.postgres import PostgresTx
from bot.store.sqlite import SqliteTx
from bot.store.stages import Stage
from bot.store.statements import Statement
from bot.store.tables import Recipient

_ALL = Statement(lambda _: select(Recipient.__table__).order_by(Recipient.contact_id))
_NONE = Statement(lambda _: delete(Recipient))


class Died(Exception):
    """As if the process were killed there."""


@pytest.fixture
def office(service, monkeypatch) -> Office:
    """Pages of 50 contacts, parts of 8 recipients, on both databases as where one writes at a time."""
    monkeypatch.setattr(PostgresTx, "one_writer", True)
    monkeypatch.setattr(expanding, "ALONE", 50)
    monkeypatch.setattr(expanding, "BLOCK", 50)
    monkeypatch.setattr(expanding, "SHARED", 20)
    monkeypatch.setattr(expanding, "PART", 8)
    monkeypatch.setattr(expanding, "PAUSE", 0.0)
    monkeypatch.setattr(expanding, "REST", 0.0)
    return Office(service)


def begun(office: Office) -> store.Known:
    made = office.scheduled()
    broadcasts.step(office.service, made, lambda tx, _: store.change(tx, made, state=int(Stage.EXPANDING)))
    return broadcasts.get(office.service, made)


def written(office: Office) -> list[tuple[object, ...]]:
    return office.service.database.read(lambda tx: tx.all(_ALL))


def before_part(monkeypatch, nth: int, act) -> None:
    """Let something happen before the `nth` part is written, in its transaction."""
    parts, whole = iter(range(1, nth)), recipients.expand_some

    def acted(tx, *more) -> None:
        if next(parts, None) is None:
            act(tx)
        whole(tx, *more)

    monkeypatch.setattr(recipients, "expand_some", acted)


def die(_: object) -> None:
    raise Died


def test_the_same_people_as_when_nobody_texts(office, text, clock):
    office.people(130)
    office.people(40, "TH", "en")
    for nth in range(3):
        text("STOP", office.number(10 * nth))
    clock.forward(seconds=60)
    known = begun(office)
    assert Expanding(office.service).go_on(known)
    alone = written(office)
    assert len({row[3] for row in alone}) == len(alone) == 167
    office.service.database.write(lambda tx: tx.run(_NONE))
    broadcasts.step(office.service, known.id, lambda tx, _: store.change(tx, known.id, expanded_to=None))
    text("hello")
    assert Expanding(office.service).go_on(known)
    assert written(office) == alone


def test_a_part_is_all_that_a_text_waits_for(office, text, monkeypatch):
    office.people(100)
    text("hello")
    sizes, whole = [], recipients.expand_some

    def noted(tx, sought, some) -> None:
        sizes.append(len(some))
        whole(tx, sought, some)

    monkeypatch.setattr(recipients, "expand_some", noted)
    assert Expanding(office.service).go_on(begun(office))
    assert sum(sizes) == 100
    assert max(sizes) == 8


@pytest.mark.parametrize("nth", [1, 2, 7, 8])
def test_a_process_that_dies_in_a_page_leaves_it_to_another_which_adds_nobody_twice(
    office, text, clock, monkeypatch, nth
):
    office.people(120)
    text("hello")
    known = begun(office)
    with monkeypatch.context() as killed:
        before_part(killed, nth, die)
        with pytest.raises(Died):
            Expanding(office.service).go_on(known)
    other = Expanding(office.service)
    assert not other.go_on(known)  # it may only be slow
    assert len(written(office)) == 8 * (nth - 1) - (nth == 8) * 6
    clock.forward(seconds=6)
    text("hello again")
    assert other.go_on(known)
    assert len({row[3] for row in written(office)}) == len(written(office)) == 120


def test_whoever_was_slow_stops_when_another_went_on(office, text, clock, monkeypatch):
    office.people(60)
    text("hello")
    known = begun(office)
    slow, other = Expanding(office.service), Expanding(office.service)

    with monkeypatch.context() as killed:
        before_part(killed, 3, die)
        with pytest.raises(Died):
            slow.go_on(known)
    clock.forward(seconds=6)
    assert other.go_on(known)
    many = len(written(office))
    assert slow.go_on(known)  # nobody is left
    assert len(written(office)) == many == 60


def test_a_cancel_in_the_middle_of_a_page_is_the_end_of_it(office, text, monkeypatch):
    office.people(60)
    text("hello")
    known = begun(office)
    whole = broadcasts.step
    steps = iter(range(4))

    def cancelled(service, row, work, **more):
        if next(steps, None) is None:
            monkeypatch.setattr(broadcasts, "step", whole)
            broadcasts.cancel(service, row, AUTHOR)
        return whole(service, row, work, **more)

    monkeypatch.setattr(broadcasts, "step", cancelled)
    expander = Expanding(office.service)
    assert not expander.go_on(known)
    assert len(written(office)) == 24
    assert expander.go_on(known)
    assert len(written(office)) == 24


def test_a_clock_that_went_back_holds_nothing_up(office, text, clock):
    office.people(60)
    known = begun(office)
    text("hello")
    clock.forward(days=2)
    slow = Expanding(office.service)
    office.service.database.write(lambda tx: slow._mine(tx, known.id, office.now()))
    clock.forward(days=-2)
    assert Expanding(office.service).go_on(known)
    assert len(written(office)) == 60


def test_nothing_is_remembered_when_all_are_written_down(office, text):
    office.people(60)
    text("hello")
    known = begun(office)
    assert Expanding(office.service).go_on(known)
    assert office.service.database.read(lambda tx: marks.get(tx, marks.EXPANDER.format(known.id))) is None


@pytest.fixture
def shared(office, monkeypatch) -> None:
    """Where several write at a time, pages are only smaller while somebody texts."""
    monkeypatch.setattr(PostgresTx, "one_writer", False)
    monkeypatch.setattr(SqliteTx, "one_writer", False)


def test_where_several_write_at_a_time_pages_are_smaller_while_somebody_texts(office, shared, text, clock, monkeypatch):
    office.people(130)
    sizes, whole = [], recipients.expand_page

    def noted(tx, sought, after, most, **more):
        sizes.append((most, more["fresh"]))
        return whole(tx, sought, after, most, **more)

    monkeypatch.setattr(recipients, "expand_page", noted)
    text("hello")
    assert Expanding(office.service).go_on(begun(office))
    assert set(sizes) == {(20, True)}
    clock.forward(seconds=60)
    sizes.clear()
    assert Expanding(office.service).go_on(begun(office))
    assert set(sizes) == {(50, True)}
    assert len(written(office)) == 260


def test_a_page_that_was_done_already_is_done_again_carefully(office, shared, text):
    office.people(60)
    known = begun(office)
    expander = Expanding(office.service)
    assert expander.go_on(known)
    broadcasts.step(office.service, known.id, lambda tx, _: store.change(tx, known.id, expanded_to=None))
    with pytest.raises(StoreError):
        expander.go_on(known)
    assert expander.go_on(known)
    assert len(written(office)) == 60
