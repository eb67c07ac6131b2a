"""What is heard in a folded text: long phrases, split words, slips of the finger."""

import pytest

from bot.content.lexicon import Words
from bot.conversation.hearing import Ear
from bot.conversation.mending import Mender

SETS = {
    "NO_FOOD": Words(latn=("ot mean bay",)),
    "SOLD_ON": Words(en=("transfer me to another boss for money",)),
    "BEAT": Words(km=("វាយ",), latn=("vay nhom",), en=("stick",)),
    "TH:words": Words(en=("thai",)),
}
EAR = Ear(SETS, Words(latn=("ort", "mean", "bay", "nhom"), en=("stuck", "me", "to")))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ot mean bay", "NO_FOOD"),
        ("otmean bay te", "NO_FOOD"),
        ("ort mean bay", "NO_FOOD"),  # every word is a known one, together they sound like the phrase
        ("they transfer me to another boss for money", "SOLD_ON"),  # longer than any other
        ("he has a stikc", "BEAT"),
        ("គេវាយខ្ញុំ", "BEAT"),
    ],
)
def test_hears(text: str, name: str) -> None:
    assert name in EAR.hear(text, english=False).at


@pytest.mark.parametrize("text", ["stuck", "ort bay", "transfer me to another boss", ""])
def test_hears_nothing(text: str) -> None:
    assert EAR.hear(text, english=False).at == {}


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("passsport", "passport"),
        ("pasport", "passport"),
        ("passpotr", "passport"),
        ("passpxort", "passport"),
        ("pay", None),  # too short for anything but a doubled letter
        ("paay", None),
        ("helpp", "help"),
        ("gelp", None),  # another first letter is another word
        ("zzzzzz", None),
    ],
)
def test_mends_one_slip(slip: str, word: str | None) -> None:
    assert Mender(["passport", "passport", "help"]).mend(slip) == word
