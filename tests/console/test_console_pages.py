"""What holds for every page: headers, languages, errors, and what it shows to whom."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from html.parser import HTMLParser

import pytest
from visiting import Visitor, taken_in

from bot.config import Settings
from bot.console import plots
from bot.console.site import create
from bot.content import console
from bot.content.book import TOPICS
from bot.content.review import PEOPLE
from bot.content.sections import CATEGORIES
from bot.desk_show import ACTS
from bot.protocol import Inbound, Response
from bot.services import audit, content_kinds, inbox, staff
from bot.services.audience import Audience
from bot.services.audit import Event
from bot.services.outcomes import Outcome
from bot.services.overview import Count, Day, Health, Work
from bot.services.roles import Role
from bot.services.staff_rules import Why
from bot.store.audience import REASONS
from bot.store.errors import Busy
from bot.store.stages import Stage

PAGES = ("/console/", "/console/account", "/console/account/second", "/console/prove", "/console/staff",
         "/console/audit", "/console/welcome", "/console/duty",
         "/console/broadcasts/", "/console/simulator")  # fmt: skip


class Elements(HTMLParser):
    """Every element with its attributes, and all ids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.mark.parametrize("path", [*PAGES, "/console/login", "/console/nothing", "/console/static/console.css"])
def test_every_answer_says_how_it_may_be_used(come, path):
    headers = come().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    for directive in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert directive in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == ("public, max-age=31536000, immutable" if "static" in path else "no-store")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("tongue", console.TONGUES)
def test_every_page_is_whole_in_both_languages(come, path, tongue):
    visitor = come()
    answer = visitor.get(f"{path}?lang={tongue}")
    assert answer.status_code == 200
    elements = Elements(answer.text)
    assert elements.of("html")[0]["lang"] == tongue
    assert not elements.of("style", "iframe", "object", "embed")
    assert not [each for _, each in elements.found if "style" in each or any(key.startswith("on") for key in each)]
    ids = [each["id"] for _, each in elements.found if "id" in each]
    assert len(ids) == len(set(ids))
    labelled = {each.get("for") for each in elements.of("label")}
    unnamed = [
        each
        for each in elements.of("input", "select", "textarea")
        if each.get("type") != "hidden" and each.get("id") not in labelled and each.get("aria-hidden") != "true"
    ]
    assert unnamed == []
    assert len(elements.of("h1")) == 1
    assert "{fill:" not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_nothing_comes_from_elsewhere(come, path):
    for _, attributes in Elements(come().get(path).text).found:
        for name in ("src", "href", "action"):
            assert re.match(r"/console/|#|data:image/svg|$", attributes.get(name) or "")


def test_every_link_leads_somewhere(come):
    """Also from pages that answer a form, and from those that say what is wrong."""
    visitor = come()
    shown = [visitor.get(path).text for path in (*PAGES, "/console/nothing", "/console/account/codes")]
    visitor.get("/console/staff")
    shown += [visitor.send(f"/console/{path}").text for path in ("audit/verify", "account/password", "staff/invite")]
    shown += [visitor.post(f"/console/{path}", {}).text for path in ("logout", "account/codes")]
    links = {each["href"] for page in shown for each in Elements(page).of("a")} - {"#main"}
    assert len(links) > 15
    for link in sorted(links):
        assert (link, visitor.get(link or "").status_code) == (link, 200)


def test_assets_are_there_and_no_other_file(stranger):
    page = stranger.get("/console/login").text
    for address in re.findall(r'"(/console/static/[^"]+)"', page):
        assert stranger.get(address).status_code == 200
    style = stranger.get("/console/static/console.css").text
    for font in re.findall(r'url\("([^"]+)"\)', style):
        answer = stranger.get(f"/console/static/{font}")
        assert answer.mimetype == "font/woff2"
        assert answer.data[:4] == b"wOF2"
    for path in ("../site.py", "fonts/../../site.py", "fonts/LICENSE", "", "%2e%2e/site.py"):
        assert stranger.get(f"/console/static/{path}").status_code in (404, 308)


