"""One table of a description in TOML, read key by key, each with its check."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from bot.channels.aggregator_template import Wrong

T = TypeVar("T")


class Unsound(Exception):
    """The file cannot be used. The text is one line with the file, the place in it, and why."""


class Table:
    """One table of the file: each key is asked for once, and what was not asked for is unknown."""

    def __init__(self, given: Mapping[str, Any], place: str, secrets: Mapping[str, str | None]) -> None:
        self._given = dict(given)
        self._known: set[str] = set()
        self.place = place
        self.secrets = secrets

    def wrong(self, key: str, why: str) -> Unsound:
        return Unsound(f"{self.place}.{key}: {why}" if self.place else f"{key}: {why}")

    def has(self, key: str) -> bool:
        return key in self._given

    def get(self, key: str, kind: type[T], fallback: T | None = None, *, needed: bool = False) -> T | None:
        """The value of `key`, of this kind and no other."""
        self._known.add(key)
        value = self._given.get(key, fallback)
        if value is None:
            if needed:
                raise self.wrong(key, "is missing")
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            wish = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}
            raise self.wrong(key, f"must be {wish[kind]}")
        return value

    def text(self, key: str, fallback: str | None = None) -> str:
        """A text that must be there."""
        value = self.get(key, str, fallback, needed=True)
        return value or ""

    def maybe(self, key: str) -> str | None:
        """A text that may be left out."""
        value = self.get(key, str)
        if value == "":
            raise self.wrong(key, "is empty; leave it out")
        return value

    def flag(self, key: str, *, fallback: bool) -> bool:
        return bool(self.get(key, bool, fallback))

    def number(self, key: str, fallback: int, least: int, most: int) -> int:
        value = self.get(key, int, fallback)
        if value is None or not least <= value <= most:
            raise self.wrong(key, f"must be from {least} to {most}")
        return value

    def choice(self, key: str, among: Sequence[str], fallback: str | None = None) -> str:
        value = self.text(key, fallback)
        if value not in among:
            raise self.wrong(key, f"must be one of {', '.join(among)}")
        return value

    def statuses(self, key: str, fallback: Sequence[int]) -> frozenset[int]:
        value = self.get(key, list, list(fallback)) or []
        if not all(isinstance(item, int) and 100 <= item <= 599 for item in value):
            raise self.wrong(key, "must be a list of HTTP statuses such as [200, 202]")
        return frozenset(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.get(key, list, []) or []
        if not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "must be a list of texts")
        return tuple(value)

    def pattern(self, key: str, *, groups: int = 0) -> re.Pattern[str] | None:
        """A regular expression."""
        value = self.maybe(key)
        if value is None:
            return None
        try:
            pattern = re.compile(value)
        except re.error as error:
            raise self.wrong(key, f"is no regular expression: {error.msg} at {error.pos}") from None
        if pattern.groups < groups:
            raise self.wrong(key, "needs a group in parentheses for what is looked for")
        return pattern

    def table(self, key: str) -> Table | None:
        """The table of this name, if there is one."""
        value = self.get(key, dict)
        return None if value is None else Table(value, f"{self.place}.{key}" if self.place else key, self.secrets)

    def tables(self, key: str) -> tuple[Table, ...]:
        value = self.get(key, list, []) or []
        if not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, f"must be tables, each begun by [[{self.place}.{key}]]")
        return tuple(Table(item, f"{self.place}.{key}[{at}]", self.secrets) for at, item in enumerate(value, 1))

    def raw(self, key: str) -> dict[str, Any]:
        """A table whose keys are the aggregator's own."""
        return self.get(key, dict, {}) or {}

    def made(self, key: str, make: Callable[[Any, Mapping[str, str | None]], T], given: object) -> T:
        """What `make` makes of a value with templates in it."""
        try:
            return make(given, self.secrets)
        except Wrong as error:
            raise self.wrong(key, str(error)) from None

    def end(self) -> None:
        """Refuse what nobody asked for."""
        for key in self._given:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1, cutoff=0.6)
                raise self.wrong(key, "there is no such key" + (f"; did you mean {near[0]}?" if near else ""))
