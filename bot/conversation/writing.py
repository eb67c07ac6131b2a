"""Which language a text is written in: Khmer, Khmer in Latin letters, or English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.content.book import Language
from bot.content.lexicon import Words
from bot.text.khmer import has_khmer

_WORDS = re.compile("[a-z]+")


class Writing:
    """Tells the two languages in Latin letters apart by words that only one of them has."""

    def __init__(self, common: Words, sets: Mapping[str, Words]) -> None:
        english = set(common.en) | {word for each in sets.values() for form in each.en for word in form.split()}
        khmer = set(common.latn) | {word for each in sets.values() for form in each.latn for word in form.split()}
        self._english = frozenset(english - khmer | set(common.en) - set(common.latn))
        self._khmer = frozenset(khmer - english | set(common.latn) - set(common.en))

    def language(self, folded: str) -> Language | None:
        """The language of a folded text; None where no word tells."""
        if has_khmer(folded):
            return "km"
        words = _WORDS.findall(folded)
        english = sum(word in self._english for word in words)
        khmer = sum(word in self._khmer for word in words)
        if english == khmer == 0:
            return None
        return "km_Latn" if khmer >= english else "en"