@pytest.mark.parametrize(
    ("path", "status"), [("/console/nothing", 404), ("/console/login/", 404), ("/console/account/codes", 405)]
)
def test_what_is_wrong_is_said_in_words(come, path, status):
    answer = come().get(f"{path}?lang=en")
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert "Traceback" not in answer.text


def test_a_form_that_is_too_long_is_refused(stranger):
    stranger.get("/console/login?lang=en")
    answer = stranger.send("/console/login", name="x" * 40_000, password="", code="")
    assert answer.status_code == 413
    assert "too long" in answer.text


def test_a_database_that_is_busy_is_told(service, come, site):
    class Gone:
        def __getattr__(self, name):
            return getattr(service.database, name)

        def read(self, work):
            raise Busy("somebody holds it")

    visitor = come()
    site.service = replace(site.service, database=Gone())
    answer = visitor.get("/console/?lang=en")
    assert answer.status_code == 503
    assert "The database is busy" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_error_nobody_expected_tells_nothing(come, monkeypatch):
    from bot.services import overview  # noqa: PLC0415

    visitor = come()
    monkeypatch.setattr(overview, "now", lambda _: 1 // 0)
    answer = visitor.get("/console/?lang=en")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "Zero" not in answer.text


BAD = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "\u202etxt", "';--", "<b>Ny</b>"]


@pytest.mark.parametrize("name", BAD)
def test_names_are_only_words(service, come, name):
    visitor = come()
    visitor.get("/console/staff?lang=en")
    answer = visitor.send("/console/staff/add", name=name, role="viewer")
    for page in (answer.text, visitor.get("/console/staff").text, visitor.get(f"/console/audit?who={name}").text):
        for bad in ("<script>", "<img", "<b>Ny", "49</"):
            assert bad not in page
    page = visitor.get("/console/staff").text
    for member in staff.everybody(service):
        assert f"<bdi>{member.name}</bdi>" in page or "&" in page


def test_home_leads_to_those_who_wait_and_only_whom_may_see_them(service, come):
    inbox.receive(service, Inbound("kannel", "+85512345678", "SOS", "id1", service.clock()), _render, inline=False)
    inbox.receive(service, Inbound("kannel", "+85512345679", "HUMAN", "id2", service.clock()), _render, inline=False)
    page = come("Nary", Role.CASEWORKER).get("/console/?lang=en").text
    assert '<a href="/console/cases?kind=emergency">People in an emergency</a> <span class="count">1</span>' in page
    assert '<a href="/console/cases?kind=person">People who ask for a person</a>' in page
    assert "nobody has looked yet: 1" in page
    page = come("Dara", Role.VIEWER).get("/console/?lang=en").text
    assert '<h3>People in an emergency <span class="count">1</span></h3>' in page
    assert "/console/cases" not in page


def _render(replies, reference):
    return Response(200, b"", "text/plain")


def test_what_staff_saw_in_a_month_is_told_to_admins(service, come):
    visitor = come()
    page = visitor.get("/console/audit/month?lang=en").text
    assert "Nobody had a number shown, and nobody saved a list." in page
    service.database.write(
        lambda tx: audit.note(service, tx, Event.CONTACT_REVEALED, "Dara <b>", why="her mother <i>asked</i>")
    )
    page = visitor.get("/console/audit/month?month=2026-11").text
    assert "<bdi>Dara &lt;b&gt;</bdi>" in page
    assert "<bdi>her mother &lt;i&gt;asked&lt;/i&gt;</bdi>" in page
    assert 'href="/console/audit/month?month=2026-10"' in page
    assert 'href="/console/audit/month?month=2026-12"' not in page
    assert "Nobody did anything in this month." in visitor.get("/console/audit/month?month=2026-09").text
    for strange in ("2026-13", "x", "9999-12", "'"):
        assert visitor.get(f"/console/audit/month?month={strange}").status_code == 200


