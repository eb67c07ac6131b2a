"""The Babel extractor of `messages/`: English texts with the name of their state as context (see babel.cfg)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import IO

from bot.content.console import CONTEXT as CONSOLE
from bot.content.faults import Faults
from bot.content.nodes import Block, compose

Found = tuple[int, str, str]
"""Line, msgctxt and English text."""
Message = tuple[int, str, tuple[str, str], list[str]]
"""What Babel asks for: line, function, (msgctxt, msgid), comments."""


def extract(
    fileobj: IO[bytes],
    keywords: Mapping[str, object],  # noqa: ARG001  Babel's order of arguments
    comment_tags: Collection[str],  # noqa: ARG001
    options: Mapping[str, str],
) -> Iterator[Message]:
    """Every text of a YAML file of the `kind` that babel.cfg gives. ValueError for a file that cannot be read."""
    faults = Faults()
    block = compose(fileobj.read().decode(), "", faults)
    if block is None:
        raise ValueError(f"{getattr(fileobj, 'name', 'a file of messages')}{faults.found[0]}")
    for line, context, text in sorted(KINDS[options["kind"]](block)):
        yield line, "pgettext", (context, text), []


def _states(block: Block) -> Iterator[Found]:
    for name, state in block.named():
        for page in (state, *(variant for _, variant in state.named("by_country"))):
            yield from _text(page, "say", name)
            for where, text in page.placed("more"):
                yield _line(where), name, text
        for choice in state.blocks("choose"):
            yield from _text(choice, "label", f"{name}/choice")


def _notices(block: Block) -> Iterator[Found]:
    for name, notice in block.named("notices"):
        yield from _text(notice, "say", f"notice/{name}")


def _countries(block: Block) -> Iterator[Found]:
    for _, country in block.named("countries"):
        yield from _text(country, "name", "country")


def _roles(block: Block) -> Iterator[Found]:
    labels = block.inner("roles")
    for role in labels.items:
        yield from _text(labels, role, "role")


def _paper(block: Block) -> Iterator[Found]:
    texts = block.inner("texts")
    for name in texts.items:
        yield from _text(texts, name, "print")
    for word in block.blocks("words"):
        yield from _text(word, "send", "print/send")
        yield from _text(word, "means", "print/means")
    for key in ("know", "script"):
        for line in block.blocks(key):
            yield from _text(line, "say", f"print/{key}")
    report = block.inner("report")
    for name in report.items:
        yield from _text(report, name, "print/report")
    for where, digit in block.placed("digits"):
        yield _line(where), "print/digit", digit


def _console(block: Block) -> Iterator[Found]:
    for name in block.items:
        yield from _text(block, name, CONSOLE)


def _text(block: Block, key: str, context: str) -> Iterator[Found]:
    if block.has(key):
        yield _line(block.at(key)), context, block.text(key)


def _line(where: str) -> int:
    return int(where.rpartition(":")[2])


KINDS: Mapping[str, Callable[[Block], Iterator[Found]]] = {
    "states": _states,
    "notices": _notices,
    "paper": _paper,
    "countries": _countries,
    "roles": _roles,
    "console": _console,
}
