"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil

import pytest


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