def test_every_word_that_pages_build_has_a_text():
    words = console.load()
    wanted = [f"topics.{topic}" for topic in TOPICS]
    wanted += [f"role.{role}" for role in Role] + [f"role.{role}.may" for role in Role]
    wanted += [f"doors.why.{why}" for why in Why] + [f"audit.{event}" for event in Event]
    wanted += [f"stage.{stage.name.lower()}" for stage in Stage]
    wanted += [f"broadcasts.next.{stage.name.lower()}" for stage in Stage]
    wanted += [f"broadcasts.why.{reason}" for reason in REASONS]
    wanted += [f"broadcasts.filter.{each.name}" for each in fields(Audience)]
    wanted += [f"broadcasts.act.{act}" for act in ACTS]
    wanted += [f"home.outcome.{outcome}" for outcome in Outcome]
    wanted += [f"content.why.{why}" for why in content_kinds.Why]
    wanted += [f"content.{part}.{kind}" for kind in content_kinds.Kind for part in ("kind", "taken")]
    wanted += [f"content.category.{category}" for category in CATEGORIES]
    wanted += [f"content.people.{part}" for part in PEOPLE]
    wanted += [f"content.campaign.{why}" for why in ("code", "name", "command")]
    wanted += [f"wrong.{status}.{part}" for status in (400, 401, 403, 404, 405, 413, 429, 500, 503)
               for part in ("title", "what")]  # fmt: skip
    assert [name for name in wanted if not words.has(name)] == []


def test_every_text_is_used():
    from pathlib import Path  # noqa: PLC0415

    import bot.console  # noqa: PLC0415

    here = Path(bot.console.__file__).parent
    code = "".join(path.read_text() for path in [*here.glob("*.py"), *here.glob("templates/*.html")])
    built = ("topics.", "role.", "doors.why.", "audit.", "stage.", "wrong.", "done.", "home.language.",
             "home.outcome.", "home.cases.", "access.", "guide.", "team.state.", "frame.language.", "detail.",
             "broadcasts.next.", "broadcasts.why.", "broadcasts.filter.", "broadcasts.act.", "broadcasts.outcome.",
             "simulator.language.", "cases.act.", "cases.fault.", "cases.kind.", "cases.list.", "cases.none_",
             "cases.outcome.", "cases.why.", "duty.act.", "duty.day.", "duty.why.", "content.why.", "content.kind.",
             "content.taken.", "content.category.", "content.people.", "content.field.", "content.campaign.",
             "content.teach.", "content.phase.", "content.to_phase.", "content.agency_state.", "broadcasts.bad.",
             "compose.", "contacts.day.", "contacts.export_", "contacts.how.", "contacts.kind.", "contacts.reveal.",
             "faults.", "lists.column.", "lists.count.", "lists.fault_", "lists.stage.", "report.kind.", "write.at.",
             "write.trial.")  # fmt: skip
    unused = [name for name in console.load().texts["en"] if f'"{name}"' not in code and f"'{name}'" not in code]
    apart = ("contacts.", "lists.", "write.")  # pages of these put the name of the area before a key
    keyed = {name for name in unused if f'"{name.partition(".")[2].removesuffix("_what")}"' in code}
    used = {name for name in keyed if name.startswith(apart)}
    assert [name for name in unused if not name.startswith(built) and name not in used] == []
    done = {name.removeprefix("done.") for name in console.load().texts["en"] if name.startswith("done.")}
    assert [name for name in sorted(done) if f'"{name}"' not in code] == []


def test_small_counts_are_not_told_exactly():
    bars = plots.bars([Count("km", 1234), Count("en", 4), Count("", 0)], str)
    assert [bar.texts for bar in bars] == ["1,234", "<5", "0"]


def test_small_counts_cannot_be_measured_in_a_plot():
    drawn = {plots.bars([Count("km", 1234), Count("en", texts)], str)[1].width for texts in range(1, plots.SMALL)}
    assert len(drawn) == 1
    days = [
        [Day("2026-11-01", 1234, 0), Day("2026-11-02", texts, lost)] for texts in range(1, 5) for lost in (1, texts)
    ]
    assert len({(column.height, column.lost) for *_, column in map(plots.columns, days)}) == 1
    assert len({column.lost for lost in range(1, 5) for column in plots.columns([Day("2026-11-01", 90, lost)])}) == 1


