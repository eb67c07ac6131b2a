"""Writing a broadcast: its words, whom it is for and when. Nothing is sent from here; what is kept is a draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import flask

from bot.console import broadcast_form, broadcasts, foresight
from bot.console.access import door
from bot.console.account import mine
from bot.console.broadcast_form import Form
from bot.console.broadcast_words import words
from bot.console.doors import field
from bot.console.visit import console, say, visit
from bot.content.book import LANGUAGES
from bot.services import compose, draft_rows, drafts
from bot.services.audience import Audience
from bot.services.broadcasts import BadBroadcast, Draft
from bot.services.compose import Composed
from bot.services.roles import Act
from bot.store.broadcasts import Known
from bot.store.stages import Stage

pages = broadcasts.pages
WRITE = Act.BROADCAST_WRITE
LONGEST: Final = 700
"""Characters of a text while it is written; what may go is shorter (`compose.MOST_PARTS`)."""


@pages.get("/new")
@door(WRITE)
def new() -> Any:
    """An empty form, or one like a broadcast there was."""
    copy = broadcasts.key("copy")
    if copy is None:
        return _page(Form(broadcast_form.Fields({"campaign": flask.request.args.get("campaign", "")})))
    known = broadcasts.known_one(copy)
    if not broadcast_form.may_copy(known):
        flask.abort(404)
    return _page(broadcast_form.copied(known, drafts.texts(console().service, known.id)))


@pages.post("/new")
@door(WRITE)
def create() -> Any:
    """Keep it as a draft, or show it first."""
    return _taken(None, lambda draft: drafts.keep(console().service, draft))


@pages.get("/<int:broadcast>/edit")
@door(WRITE)
def edit(broadcast: int) -> Any:
    """The form as the draft was kept."""
    known = own_draft(broadcast)
    if not broadcast_form.may_copy(known):
        flask.abort(404)
    return _page(broadcast_form.of(known, drafts.texts(console().service, broadcast)), known)


@pages.post("/<int:broadcast>/edit")
@door(WRITE)
def change(broadcast: int) -> Any:
    """Keep the draft as it is now."""

    def keep(draft: Draft) -> int:
        drafts.rewrite(console().service, broadcast, draft)
        return broadcast

    return _taken(own_draft(broadcast), keep)


@pages.post("/texts")
@door(WRITE)
def texts() -> Any:
    """The words that are being written, as phones show them: for the script of the form."""
    form = broadcast_form.sent()
    return flask.render_template("write_phones.html", **_phones(form, broadcast_form.audience(form)))


def own_draft(broadcast: int) -> Known:
    """A draft of whoever asks. Others make a copy, so that everybody knows whose words it is."""
    known = broadcasts.known_one(broadcast)
    if known.state != Stage.DRAFT:
        flask.abort(404)
    if not broadcasts.is_own(known):
        flask.abort(403)
    return known


def refused(bad: BadBroadcast) -> str:
    """Why something cannot be done with a broadcast, in the language of the page."""
    return say(f"broadcasts.bad.{bad.name}", **bad.fills) if bad.name else say("broadcasts.refused")


def _taken(known: Known | None, keep: Callable[[Draft], int]) -> Any:
    """What was sent: shown again as long as something is to be mended or to be looked at, else kept."""
    form, do = broadcast_form.sent(), field("do")
    draft, composed = broadcast_form.draft(form, mine().name, foresight.channels())
    if do == "count":
        return _counted(form, known, draft, composed)
    if do != "keep" or form.faults:
        return _page(form, known), 400 if form.faults else 200
    try:
        kept = keep(draft)
    except BadBroadcast as bad:
        form.faults["form"] = refused(bad)
        return _page(form, known), 400
    return flask.redirect(flask.url_for("broadcasts.sending", broadcast=kept, done="broadcast_kept"), 303)


def _counted(form: Form, known: Known | None, draft: Draft, composed: Composed) -> Any:
    """Whom it would reach as it stands in the form."""
    counted: dict[str, Any] = {"seen": None}
    if not form.faults and composed.texts:
        row = draft_rows.as_kept(draft, known.id if known else 0, console().service.now())
        counted = foresight.foresee(row, composed.parts)
    elif not form.faults:
        form.faults["km"] = say("write.words_first")
    if foresight.piece():
        return flask.render_template("write_counted.html", form=form, **counted, **words())
    return _page(form, known, **counted), 400 if form.faults else 200


def _page(form: Form, known: Known | None = None, **counted: Any) -> str:
    service = console().service
    campaigns = drafts.groups(service)
    channels = foresight.channels()
    broadcast_form.request(form)
    meant = broadcast_form.audience(form)
    shown = {"seen": None} | _phones(form, meant) | counted
    return flask.render_template(
        "write.html",
        form=form,
        draft=known,
        campaigns=list(campaigns.values()),
        channels=channels,
        offers=broadcast_form.offers(form),
        states=[(state.id, _named(state.id, state.topic)) for state in drafts.offered(service)],
        languages=LANGUAGES,
        longest=LONGEST,
        **shown,
    )


def _phones(form: Form, meant: Audience) -> dict[str, Any]:
    """The texts as phones show them, and what is wrong with them; nothing while nothing is written."""
    begun = form.get("state") or any(form.get(language) for language in LANGUAGES)
    composed = broadcast_form.composed(form, meant) if begun else Composed((), ())
    return {
        "composed": composed,
        "problem": broadcast_form.problem,
        "homes": broadcast_form.homes(meant),
        "most": compose.MOST_PARTS,
        **words(),
    }


def _named(state: str, topic: str) -> str:
    """How a text of the catalog is called in a list: by its topic, and how it begins."""
    service, tongue = console().service, visit().tongue
    begins = service.book.words(state, service.book.states[state].pages[0], tongue).split("\n")[0]
    name = f"topics.{topic}"
    topic_name = say(name) if console().words.has(name) else topic
    return f"{topic_name}: {begins[:60]}"
