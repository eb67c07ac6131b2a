"""One reader of the real vocabulary for all tests here: making it takes a tenth of a second."""

import pytest

from bot.conversation.understand import Reader
from tests.understanding.measure import reader


@pytest.fixture(scope="session")
def ear() -> Reader:
    return reader()
