"""Lists that staff gave to a page are taken in by a worker, beside everything else, whatever stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from village import Village

from bot.content.loader import load
from bot.services import campaigns, discarding, people, uploads
from bot.services.incoming import Incoming
from bot.services.prices import Prices
from bot.services.uploads import How
from bot.store.errors import Busy
from bot.worker.lists import Lists

HOW = How("list.csv")
DARA = 7


@pytest.fixture(scope="module")
def book():
    return load()


@pytest.fixture
def service(service, book, monkeypatch):
    monkeypatch.setattr(uploads, "SMALL", 0)
    whole = replace(service, files=book, prices=Prices(book.networks))
    campaigns.add(whole, "KYA12", "Road show")
    return whole


def given(service, rows: int) -> int:
    coming = Incoming(service)
    coming.write(b"phone\n" + b"".join(b"0120%05d\n" % number for number in range(rows)))
    return uploads.keep(service, coming, HOW, "Dara", DARA)


def stage(service, upload: int) -> str:
    return uploads.look(service, upload).stage


def test_a_worker_looks_a_list_through_and_takes_it_in(service, start, becomes, monkeypatch):
    monkeypatch.setattr("bot.worker.LISTS", 0.1)
    upload = given(service, 120)
    start(Village())
    becomes(lambda: stage(service, upload), "ready")
    uploads.confirm(service, upload, DARA)
    becomes(lambda: stage(service, upload), "done")
    assert len(people.page(service, {}, limit=500).lines) == 120


def test_a_worker_that_stops_leaves_the_rest_for_the_next(service, house):
    first, second = house(Village()), house(Village())
    upload = given(service, 120)
    first.stopping.set()
    Lists(first).round()
    assert stage(service, upload) == "looking"
    Lists(second).round()
    assert stage(service, upload) == "ready"


def test_a_database_that_cannot_be_asked_is_told_once(service, house, monkeypatch, capsys):
    lists, told = Lists(house(Village())), []
    monkeypatch.setattr("bot.worker.lists.failure", lambda *words: told.append(words[0]))

    def busy(*_: object) -> None:
        raise Busy("no")

    monkeypatch.setattr(discarding, "forget_old", busy)
    for _ in range(3):
        lists.round()
    monkeypatch.undo()
    assert told == ["lists not taken in"]
    lists.round()
