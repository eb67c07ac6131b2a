"""(m) The pages of staff over a million people and five million texts, and what texting feels of them."""

from __future__ import annotations

import itertools
import random
import re
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from pyotp import TOTP
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from benchmarks import servers
from benchmarks.audience import PACE, opened, probed
from benchmarks.console_fill import Size, fill
from benchmarks.machine import pss_mb
from benchmarks.posts import Posts, people
from benchmarks.report import Figure, Section, table
from benchmarks.servers import Server
from bot.config import Settings
from bot.console.site import create
from bot.services import login, second, staff
from bot.services.codes import STEP
from bot.services.roles import Role
from bot.services.service import Service

PASSWORD: Final = "rice fields at dawn"
NAME: Final = "Sokha"
LINKS: Final = re.compile(r'(?:href|data-[a-z]+)="(/console/[^"#]*)')
SOUGHT: Final = tuple(
    f"/console/contacts?{asked}"
    for asked in (
        *("tag=teacher", "province=17", "destination=TH", "campaign=KYA12", "province=03&destination=KR"),
        *("tag=teacher&province=17", "tag=teacher&province=17&destination=KR&campaign=KYA12", "tag=nobody"),
    )
)
"""What a form leads to that is sent, so that no link does."""
FORMS: Final = re.compile(r"(?s)<form([^>]*)>(.*?)</form>")
SELECTS: Final = re.compile(r'(?s)<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>')
OPTIONS: Final = re.compile(r'<option[^>]* value="([^"]*)"')
INPUTS: Final = re.compile(r'<input[^>]* name="([^"]*)"')
TOKEN: Final = re.compile(r'name="form" value="([^"]+)"')
EACH: Final = 6
"""Addresses of one route at most, so that a long list does not stand for everything."""
STAFF: Final = 4
"""People who look at pages while others text."""
PAUSE: Final = 1.0
"""Seconds between two pages of one of them, on average."""
MEDIAN: Final = 50
MOST: Final = 250
METHOD: Final = f"""\
A house that knows {{contacts:,}} people, with {{texts:,}} texts of the last six days, {{cases:,}} cases of which
{{open:,}} are open, {{broadcasts:,}} broadcasts that are over and one that is held with its recipients, and
{{acts:,}} lines of audit. `phlov run` serves it. An admin logs in and follows every link from the first page on, at
most {EACH} addresses of a route; then each address is asked for in turns, in an order that chance gives, over one
connection: the time is from the request to the last byte. Then it is posted {PACE} signed texts a second as in (a), on
time whatever the answers take: before, while {STAFF} people of staff open a page a second each, while one asks for
reports, for the sizes of all groups and for whom a broadcast to everybody would reach, one after the other, and after.
Its baseline is before and after."""


@dataclass
class Found:
    """Everything about one database."""

    filled: float = 0.0
    first: float = 0.0
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    calm: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    counting: list[float] = field(default_factory=list)
    counted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    drawn: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    before: float = 0.0
    pss: float = 0.0


