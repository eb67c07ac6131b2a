"""What is remembered between two texts of a person, and what one step of the conversation gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from bot.content.book import Language

Act = Literal["opt_out", "opt_in", "erase", "open_case"]


Over = Literal["", "resume", "sms_warn", "sms_sent", "sms_wait"]
"""What lies over an answer on a screen: a question or a word about it, after which the answer is there again."""


class View(NamedTuple):
    """Where a person stands in a USSD call. `call` names it; `entered` is what the gateway sent last, as it sent it.

    `last_only`: it was seen to send the last entry alone. `text` is the answer that is shown, `screen` the part of it
    that was shown last; `ended` says that the call was over with it.
    """

    call: str = ""
    entered: str = ""
    last_only: bool = False
    text: str = ""
    screen: int = 0
    over: Over = ""
    ended: bool = False


class Session(NamedTuple):
    """The state of one talk (one person, one medium). Serialised as JSON by the store, encrypted there.

    `home` (country of the phone number) and `opted_out` are facts about the contact, set anew at each text.
    `pinned`: the person chose the language by word, so the script of later texts does not change it.
    `state` and `page` say what was answered last; `country` what the talk is about, `where` the
    country in which help was asked for, if one was named; `trail` is for BACK.
    `tool` is the tool that is open and `given` the answers it has had; both are forgotten with the state.
    `view` is for USSD alone.
    """

    language: Language | None = None
    pinned: bool = False
    state: str | None = None
    page: int = 0
    country: str | None = None
    where: str | None = None
    trail: tuple[str, ...] = ()
    failures: int = 0
    at: datetime | None = None
    home: str | None = None
    opted_out: bool = False
    tool: str | None = None
    given: tuple[str, ...] = ()
    view: View = View()


@dataclass(frozen=True, slots=True)
class Reply:
    """One text to send. `emergency` replies pass every guard. `topic` is for counts, never shown. `asked` replies go on
    from an answer that a tool had asked for. `ends`: the USSD call is over with it."""

    text: str
    topic: str
    emergency: bool = False
    asked: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one step: what to remember, what to say, what to do.

    `counts` are added to the counts of the day, without a link to anybody; `joins` is the code of a campaign whose
    group the person asked to belong to. `by_sms` is a text to send by SMS besides, as was chosen on a USSD screen.
    `days` are days that the person named, each with its kind: the texts of a series count from them.
    """

    session: Session
    replies: tuple[Reply, ...]
    acts: tuple[Act, ...] = ()
    counts: tuple[str, ...] = ()
    joins: str | None = None
    by_sms: Reply | None = None
    days: tuple[tuple[str, date], ...] = ()
