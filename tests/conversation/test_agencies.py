"""AGENCY shows names so that nobody takes one company for another."""

from datetime import date

import pytest
from conversation.tools import BOOK, NOW, READER

from bot.conversation.engine import step
from bot.conversation.registry import Agency, Registry
from bot.conversation.session import Session

LONG = "Golden Bridge International Manpower"
LISTED = Registry(
    (
        Agency("Rumdoul Meas", licence="001/11", countries=("TH",)),
        Agency("Rumdoul Meas", licence="002/22", countries=("JP",), status="suspended"),
        Agency("Sovan Phum", countries=("TH",)),
        Agency("Sovan Phum", countries=("JP",), status="ended"),
        Agency(f"{LONG} One", licence="003/33"),
        Agency(f"{LONG} Two", licence="004/44", status="suspended"),
    ),
    "Ministry",
    date(2026, 11, 1),
)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("rumdoul meas", {"Rumdoul Meas (001/11)", "Rumdoul Meas (002/22)"}),
        ("sovan phum", {"Sovan Phum (TH)", "Sovan Phum (JP)"}),
        ("golden bridge", {"Golden Bridge Interna.. (003/33)", "Golden Bridge Interna.. (004/44)"}),
    ],
)
def test_two_of_one_name_are_told_apart(name, rows):
    session = Session(home="KH", language="en", at=NOW)
    said = step(BOOK, READER, session, f"agency {name}", NOW, registry=LISTED).replies[0].text
    assert {line[3:] for line in said.splitlines() if line[1:3] == ". "} - {"None of these"} == rows
