"""A table of a description: each key with its check, and no key that nobody knows."""

import pytest

from bot.channels.aggregator_table import Table, Unsound

GIVEN = {"word": "a", "empty": "", "whole": 7, "yes": True, "list": [200], "texts": ["a"], "in": {"x": 1}, "re": "(a"}


def table(**more):
    return Table({**GIVEN, **more}, "send", {})


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (lambda t: t.text("none"), "send.none: is missing"),
        (lambda t: t.text("whole"), "send.whole: must be a text"),
        (lambda t: t.maybe("empty"), "send.empty: is empty; leave it out"),
        (lambda t: t.number("word", 1, 1, 9), "send.word: must be a whole number"),
        (lambda t: t.number("yes", 1, 1, 9), "send.yes: must be a whole number"),
        (lambda t: t.number("whole", 1, 1, 6), "send.whole: must be from 1 to 6"),
        (lambda t: t.flag("whole", fallback=False), "send.whole: must be true or false"),
        (lambda t: t.choice("word", ("b", "c")), "send.word: must be one of b, c"),
        (lambda t: t.statuses("texts", ()), "send.texts: must be a list of HTTP statuses such as [200, 202]"),
        (lambda t: t.statuses("word", ()), "send.word: must be a list"),
        (lambda t: t.texts("list"), "send.list: must be a list of texts"),
        (lambda t: t.table("word"), "send.word: must be a table"),
        (lambda t: t.tables("texts"), "send.texts: must be tables, each begun by [[send.texts]]"),
        (lambda t: t.pattern("re"), "send.re: is no regular expression: missing ), unterminated subpattern at 0"),
        (lambda t: t.pattern("word", groups=1), "send.word: needs a group in parentheses for what is looked for"),
        (lambda t: t.end(), "send.word: there is no such key"),
        (lambda t: t.maybe("wort") or t.end(), "send.word: there is no such key; did you mean wort?"),
    ],
)
def test_one_line_for_a_mistake(read, line):
    with pytest.raises(Unsound) as unsound:
        read(table())
    assert str(unsound.value) == line


def test_what_is_there_is_read():
    given = table()
    assert (given.text("word"), given.maybe("none"), given.text("other", "x")) == ("a", None, "x")
    assert (given.number("whole", 1, 1, 9), given.number("less", 3, 1, 9)) == (7, 3)
    assert (given.flag("yes", fallback=False), given.flag("no", fallback=True)) == (True, True)
    assert (given.statuses("list", ()), given.statuses("lost", (201,))) == ({200}, {201})
    assert (given.texts("texts"), given.texts("none")) == (("a",), ())
    assert given.table("in").number("x", 0, 0, 9) == 1
    assert given.table("none") is None
    assert given.table("in").place == "send.in"