def test_a_day_of_a_channel_is_as_high_as_any_other_and_trouble_has_its_share():
    (strip,) = plots.strips([Health("kannel", [Work(30, 10), Work(0, 0), Work(3, 0)], Work(33, 10))])
    assert [(span.lost, span.x < 100) for span in strip.columns] == [(plots.LOW / 4, True), (0, False)]
    assert (strip.went, strip.trouble) == ("33", "10")


def test_a_house_can_do_without_a_console(service):
    from bot.web.metrics import Metrics  # noqa: PLC0415
    from bot.web.site import create as create_site  # noqa: PLC0415

    client = create_site(service, {}, Metrics(), Settings()).test_client()
    assert client.get("/console/").status_code == 404
    assert client.get("/console").status_code == 404
    made = []

    def make():
        made.append(create(service, Settings()))
        return made[-1]

    client = create_site(service, {}, Metrics(), Settings(), console=make).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/console").headers["Location"] == "/console/"
    assert client.get("/consoles").status_code == 404
    assert made == []
    assert client.get("/console/").headers["Location"] == "/console/login"
    assert client.get("/console/login").status_code == 200
    assert client.post("/console/login", data={"name": "x" * 40_000}).status_code == 413
    assert len(made) == 1


def test_staff_are_let_in_and_out(service, site, come):
    visitor = come()
    page = visitor.get("/console/staff?lang=en").text
    assert "You are alone here" in page
    page = visitor.send("/console/staff/add", name="Dara", role="caseworker").text
    assert "It is shown only now" in page
    page = visitor.get("/console/staff").text
    assert "has a welcome code" in page
    assert "Somebody has this name already" in visitor.send("/console/staff/add", name="dara", role="viewer").text
    assert visitor.send("/console/staff/add", name="Nary", role="king").status_code == 400
    dara = taken_in(service, "Nary", Role.VIEWER)
    other = Visitor(site)
    other.come(service, dara)
    visitor.get("/console/staff")
    visitor.send("/console/staff/role", name="Nary", role="editor")
    assert other.get("/console/").headers["Location"] == "/console/login"
    other.come(service, dara)
    visitor.get("/console/staff")
    assert visitor.send("/console/staff/disable", name="Nary").headers["Location"] == "/console/staff?done=disabled"
    assert other.get("/console/").headers["Location"] == "/console/login"
    assert "only admin" in visitor.send("/console/staff/role", name="Sokha", role="viewer").text


def test_who_found_the_laptop_open_changes_no_staff(service, come, clock):
    visitor = come()
    visitor.get("/console/staff?lang=en")
    clock.forward(minutes=6)
    page = visitor.get("/console/staff").text
    assert "Add and make a welcome code" not in page
    answer = visitor.send("/console/staff/add", name="Dara", role="admin")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/prove")
    assert [member.name for member in staff.everybody(service)] == ["Sokha"]
    assert visitor.prove().status_code == 303
    visitor.get("/console/staff")
    assert visitor.send("/console/staff/add", name="Dara", role="admin").status_code == 200


def test_the_audit_is_read_page_by_page_and_checked(service, come):
    visitor = come()
    for number in range(60):
        name = f"Helper {chr(97 + number // 8)}{chr(97 + number % 8)}"
        staff.add(service, name, Role.VIEWER, "Sokha")
    page = visitor.get("/console/audit?lang=en").text
    assert page.count("added somebody to staff") == 50
    older = re.findall(r'href="(/console/audit\?before=\d+)"', page)[0]
    assert visitor.get(older).text.count("added somebody to staff") == 11
    assert visitor.get("/console/audit?who=Boss").text.count("added somebody to staff") == 1
    assert "<td>came in</td>" not in visitor.get("/console/audit?who=Boss").text
    page = visitor.send("/console/audit/verify").text
    assert f"Lines: {audit.verify(service).rows}" in page
    assert visitor.get("/console/audit?before=abc").status_code == 200
    assert visitor.get("/console/audit?before=99999999999999999999").status_code == 200
