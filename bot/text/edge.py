"""What is done once to every text that comes in, before anything reads or keeps it."""

from __future__ import annotations

import re
from unicodedata import category, normalize

from bot.text.cluster import starts

LONGEST = 1600
"""Characters kept of one inbound text, as many as the longest body a gateway delivers."""

_MOST_MARKS = 5
_MARKS_TO_COUNT = re.compile(r"[^\w\s\x00-\x7f]{6}")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_EMOJI_JOINER = re.compile(
    "(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
)


def clean(text: str) -> str:
    """`text` in NFC without what can hide or break things (threat T12); at most `LONGEST` characters; idempotent.

    Dropped: control characters but the line end, format characters (zero width, bidirectional, tags) but the joiner
    inside an emoji, lone surrogates, non-characters, and marks after the fifth in a row.
    """
    text = normalize("NFC", text)  # first: it can make two marks of one character
    if not (text.isprintable() and _MARKS_TO_COUNT.search(text) is None):
        text = normalize("NFC", _scrub(text))
    if len(text) > LONGEST:
        end = LONGEST
        while end > LONGEST - 100 and not starts(text, end):
            end -= 1
        text = text[:end]
    return text


def _scrub(text: str) -> str:
    text = _LINE_END.sub("\n", text).replace("\t", " ")
    joiners = {match.start() for match in _EMOJI_JOINER.finditer(text)}
    kept: list[str] = []
    marks = 0
    for index, char in enumerate(text):
        kind = category(char)
        joins = index in joiners and kept[-1:] == [text[index - 1]]
        if char != "\n" and not joins and _is_hidden(char, kind):
            continue  # and marks on both sides of it are in one row
        marks = marks + 1 if kind[0] == "M" else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _is_hidden(char: str, kind: str) -> bool:
    """Controls, formats, surrogates, and the code points that Unicode promises never to give a character."""
    return kind in {"Cc", "Cf", "Cs"} or "\ufdd0" <= char <= "\ufdef" or ord(char) & 0xFFFE == 0xFFFE
