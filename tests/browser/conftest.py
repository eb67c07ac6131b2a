"""Debian's Chromium, driven by Playwright, and houses that serve real pages to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from looking import SIZES, Looker
from serving import House


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests of a process."""
    program = shutil.which("chromium")
    if program is None:
        assert not os.environ.get("CI"), "CI must look at the pages"
        pytest.skip("Chromium is not installed here; on Debian: apt install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only these tests need it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A Phlov that is not running yet."""
    house = House(tmp_path)
    yield house
    house.stop()


@pytest.fixture
def look(chromium, house) -> Iterator[Callable[..., Looker]]:
    """Open a window of this size; what was wrong with any page fails the test at its end."""
    opened: list[Looker] = []

    def look(tongue: str, width: int) -> Looker:
        context = chromium.new_context(viewport={"width": width, "height": SIZES[width]}, locale="en-GB")
        context.set_default_timeout(10_000)
        opened.append(Looker(context, house.url, tongue))
        return opened[-1]

    yield look
    for each in opened:
        each.close()
    assert [fault for each in opened for fault in each.faults] == []
