"""Is every text translated in its own script, in force, and safe to be seen on a locked screen?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.check.problem import Problem, where
from bot.check.readers import forms, spots
from bot.content.book import LANGUAGES, Book
from bot.content.template import PLACE
from bot.text.khmer import fold, has_khmer
from bot.text.sms import forcing

NOTICE_WARNING = timedelta(days=14)
PREVIEW = 30
"""Characters of a text that a locked phone shows (H1)."""
UNASKED = ("broadcasts.", "campaigns.", "duty.", "join.", "reminders.")
"""Beginnings of the ids of states that reach a phone whose holder may not have asked."""


def alarming(book: Book, text: str) -> str | None:
    """The word that would betray a person to whoever sees the preview of `text`, or None.

    For every finished text that nobody asked for: notices, campaigns, broadcasts. Words of `messages/safety.yaml` in
    any language count wherever they begin within the preview, also as part of another word.
    """
    return next((word for word in sorted(book.alarming) if fold(word) in fold(text[: PREVIEW + len(word) - 1])), None)


def previews(book: Book, today: date) -> Iterator[Problem]:
    """Nothing unasked for begins with an alarming word."""
    everywhere = spots(book)
    for notice in book.notices:
        for language in LANGUAGES:
            word = alarming(book, book.words(f"notice/{notice.id}", notice.say, language))
            if word:
                what = f"The notice {notice.id} in {language} begins with the alarming word {word!r}."
                yield Problem("error", notice.where, what)
    for state in (state for state in book.states.values() if state.id.startswith(UNASKED)):
        for language in LANGUAGES:
            texts = (text for page in forms(book, state, language, everywhere, today).values() for text in page)
            for word in sorted({found for text in texts if (found := alarming(book, text))}):
                what = f"{state.id} in {language} begins with the alarming word {word!r}."
                yield Problem("error", state.where, what)


def notices(book: Book, today: date) -> Iterator[Problem]:
    """No notice is said after its time, and editors hear of it two weeks before."""
    for notice in book.notices:
        if notice.valid_until < today:
            yield Problem("error", notice.where, f"The notice {notice.id} has expired on {notice.valid_until}.")
        elif notice.valid_until - today <= NOTICE_WARNING:
            yield Problem("warning", notice.where, f"The notice {notice.id} expires on {notice.valid_until}.")


def translations(book: Book) -> Iterator[Problem]:
    """Every text is there in both Khmer spellings, each in its own script; Latin spellings cost no Unicode SMS."""
    languages = {choice.label for state in book.states.values() for choice in state.choices if choice.language}
    for context, text in dict.fromkeys(book.texts()):
        for language in LANGUAGES:
            said = book.catalogs[language].get((context, text), text if language == "en" else None)
            fault = "is not translated" if said is None else _script_fault(said, language, named=text in languages)
            if fault:
                yield Problem("error", where(book, context), f"{context} in {language}: {text[:40]!r} {fault}.")


def _script_fault(said: str, language: str, *, named: bool) -> str | None:
    """`named`: the label of a language, which may be written in that language's own script."""
    words = PLACE.sub("", said)
    if language != "km":
        foreign = forcing(words)
        return f"holds {foreign[0][1]!r}, which makes the SMS dearer (no GSM-7 sign)" if foreign else None
    needs = any(sign.isalpha() for sign in words) and not named
    return "holds no Khmer" if needs and not has_khmer(words) else None
