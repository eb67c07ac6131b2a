"""`phlov report`, called as a shell calls it, on both databases."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from types import SimpleNamespace

import click
import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from bot import app
from bot.cli import Wiring
from bot.content.loader import load
from bot.conversation.registry import Campaign
from bot.desk_preview import name_of
from bot.desk_reports import report
from bot.store import campaigns
from bot.store.stages import Stage
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastResult

ADD = Statement(
    lambda _: insert(Broadcast),
    (
        *("id", "request", "campaign", "title", "channel", "author", "state", "audience", "counts", "created_at"),
        *("starts_at", "ends_at", "wave", "closed_at"),
    ),
)
KEEP = Statement(lambda _: insert(BroadcastResult))
PEOPLE = (
    ("17", "km", "delivered", 60),
    ("17", "en", "accepted", 25),
    ("14", "km", "delivered", 55),
    ("14", "en", "delivered", 31),
    ("14", "km", "failed", 3),
    ("14", "km", "stopped_after", 2),
)


@pytest.fixture(scope="module")
def book():
    return load()


@pytest.fixture
def house(database_url, tmp_path, book, monkeypatch):
    """A house in which broadcasts were sent, and its command."""
    monkeypatch.setenv("PHLOV_DATABASE_URL", database_url)
    monkeypatch.setenv("PHLOV_DATA_DIR", str(tmp_path / "var"))
    opened = []

    def service(settings):
        opened.append(app.service(settings, book))
        return opened[-1]

    def call(*arguments: str):
        wiring = Wiring(service, app.run, app.work, app.migrate, app.StartError)
        done = CliRunner().invoke(click.Group(commands=[report]), ["report", *arguments], obj=wiring)
        while opened:
            opened.pop().database.close()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def sent(people=PEOPLE, title: str = "Papers first") -> str:
        from bot.config.environment import load as settings  # noqa: PLC0415 - after the environment is set

        running = app.service(settings(), book)
        now = running.now()
        made = running.database.new_id(now)
        common = {"request": str(made), "campaign": "KYA12", "title": title, "channel": "modem", "author": "Sokha"}
        times = {"created_at": now, "starts_at": now, "ends_at": now, "closed_at": now}
        rows = [
            {"broadcast_id": made, "province": province, "language": language, "outcome": outcome, "channel": "modem"}
            | {"country": "KH", "network": "Smart", "recipients": count, "parts": count}
            for province, language, outcome, count in people
        ]

        def work(tx):
            campaigns.keep(tx, Campaign("KYA12", "Road show"), now)
            tx.run(ADD, id=made, state=int(Stage.DONE), audience="{}", counts="{}", wave=19, **common, **times)
            for row in rows:
                tx.run(KEEP, **row)

        running.database.write(work)
        running.database.close()
        return name_of(made)

    return SimpleNamespace(call=call, sent=sent, place=tmp_path)


def test_a_page_to_print_in_each_language(house):
    name = house.sent()
    for language, word in (("en", "Siem Reap"), ("km", "\u179f\u17c0\u1798\u179a\u17b6\u1794"), ("km_Latn", "Tov dol")):
        out = house.place / f"{language}.html"
        done = house.call(name, "--lang", language, "--out", str(out))
        assert done.exit_code == 0, done.output
        assert word in out.read_text(encoding="utf-8")
        assert "&lt;5" in out.read_text(encoding="utf-8")


def test_the_tables_as_csv_and_as_xlsx(house):
    name = house.sent(title="=1+1")
    sheet, book = house.place / "report.csv", house.place / "other"
    assert house.call(name, "--lang", "en", "--out", str(sheet)).exit_code == 0
    assert house.call(name, "--lang", "en", "--format", "xlsx", "--out", str(book)).exit_code == 0
    rows = list(csv.reader(StringIO(sheet.read_text(encoding="utf-8-sig"), newline="")))
    told = {(table, row, column): value for table, row, column, value in rows}
    assert told["Did the texts arrive?", "Recipients", "Recipients"] == "174"
    assert told["Did the texts arrive?", "Did not arrive", "Recipients"] == "<5"
    assert told["Did the texts arrive?", "Said STOP afterwards", "Recipients"] == "<5"
    assert told["Province", "Prey Veng", "Recipients"] == "89"
    assert "'=1+1" in {value for row in rows for value in row}
    pages = openpyxl.load_workbook(BytesIO(book.read_bytes()))
    assert {"about", "summary", "province", "language"} <= set(pages.sheetnames)
    assert "=1+1" not in {cell.value for page in pages for row in page for cell in row}


def test_the_exact_cost_is_told_to_staff_and_not_written(house, monkeypatch):
    prices = house.place / "prices.csv"
    prices.write_text("country,price,currency\nKH,0.013,USD\n", encoding="utf-8")
    monkeypatch.setenv("PHLOV_PRICES_FILE", str(prices))
    out = house.place / "report.csv"
    done = house.call(house.sent(), "--lang", "en", "--out", str(out))
    assert "exactly 2.223 USD" in done.output
    told = out.read_text(encoding="utf-8-sig")
    assert "2.22" not in told
    assert "2.21–2.26 USD" in told


def test_a_whole_campaign(house):
    house.sent()
    house.sent(title="Once more")
    out = house.place / "all.csv"
    assert house.call("--campaign", "kya12", "--lang", "en", "--out", str(out)).exit_code == 0
    assert "Recipients,348" in out.read_text(encoding="utf-8-sig")


def test_what_cannot_be_reported_is_said_in_a_line(house):
    out = str(house.place / "x.html")
    assert house.call("--out", out).exit_code == 2
    name = house.sent((("17", "km", "delivered", 19),))
    done = house.call(name, "--out", out)
    assert (done.exit_code, "20 recipients at least" in done.output) == (1, True)
    done = house.call("--campaign", "NONE1", "--out", out)
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    done = house.call("zzzzz", "--out", out)
    assert (done.exit_code, "there is no broadcast" in done.output) == (1, True)
    name = house.sent()
    done = house.call(name, "--out", str(house.place / "nowhere" / "x.html"))
    assert (done.exit_code, "No such file" in done.output) == (1, True)
