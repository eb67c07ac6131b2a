"""Somebody who follows every link and sends every form, and what a page may never hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote_plus, urlencode, urlsplit

from flask import Flask
from visiting import Visitor
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

MARK = "zqx"
"""In everything that is tried, where it would do harm: in a tag's name, or in one of its attributes."""
WAYS_OUT = (
    "",
    '">',
    "'>",
    "</bdi>",
    "</textarea>",
    "</title>",
    "</option></select>",
    "--><!--",
    "</p></li></td>",
    "\u202e",
)
"""From wherever a page may put it."""
HARM = (
    "<script>zqx()</script><zqx>", "<script src=//zqx></script>", "<img src=x onerror=zqx()>", "<svg/onload=zqx()>",
    '<a href="javascript:zqx()">x</a>', '<iframe srcdoc="zqx">', '<b class="zqx">x</b>',
    '" onfocus=zqx() autofocus x="',
    "' onmouseover='zqx()", "<object data=zqx>", "<base href=//zqx>", '<meta http-equiv=refresh content="0;url=//zqx">',
    "<form action=//zqx><button>x", "<style zqx>*{}</style>", "<scr\tipt zqx>", "<details open ontoggle=zqx()>",
    "%3Cimg src=zqx%3E<zqx>", "&lt;zqx&gt;<zqx>", "{{7*7}}{%zqx%}<zqx>", "\u2028<zqx\u2028>\u2066",
)  # fmt: skip
PAYLOADS = tuple(
    f"{out}{harm} zqx{number:03d}" for number, (out, harm) in enumerate((o, h) for o in WAYS_OUT for h in HARM)
)
NUMBERED = re.compile(r"zqx(\d{3})")
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
HOLDS = frozenset({"bdi", "textarea", "title", "option"})
"""Where what people wrote may stand: in none of these can it turn the words around it, or be more than words."""
KEPT = frozenset({"value", "title", "alt", "aria-label", "placeholder", "lang", "content"})
"""Attributes that are only words."""
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
TYPED = frozenset({"text", "search", "tel", "email", "url", "number", "date", "time", "datetime-local", "month", None})