def p99(waits: Sequence[float]) -> float:
    """What 99 in 100 of them keep to; of few, the longest."""
    return sorted(waits)[min(len(waits) - 1, len(waits) * 99 // 100)]


def spread(waits: Sequence[float]) -> tuple[float, float, float]:
    """The middle, what 99 in 100 keep to, and the longest."""
    return median(waits), p99(waits), max(waits)


def every(waits: Mapping[str, list[float]]) -> list[float]:
    """Those of all routes."""
    return [wait for each in waits.values() for wait in each]


class Browser:
    """Somebody of staff who is in, with one connection."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._wire = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """The status and the page."""
        headers = {"Cookie": self.cookie, "Accept-Language": "km"}
        body = urlencode(fields) if fields is not None else None
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        self._wire.request(method, path, body, headers)
        answer = self._wire.getresponse()
        for given in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = given.partition(";")[0].partition("=")
            kept = dict(each.split("=", 1) for each in self.cookie.split("; ") if each)
            self.cookie = "; ".join(f"{key}={held}" for key, held in {**kept, name: value}.items())
        page = answer.read()
        return answer.status, page.decode() if answer.headers.get_content_type() == "text/html" else ""

    def get(self, path: str) -> tuple[int, str]:
        """A page."""
        return self.ask("GET", path)

    def come(self, secret: str) -> None:
        """Log in."""
        form = TOKEN.findall(self.get("/console/login")[1])[-1]
        code = TOTP(secret).now()
        status, _ = self.ask("POST", "/console/login", {"form": form, "name": NAME, "password": PASSWORD, "code": code})
        if status != 303:
            raise RuntimeError(f"the admin was not let in: {status}")

    def links(self) -> Iterator[str]:
        """Every address that pages lead to, `EACH` of a route."""
        waiting, seen, counted = ["/console/", *SOUGHT], {"/console/"}, dict[str, int]()
        while waiting:
            path = waiting.pop(0)
            status, page = self.get(path)
            if status == 200:
                yield path
            for link in (*map(unescape, LINKS.findall(page)), *choices(page)):
                route, bare = routed(link), re.sub(r"[?&](lang|done)=[^&]*", "", link)
                if bare in seen or "/static/" in bare or counted.get(route, 0) >= EACH:
                    continue
                seen.add(bare)
                counted[route] = counted.get(route, 0) + 1
                waiting.append(bare)


def choices(page: str) -> Iterator[str]:
    """What the forms that only ask can be asked, one thing at a time."""
    for head, body in FORMS.findall(page):
        action = re.search(r'action="([^"?#]*)"', head)
        if action and 'method="post"' not in head:
            for name, options in SELECTS.findall(body):
                values = [value for value in OPTIONS.findall(options) if value]
                yield from (f"{action[1]}?{name}={quote(unescape(value))}" for value in values[:3])
            yield from (f"{action[1]}?{name}=teacher" for name in INPUTS.findall(body) if name == "tag")


@cache
def pages() -> MapAdapter:
    """Every route of the console."""
    nowhere = Service(None, None, None, None, lambda: datetime.now(UTC))  # type: ignore[arg-type]
    return create(nowhere, Settings()).url_map.bind("")


def routed(path: str) -> str:
    """The route an address is of, and what is asked of it, without the values."""
    parts = urlsplit(path)
    asked = sorted({each.partition("=")[0] for each in parts.query.split("&") if each} - {"lang", "done"})
    try:
        rule, _ = pages().match(parts.path, "GET", return_rule=True)
    except HTTPException:
        return parts.path
    return rule.rule + (f"?{'&'.join(asked)}" if asked else "")


def measure(folder: Path, size: Size, rounds: int, seconds: int) -> Section:
    """SQLite, as a house has it on a small box."""
    found = tried(folder, size, rounds, seconds)
    filled = f"Filling took {found.filled:.0f} s." if found.filled else "The house was filled before, by another run."
    told = [f"{filled} The very first page, which loads the console, took {found.first:.2f} s."]
    rows = [
        [f"`{route}`", len(waits), *(f"{value * 1000:.1f}" for value in spread(waits))]
        for route, waits in sorted(found.waits.items(), key=lambda each: -median(each[1]))
    ]
    texts = [
        [name, len(waits), *(f"{value * 1000:.1f}" for value in spread(waits))]
        for name, waits in (
            ("texts, before and after", found.calm), ("texts, while pages are drawn", found.busy),
            ("texts, while reports are drawn", found.counting),
            ("pages, while texts come", every(found.drawn)),
        )
    ]  # fmt: skip
    counts = [
        [f"`{path}`", len(waits), *(f"{value * 1000:.1f}" for value in spread(waits))]
        for path, waits in sorted(found.counted.items())
    ]
    head = ["", "times", "p50 ms", "p99 ms", "max ms"]
    tables = [table(head, texts), table(head, rows), table(["what is counted when it is asked for", *head[1:]], counts)]
    method = METHOD.format(**{name: getattr(size, name) for name in size.__dataclass_fields__})
    return Section("(m) Pages of staff", method, list(judged(found)), [*tables, *told])


def judged(found: Found) -> Iterator[Figure]:
    """What was wanted."""
    middle, most = median(every(found.waits)) * 1000, p99(every(found.waits)) * 1000
    slowest, waits = max(found.waits.items(), key=lambda each: median(each[1]))
    yield Figure(
        "a page, median", f"{middle:.1f} ms", f"{len(found.waits)} routes", "", f"≤ {MEDIAN} ms", middle <= MEDIAN
    )
    yield Figure("a page, p99", f"{most:.1f} ms", "", "", f"≤ {MOST} ms", most <= MOST)
    slow = median(waits) * 1000
    yield Figure("the slowest route, median", f"{slow:.1f} ms", slowest, "", f"≤ {MEDIAN} ms", slow <= MEDIAN)
    calm = p99(found.calm) * 1000
    for what, waits in (("pages", found.busy), ("reports", found.counting)):
        busy = p99(waits) * 1000
        told, ratio = f"answers to texts while {what} are drawn, p99", busy / calm
        yield Figure(told, f"{busy:.1f} ms", f"{calm:.1f} ms", f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5)
    yield Figure("memory with the console", f"{found.pss:.0f} MiB", f"{found.before:.0f} MiB before")


def tried(folder: Path, size: Size, rounds: int, seconds: int) -> Found:
    """One database from its first contact on; one that is there already is looked at as it is."""
    found = Found()
    data_dir = Path(servers.settings(folder)["PHLOV_DATA_DIR"])
    data_dir.mkdir(parents=True, exist_ok=True)
    address, began = f"sqlite:///{data_dir / 'phlov.db'}", time.monotonic()
    new = not (data_dir / "phlov.db").exists()
    with house(address, data_dir) as service:
        if new:
            fill(service, size)
            print("(m) the house is filled", file=sys.stderr)
            found.filled = time.monotonic() - began
        secret = admitted(service)
    posts = Posts(folder / "posts", PACE * (seconds * 3 + 60), senders=people()[: size.contacts])
    with servers.phlov(posts, folder, extra={"PHLOV_CONSOLE_PLAIN": "true"}) as running:
        servers.check(running)
        probed(running, seconds=3)  # the first ones warm it up
        found.before = pss_mb(running.process)
        found.calm += probed(running, seconds=seconds)
        paths, cookie = looked(found, running, secret, rounds)
        drawing(found, running, paths, cookie, seconds)
        counting(found, running, paths, cookie, seconds)
        found.calm += probed(running, seconds=seconds)
        found.pss = pss_mb(running.process)
    return found


@contextmanager
def house(url: str, data_dir: Path) -> Iterator[Service]:
    """What fills it needs neither texts nor a reader."""
    with opened(url, data_dir) as (database, vault):
        yield Service(database, vault, None, None, lambda: datetime.now(UTC))  # type: ignore[arg-type]


def admitted(service: Service) -> str:
    """An admin with a password and a second factor; its secret."""
    if any(member.name == NAME for member in staff.everybody(service)):
        welcome = staff.invite(service, NAME, "bench", new_phone=True)
    else:
        welcome = staff.add(service, NAME, Role.ADMIN, "bench")
    login.accept(service, welcome.code, PASSWORD, "127.0.0.1")
    token = login.log_in(service, login.Entry(NAME, PASSWORD, "", "127.0.0.1")).token
    secret = second.offer(service, token).secret
    second.confirm(service, token, TOTP(secret).generate_otp(service.now() // STEP - 1))  # this one is for the door
    return secret


def looked(found: Found, server: Server, secret: str, rounds: int) -> tuple[list[str], str]:
    """Ask for every page, so often; all of them, and the cookie that opens them."""
    browser = Browser(server.port)
    began = time.monotonic()
    browser.get("/console/login")
    found.first = time.monotonic() - began
    browser.come(secret)
    paths = list(browser.links())
    chance = random.Random(3)
    for _ in range(rounds):
        for path in chance.sample(paths, len(paths)):
            began = time.monotonic()
            status, _ = browser.get(path)
            found.waits[routed(path)].append(time.monotonic() - began)
            if status != 200:
                raise RuntimeError(f"{routed(path)} answered {status}")
    return paths, browser.cookie


def drawing(found: Found, server: Server, paths: Sequence[str], cookie: str, seconds: int) -> None:
    """People text while staff open pages."""
    chance, turns = random.Random(4), itertools.count()
    order = chance.sample(paths, len(paths))

    def staff_member(over: threading.Event) -> None:
        browser = Browser(server.port, cookie)
        while not over.wait(chance.expovariate(1 / PAUSE)):
            began = time.monotonic()
            path = order[next(turns) % len(order)]
            browser.get(path)
            found.drawn[routed(path)].append(time.monotonic() - began)

    found.busy += beside(server, [staff_member] * STAFF, 2 * seconds)


def counting(found: Found, server: Server, paths: Sequence[str], cookie: str, seconds: int) -> None:
    """People text while one of staff asks for whatever takes long, one after the other, and rests in between."""
    counts = {
        "/console/contacts/groups": "/console/contacts/groups",
        **{path: f"{path}/count" for path in paths if path.endswith("/approve")},
        **{path: f"{path}/tables" for path in paths if path.endswith("/report")},
    }
    turns = itertools.cycle(counts.items())

    def staff_member(over: threading.Event) -> None:
        browser = Browser(server.port, cookie)
        while not over.wait(PAUSE):
            page, path = next(turns)
            form = {"form": TOKEN.findall(browser.get(page)[1])[-1]}
            began = time.monotonic()
            status, _ = browser.ask("POST", path, form)
            found.counted[re.sub("[0-9]{9,}", "<id>", path)].append(time.monotonic() - began)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")

    found.counting += beside(server, [staff_member], 2 * seconds)


def beside(server: Server, staff: Sequence[Callable[[threading.Event], None]], seconds: int) -> list[float]:
    """How long texts wait while staff do these things."""
    over = threading.Event()
    with ThreadPoolExecutor(len(staff)) as pool:
        futures = [pool.submit(each, over) for each in staff]
        waits = probed(server, seconds=seconds)
        over.set()
        for future in futures:
            future.result()
    return waits
