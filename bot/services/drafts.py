"""A broadcast while it is written: changed by its author, judged as it will go out, tried on a few phones of staff."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, cast

from bot.content.book import HOME, Language, State
from bot.conversation.registry import Campaign
from bot.services import broadcasts, compose, draft_rows, trial
from bot.services.asking import may_ask
from bot.services.audience import Audience
from bot.services.broadcasts import BadBroadcast, Draft, Words
from bot.services.compose import Composed, Fault, Sender, Written
from bot.services.hours import UNKNOWN
from bot.services.retry import HOUR
from bot.services.service import Service
from bot.services.trial import BadTrial, Trial
from bot.store import broadcasts as store
from bot.store import campaigns
from bot.store.broadcasts import Happened, Known
from bot.store.database import Tx
from bot.store.stages import Stage
from bot.text.sms import segments

TRIED: Final = "try"
MOST_TRIED: Final = 10
"""So many tests somebody may send in an hour: to more phones it would be a broadcast without its rules."""
OFFERED: Final = ("broadcasts.", "stories.", "topics.")
"""How the ids of the texts begin that stand for themselves, without a question before them."""


def texts(service: Service, broadcast: int) -> Mapping[Language, Words]:
    """The words of a broadcast, opened. Raises `StoreError`."""
    rows = service.database.read(lambda tx: store.texts(tx, broadcast))
    opened = ((row, service.vault.open(row.text_sealed, "broadcast", row.id).decode()) for row in rows)
    return {cast(Language, row.language): Words(words, row.opens) for row, words in opened}


def keep(service: Service, draft: Draft) -> int:
    """Keep it as a new draft, or in the place of the one that was made for the same request; its id.

    Raises `BadBroadcast` and `StoreError`.
    """
    before = service.database.read(lambda tx: store.asked_for(tx, draft.request))
    if before is None:
        return broadcasts.create(service, draft)
    rewrite(service, before.id, draft)
    return before.id


def rewrite(service: Service, broadcast: int, draft: Draft) -> None:
    """Put this in the place of a draft. Only its author may: whoever reads it later must know whose words it is.

    Raises `BadBroadcast` and `StoreError`.
    """
    broadcasts.check(service, draft)
    now = service.now()
    first = service.database.new_id(now, len(draft.texts))

    def work(tx: Tx, known: Known) -> None:
        check_author(known, draft.author)
        broadcasts.check_campaign(tx, draft)
        row = draft_rows.as_kept(draft, broadcast, known.created_at)
        names = ("campaign", "title", "channel", "audience", "counts", "pace", "starts_at", "ends_at", "repeats")
        store.drop_words(tx, broadcast)
        draft_rows.keep_words(service, tx, broadcast, draft, first)
        event = Happened(now, draft.author, "rewrite", None)
        broadcasts.become(service, tx, known, Stage.DRAFT, event, **{name: getattr(row, name) for name in names})

    broadcasts.step(service, broadcast, work)


def check_author(known: Known, by: str) -> None:
    """Raises `BadBroadcast` unless it is a draft of theirs."""
    if known.state != Stage.DRAFT:
        raise BadBroadcast(f"it is {broadcasts.called(known)}; only a draft can be changed", "begun")
    if not broadcasts.same(by, known.author):
        raise BadBroadcast("only whoever wrote it can change it; make a copy", "author")


def judged(service: Service, known: Known, said: Mapping[Language, Words]) -> Composed:
    """The words as they are kept, and what is wrong with them by the rules of today. Raises `StoreError`."""
    taken = state_of(known)
    sender = sender_of(service, known.campaign)
    if taken is None:
        return compose.free(service.book, {language: each.words for language, each in said.items()}, sender)
    return from_state(service, taken, Audience.loads(known.audience), sender, said)


def state_of(known: Known) -> str | None:
    """The text of the catalog that its words are."""
    found: str | None = json.loads(known.counts).get("state")
    return found


def from_state(
    service: Service,
    state: str,
    audience: Audience,
    sender: Sender,
    kept: Mapping[Language, Words] | None = None,
) -> Composed:
    """A text of the catalog for these people. `kept`: the words of a draft, which must be the same still."""
    told = compose.from_state(
        service.book, state, service.clock().date(), countries=_countries(service, audience), sender=sender
    )
    if kept is None or {text.language: text.words for text in told.texts} == {
        language: each.words for language, each in kept.items()
    }:
        return told
    fault = Fault("error", "", f"The text {state} is another now; write the draft anew.", "changed")
    mine = tuple(_written(language, each) for language, each in kept.items())
    return replace(told, texts=mine, problems=(*told.problems, fault))


def _written(language: Language, said: Words) -> Written:
    cost = segments(said.words)
    return Written(language, said.words, cost.encoding, cost.units, len(cost.parts), said.opens)


def _countries(service: Service, audience: Audience) -> list[str | None]:
    """From where people may read it: nobody is counted for that."""
    if audience.countries:
        return [None if code == UNKNOWN else code for code in audience.countries]
    return [HOME, *service.book.countries, None]


def groups(service: Service) -> Mapping[str, Campaign]:
    """Every campaign, also one that was begun just now. Raises `StoreError`."""
    return service.database.read(campaigns.read)


def sender_of(service: Service, campaign: str) -> Sender:
    """Whose name a text to this campaign may bear. Raises `StoreError`."""
    known = groups(service).get(campaign)
    return Sender(known.code, known.name) if known else Sender()


def offered(service: Service) -> list[State]:
    """The texts of the catalog that a broadcast may take, in the order of their ids."""
    states = service.book.states
    answers = {choice.go for state in states.values() for choice in state.choices}
    return [
        state
        for name, state in sorted(states.items())
        if name.startswith(OFFERED)
        and not (state.fills or state.sensitive or state.topic == "sos" or state.asks == "check")
        and (may_ask(service.book, name) if state.choices else not (name.startswith(OFFERED[0]) and name in answers))
    ]


def try_out(service: Service, broadcast: int, by: str, numbers: Iterable[str]) -> Trial:
    """Send the texts of a broadcast to a few phones of staff; it is kept who did. Raises `BadTrial`, `BadBroadcast` and
    `StoreError`."""
    known = broadcasts.get(service, broadcast)
    composed = judged(service, known, texts(service, broadcast))
    now = service.now()
    event = Happened(now, by, TRIED, None)

    def beside(tx: Tx) -> None:
        broadcasts.happened(service, tx, known, event)  # its note lets others wait: of two at once one is the last
        if store.lately(tx, by, TRIED, now - HOUR) > MOST_TRIED:
            raise BadTrial("too many tests in an hour", "often")

    return trial.send(service, known.channel, composed, numbers, beside)
