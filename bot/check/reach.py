"""Does every topic begin somewhere, and does something lead to every state?"""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.problem import Problem
from bot.content.book import TOOL_NAMES, TOPICS, Book
from bot.content.model import NAME

ACTIONS = {"more", "back"}
"""Topics that turn the page of another answer and say nothing themselves."""


def topics(book: Book) -> Iterator[Problem]:
    for topic in sorted(TOPICS - ACTIONS - set(book.topics)):
        yield Problem("error", "messages/states", f"The topic {topic} has no state to begin with.")


def learned(book: Book) -> Iterator[Problem]:
    """Without its tables the classifier says nothing, and only the rules are left."""
    if not book.model.topics:
        yield Problem("error", f"messages/{NAME}", "There is no classifier: make words.")


def reach(book: Book) -> Iterator[Problem]:
    """Every state can be reached: from a topic, as a help card, by the engine, a tool, a broadcast, alert or menu."""
    called = {"broadcasts", "duty", "system", "countries", *TOOL_NAMES}
    todo = [*book.topics.values(), *(name for name in book.states if name.partition(".")[0] in called)]
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [choice.go for choice in book.states[name].choices]
    for state in book.states.values():
        if state.id not in reached:
            yield Problem("error", state.where, f"Nothing leads to {state.id}.")
