"""Numbers, addresses and what looks like a name are taken out of a text; the rest stays."""

import pytest
from stories.stage import words

from bot.conversation.masking import Mask

MASK = Mask(words()[0].lexicon)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my name is Sok Dara call 012 345 678", "my name is * call #"),
        ("My boss Mr. Chan Vuthy took 500 dollars", "My boss Mr. * took 500 dollars"),
        ("nhom chmous sok dara nov phnom penh", "nhom chmous * nov phnom penh"),
        ("ខ្ញុំឈ្មោះ សុខ ដារ៉ា លេខ ០១២៣៤៥៦៧៨", "ខ្ញុំឈ្មោះ * លេខ #"),
        ("ខ្ញុំឈ្មោះសុខដារ៉ា", "ខ្ញុំឈ្មោះ*"),
        ("passport N1234567 lost", "passport # lost"),
        ("+855 12-345-678", "#"),
        ("call 855 12 345 678 or (855) 12-345-678", "call # or #"),
        ("66 81 234 5678", "#"),
        ("012,345,678", "#"),
        ("12 345 678", "#"),
        ("born 15/08/1999", "born #"),
        ("they want 15,000,000 riel", "they want 15,000,000 riel"),
        ("send to Sreymom in Bangkok", "send to * in Bangkok"),
        ("write dara@gmail.com or fb.com/dara.sok\nor @dara", "write @ or @ or @"),
        ("loan 500 18 12, pay 15,000 baht or 2800$, call 117", "loan 500 18 12, pay 15,000 baht or 2800$, call 117"),
        ("what is your name", "what is your name"),
        ("PLEASE TELL ME", "PLEASE TELL ME"),
        ("", ""),
    ],
)
def test_what_is_shown(text, shown):
    assert MASK.cover(text) == shown
    assert MASK.cover(shown) == shown
