"""The guide: two pages for everybody of staff, whose names of pages and buttons are those of the pages."""

from __future__ import annotations

import pytest

from bot.console import guide
from bot.console.assets import assets
from bot.content import console
from bot.services.roles import Role

LARGEST = 40_000
"""Bytes of a picture: somebody opens the guide over a bad link."""
PICTURES = sorted({part.picture for sheet in guide.SHEETS for part in sheet if part.picture})


def test_everybody_of_staff_is_helped(come):
    for role in Role:
        visitor = come(f"Dara {role}", role)
        assert ">Phlov on two pages</h1>" in visitor.get("/console/guide?lang=en").text
        page = visitor.get("/console/guide?lang=km").text
        assert ">Phlov ក្នុងពីរទំព័រ</h1>" in page
        assert 'href="/console/guide"' in page
        assert "{fill:" not in page


def test_the_guide_has_all_its_words_and_no_others():
    words = console.load()
    parts = [part for sheet in guide.SHEETS for part in sheet]
    wanted = {f"guide.{part.name}.{number}" for part in parts for number in range(1, part.sentences + 1)}
    wanted |= {f"guide.{part.name}" for part in parts} | {f"guide.picture.{name}" for name in PICTURES}
    fixed = {"guide.title", "guide.two_pages", "guide.print", "guide.never", "guide.never_what"}
    assert {name for name in words.texts["en"] if name.startswith("guide.")} == wanted | fixed
    assert [name for name in guide.NAMES.values() if not words.has(name)] == []


@pytest.mark.parametrize("tongue", ["km", "en"])
@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_there_and_small(come, name, tongue):
    picture = assets()[f"guide/{name}-{tongue}.webp"]
    assert len(picture.content) <= LARGEST
    assert picture.kind == "image/webp"
    assert picture.content[8:16] == b"WEBPVP8X"
    wide, high = (int.from_bytes(picture.content[at : at + 3], "little") + 1 for at in (24, 27))
    assert (wide, high) == guide.SIZE


def test_a_picture_is_sent_and_kept_by_browsers(come):
    visitor = come()
    page = visitor.get("/console/guide?lang=km").text
    for name in PICTURES:
        address = f"/console/static/guide/{name}-km.webp?v={assets()[f'guide/{name}-km.webp'].mark}"
        assert f'src="{address}"' in page
        assert visitor.get(address).status_code == 200
