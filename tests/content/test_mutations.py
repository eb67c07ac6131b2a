"""Damaged content is refused with reasons or still answers everything; it never fails in any other way (C2)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from bot.content.book import LANGUAGES, Unsound

TODAY = date(2026, 11, 22)
COUNT = 1000


def flip(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]


def truncate(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def drop_line(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    lines.pop(chance.randrange(len(lines)))
    return b"".join(lines)


def repeat_line(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join([*lines[:at], lines[at], *lines[at:]])


def swap_signs(raw: bytes, chance: random.Random) -> bytes:
    old, new = chance.sample([b"{", b"}", b"[", b"]", b":", b",", b'"', b"\n", b" ", b"null", b"km", b"TH", b"1"], 2)
    return raw.replace(old, new, chance.randrange(1, 4))


def drop_value(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    lines[at] = lines[at].split(b":")[0] + b":\n"
    return b"".join(lines)


def swap_placeholders(raw: bytes, chance: random.Random) -> bytes:
    old, new = chance.sample([b"tel:", b"call:", b"who:", b"local:", b"country", b"th-191", b"kh-office", b"labour"], 2)
    return raw.replace(old, new)


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [
    *(flip, truncate, drop_line, repeat_line, swap_signs, drop_value, swap_placeholders)
]


def test_damaged_content_is_refused_or_answers_everything(content):
    chance = random.Random(20261122)
    paths = sorted(path for path in content.root.rglob("*") if path.is_file())
    refused = 0
    for number in range(COUNT):
        path = chance.choice(paths)
        sound = path.read_bytes()
        path.write_bytes(MUTATIONS[number % len(MUTATIONS)](sound, chance))
        try:
            answers_everything(content.load())
        except Unsound as unsound:
            refused += 1
            assert all(fault.startswith(("messages/", "locale/")) for fault in unsound.faults)
        finally:
            path.write_bytes(sound)
    assert COUNT / 4 < refused < COUNT  # most damage hurts, some only changes a word


def answers_everything(book):
    for name, state in book.states.items():
        for here in (None, "KH", "TH", "MO", "FR"):
            for there in (None, here, "TH"):
                for page in range(book.page_count(name, here if state.scope == "here" else there)):
                    for language in LANGUAGES:
                        assert book.answer(name, language, here=here, there=there, today=TODAY, page=page)


def test_catalogs_of_the_wrong_language_still_load(content):
    """Texts in another script are nothing the loader can see; bot.check does."""
    locale = content.root / "locale"
    (locale / "km").rename(locale / "x")
    (locale / "km_Latn").rename(locale / "km")
    (locale / "x").rename(locale / "km_Latn")
    answers_everything(content.load())
