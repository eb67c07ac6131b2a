"""Texts that found no answer: in groups of like ones, without numbers and names; one click makes one an example."""

from __future__ import annotations

from typing import Any, Final

from bot.console import access
from bot.console.access import door
from bot.console.account import mine
from bot.console.content import done, page, pages
from bot.console.doors import field
from bot.console.visit import console, say
from bot.content import loader
from bot.content.book import TOPICS
from bot.log import failure
from bot.services import unmatched as texts
from bot.services.roles import Act

DAYS: Final = texts.KEPT_DAYS
GROUPS: Final = 20
SHOWN: Final = 3
"""Texts that are shown of one group."""
MEANS_NOTHING: Final = frozenset({"none", "more", "back", "menu"})
"""Topics that nobody needs more examples for."""


def _page(found: list[str] | None = None) -> Any:
    groups = texts.read_grouped(console().service, DAYS, texts.MOST_SHOWN, mine().name)
    known = [(topic, say(f"topics.{topic}")) for topic in TOPICS - MEANS_NOTHING]
    return page(
        "content_unmatched.html",
        400 if found else 200,
        groups=groups[:GROUPS],
        more=len(groups) > GROUPS,
        shown=SHOWN,
        days=DAYS,
        topics=sorted(known, key=lambda each: each[1]),
        teaches=access.may(Act.UNMATCHED_TEACH),
        faults=found or [],
    )


@pages.get("/unmatched")
@door(Act.UNMATCHED_READ)
def unmatched() -> Any:
    """The newest of them."""
    return _page()


@pages.post("/unmatched/teach")
@door(Act.UNMATCHED_TEACH)
def teach() -> Any:
    """Make one an example of a topic, and a test that it is understood from then on."""
    try:
        texts.teach(console().service, field("text"), field("topic"), loader.ROOT, mine().name)
    except texts.CannotTeach as error:
        return _page([say(f"content.teach.{error.why}")])
    except OSError as error:
        failure("an example could not be written", error)
        return _page([say("content.teach.files")])
    return done("content.unmatched", "taught")