@dataclass
class Form:
    """A form as a browser would send it."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    chosen: dict[str, list[str]] = field(default_factory=dict)
    kind: str = ""

    @property
    def what(self) -> tuple[str, ...]:
        """The same of every form that does the same to another thing."""
        return (self.method, routed(self.action), *sorted(self.fields))


class Page(HTMLParser):
    """What a page leads to, and what is wrong with it."""

    def __init__(self, page: str, at: str = "") -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.wrong: list[str] = []
        self.marks: set[int] = set()
        self._open: list[str] = []
        self._at = at
        self._form: Form | None = None
        self._select: str | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._judge(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)
        for name, value in attrs:  # also what scripts ask for
            if value and value.startswith("/console/") and name not in ("action", "src"):
                self.links.append(value)
        if tag == "form":
            self._form = Form(given.get("method", "get") or "get", given.get("action") or self._at)
            self._form.kind = given.get("enctype") or ""
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._judge(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = None
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.marks.update(map(int, NUMBERED.findall(data)))
        held = HOLDS.intersection(self._open)
        if not held and (MARK in data or TURNS.search(data)):
            self.wrong.append(f"not kept apart: {data.strip()[:80]!r}")
        if "title" in held and TURNS.search(data):
            self.wrong.append(f"the title is turned: {data.strip()[:80]!r}")
        if "script" in self._open and data.strip():
            self.wrong.append("a script in the page")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.wrong.append(f"a comment: {data[:80]!r}")

    def _judge(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag or tag in ("iframe", "object", "embed", "base", "style"):
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            said = value or ""
            told = unquote_plus(said).lower()
            address = name in ("href", "src", "action", "formaction")
            if MARK in name or name.startswith("on") or name in ("style", "srcdoc"):
                self.wrong.append(f"<{tag} {name}>")
            if address and not re.match(r"/console/|#|data:image/svg\+xml|$", said):
                self.wrong.append(f"<{tag} {name}={said[:80]}>")
            if MARK in told and name not in KEPT and not (address and MARK in urlsplit(told).query):
                self.wrong.append(f"<{tag} {name}={said[:80]}>")
            if name in KEPT:
                self.marks.update(map(int, NUMBERED.findall(said)))

    def _field(self, form: Form, tag: str, given: dict[str, str | None]) -> None:
        name = given.get("name")
        if tag == "select" and name:
            self._select = name
            form.chosen[name] = []
        elif tag == "option" and self._select:
            value = given.get("value") or ""
            form.chosen[self._select].append(value)
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "textarea" and name:
            form.fields[name] = ""
            form.typed.add(name)
        elif tag in ("input", "button") and name:
            kind = given.get("type") if tag == "input" else "submit"
            if kind not in ("radio", "submit", "button") or name not in form.fields:
                form.fields[name] = given.get("value") or ("on" if kind == "checkbox" else "")
            if tag == "input" and kind in TYPED:
                form.typed.add(name)


def routed(path: str, site: Flask | None = None) -> str:
    """The route an address is of, and what is asked of it."""
    parts = urlsplit(path)
    asked = sorted({each.partition("=")[0] for each in parts.query.split("&") if each} - {"lang", "done"})
    place = re.sub(r"(?<=/)\d+(?=/|$)", "<n>", parts.path)
    if site is not None:
        with suppress(HTTPException):
            place = site.url_map.bind("").match(parts.path, "GET", return_rule=True)[0].rule
    return place + (f"?{'&'.join(asked)}" if asked else "")


def crawl(visitor: Visitor, each: int, whole: Container[str] = ()) -> Iterator[tuple[str, TestResponse]]:
    """Follow every link, and send every form that only asks. `each`: addresses of a route at most, but for `whole`."""
    site = visitor.client.application
    waiting, seen, counted = ["/console/?lang=en"], set[str](), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        answer = visitor.get(path)
        if answer.status_code == 405:  # a script sends something there
            continue
        yield path, answer
        if answer.mimetype != "text/html":
            continue
        page = Page(answer.text, urlsplit(path).path)
        asked = (ask for form in page.forms if form.method.lower() == "get" for ask in questions(form))
        for link in (*page.links, *asked):
            bare, route = re.sub(r"[?&](lang|done)=[^&#]*", "", link).partition("#")[0], routed(link, site)
            if bare not in seen and "/static/" not in bare and (counted.get(route, 0) < each or route in whole):
                seen.add(bare)
                counted[route] = counted.get(route, 0) + 1
                waiting.append(bare)


def questions(form: Form) -> Iterator[str]:
    """A form that only asks, as it is and with each choice it gives."""
    yield f"{form.action}?{urlencode(form.fields)}"
    for name, values in form.chosen.items():
        for value in values[1:4]:
            yield f"{form.action}?{urlencode({**form.fields, name: value})}"


def digits(page: str) -> str:
    """A page with whatever may stand between the digits of a number taken out, and all digits written as ours."""
    plain = re.sub(r"</?(?:bdi|b|span|strong|wbr)[^>]*>", "", unescape(unquote_plus(page)))
    plain = "".join(str(unicodedata.digit(each, each)) for each in plain)
    return re.sub(r"(?<=\d)[\s().\u00b7\u2060\u200b-\u200f/-]+(?=\d)", "", plain)


def numbers_in(page: str, numbers: Iterable[str]) -> list[str]:
    """Which of the numbers (E.164) a page tells, in whatever way they are written."""
    shown = digits(page)
    return [number for number in numbers if number[4:] in shown]


def each_form(pages: Iterable[tuple[str, TestResponse]], skip: Callable[[Form], bool]) -> Iterator[tuple[str, Form]]:
    """Every form that changes something, once, with the page it was found on."""
    known = set[tuple[str, ...]]()
    for path, answer in pages:
        if answer.mimetype != "text/html":
            continue
        for form in Page(answer.text, urlsplit(path).path).forms:
            if form.method.lower() == "post" and form.what not in known and not skip(form):
                known.add(form.what)
                yield path, form
