"""Coming in with a welcome code, a password and a phone; staying in; going out; and who is kept out."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

import pytest
from visiting import PASSWORD, Person, Visitor, taken_in

from bot.config import Settings
from bot.console.site import create
from bot.services import audit, login, staff
from bot.services.roles import Role

CODE = re.compile(r'<li class="whole">([^<]+)</li>')
SECRET = re.compile(r'<p class="secret"><strong>([^<]+)</strong>')
COOKIE = "__Host-phlov"


def test_the_first_admin_comes_in(service, stranger):
    """From the code that the shell gave to the first page, as somebody does who has never been here."""
    welcome = staff.add(service, "Sokha", Role.ADMIN, "phlov")
    assert stranger.get("/console/").headers["Location"] == "/console/login"
    stranger.get("/console/welcome?lang=en")
    new = "four words of mine"
    answer = stranger.send("/console/welcome", code=welcome.code.lower(), password=new, again=new)
    assert answer.headers["Location"] == "/console/login?done=password_set"
    assert "Your password is kept" in stranger.get(answer.headers["Location"]).text
    answer = stranger.send("/console/login", name="sokha", password=new, code="")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")
    assert stranger.get("/console/").headers["Location"] == "/console/account/second"
    page = stranger.get("/console/account/second").text
    assert 'src="data:image/svg+xml' in page
    person = Person("Sokha", SECRET.findall(page)[0].replace(" ", ""))
    page = stranger.send("/console/account/second", code=person.code(service)).text
    codes = CODE.findall(page)
    assert len(set(codes)) == 10
    assert "What needs you now" in stranger.get("/console/").text

    other = Visitor(stranger.client.application)
    other.get("/console/login")
    assert other.send("/console/login", name="Sokha", password=new, code=codes[3]).status_code == 303
    other.get("/console/login?done=logged_out")
    again = Visitor(stranger.client.application)
    again.get("/console/login")
    assert again.send("/console/login", name="Sokha", password=new, code=codes[3]).status_code == 400


def test_the_picture_for_the_phone_holds_the_secret(service, come, monkeypatch):
    drawn = []
    import segno  # noqa: PLC0415

    make = segno.make
    monkeypatch.setattr(segno, "make", lambda uri, **how: drawn.append(uri) or make(uri, **how))
    page = come("Dara", Role.VIEWER, second=False).get("/console/account/second").text
    secret = SECRET.findall(page)[0].replace(" ", "")
    assert f"secret={secret}" in drawn[0]
    assert "Dara" in unquote(drawn[0])
    assert base64.b32decode(secret)


@pytest.mark.parametrize("name", ["Sokha", "Nobody"])
@pytest.mark.parametrize("password", ["a wrong password", "", "x" * 5000])
def test_the_door_says_the_same_to_all_who_are_wrong(service, site, name, password):
    taken_in(service, "Sokha", Role.ADMIN)
    said = []
    for who, what in ((name, password), ("Sokha", PASSWORD)):  # the second lacks the code
        visitor = Visitor(site)
        visitor.get("/console/login?lang=en")
        answer = visitor.send("/console/login", name=who, password=what, code="")
        assert answer.status_code == 400
        assert "Set-Cookie" not in answer.headers
        said.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert said[0] == said[1]
    assert "Name, password or code is not right" in said[0]


def test_who_tries_too_often_waits(service, site):
    taken_in(service, "Sokha", Role.VIEWER, second=False)
    visitor = Visitor(site)
    visitor.get("/console/login?lang=en")
    statuses = [
        visitor.send("/console/login", name="Sokha", password="wrong wrong", code="").status_code for _ in range(7)
    ]
    assert statuses[:5] == [400] * 5
    assert statuses[-1] == 429
    answer = visitor.send("/console/login", name="Sokha", password="wrong wrong", code="")
    assert "Too many tries. Wait " in answer.text


def test_the_session_is_another_after_each_proof(service, site):
    """A cookie that somebody else knew or set beforehand is worth nothing afterwards (A3)."""
    person = taken_in(service, "Sokha", Role.ADMIN)
    visitor = Visitor(site)
    visitor.client.set_cookie(COOKIE, "x" * 43, domain="phlov.example.org", secure=True)
    visitor.come(service, person)
    first = visitor.cookie(COOKIE)
    assert first not in (None, "x" * 43)
    assert visitor.prove().status_code == 303
    second = visitor.cookie(COOKIE)
    assert second not in (first, None)
    assert login.current(service, first or "") is None
    visitor.get("/console/")
    visitor.send("/console/logout")
    assert visitor.cookie(COOKIE) is None
    assert login.current(service, second or "") is None


def test_cookies_are_for_this_host_only(service, site, stranger):
    given = stranger.get("/console/login?lang=km").headers.getlist("Set-Cookie")
    form = next(cookie for cookie in given if cookie.startswith("__Host-phlov-form="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(form.split("; "))
    answer = stranger.come(service, taken_in(service, "Sokha", Role.ADMIN))
    session = next(cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith(f"{COOKIE}="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(session.split("; "))
    assert "Domain" not in session
    assert "xpires" not in session


def test_a_box_without_tls_can_be_used_if_it_is_said_so(service):
    visitor = Visitor(create(service, Settings(console_plain=True)))
    cookies = visitor.client.get("/console/login", base_url="http://192.168.1.20").headers.getlist("Set-Cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["phlov-form"]
    assert "Secure" not in cookies[0]


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/console//elsewhere.example",
     "/console/../x", "javascript:alert(1)", "/webhooks/twilio/sms", "/console/\r\nX: y"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(service, site, wanted):
    person = taken_in(service, "Sokha", Role.VIEWER, second=False)
    visitor = Visitor(site)
    page = visitor.get("/console/login")
    assert 'name="next"' not in visitor.client.get("/console/login", query_string={"next": wanted}).text
    answer = visitor.send("/console/login", name=person.name, password=PASSWORD, code="", next=wanted)
    assert answer.headers["Location"] == "/console/"
    assert page.status_code == 200


def test_who_had_to_come_in_first_gets_where_they_wanted(service, site):
    person = taken_in(service, "Sokha", Role.VIEWER)
    visitor = Visitor(site)
    door = visitor.get("/console/account").headers["Location"]
    visitor.get(door)
    answer = visitor.send(
        "/console/login", name=person.name, password=PASSWORD, code=person.code(service), next="/console/account"
    )
    assert answer.headers["Location"] == "/console/account"


def test_the_password_is_changed_and_everybody_else_is_out(service, site, come):
    visitor = come("Sokha", Role.ADMIN)
    other = Visitor(site)
    other.come(service, visitor.person)
    visitor.get("/console/account?lang=en")
    form = {"old": PASSWORD, "code": visitor.person.code(service), "new": "another one of mine"}
    assert "are not the same" in visitor.send("/console/account/password", **form, again="yet another").text
    answer = visitor.send("/console/account/password", **form, again=form["new"])
    assert answer.headers["Location"] == "/console/login?done=password_set"
    assert other.get("/console/").headers["Location"] == "/console/login"
    assert Visitor(site).come(service, visitor.person).status_code == 400
    assert Visitor(site).come(service, visitor.person, form["new"]).status_code == 303


def test_the_language_is_kept_in_the_account(service, site, come):
    visitor = come("Sokha", Role.VIEWER)
    visitor.get("/console/account")
    visitor.send("/console/account/language", language="km")
    assert '<html lang="km">' in visitor.get("/console/").text
    other = Visitor(site)
    other.come(service, visitor.person)
    assert '<html lang="km">' in other.get("/console/", **{"Accept-Language": "en"}).text
    assert visitor.send("/console/account/language", language="xx").status_code == 400


def test_an_address_before_a_web_server_of_ours_is_believed(service, site):
    """So that one who tries does not keep out all who come through the same web server."""
    visitor = Visitor(site)
    visitor.get("/console/login")
    for number in range(35):
        visitor.send(
            "/console/login", {"X-Forwarded-For": "10.0.0.1, 203.0.113.9"}, name=f"x{number}", password="y", code=""
        )
    assert (
        visitor.send(
            "/console/login", {"X-Forwarded-For": "10.0.0.1, 203.0.113.9"}, name="z", password="y", code=""
        ).status_code
        == 429
    )
    assert (
        visitor.send(
            "/console/login", {"X-Forwarded-For": "203.0.113.9, 203.0.113.10"}, name="z", password="y", code=""
        ).status_code
        == 400
    )


def test_what_is_done_at_the_door_is_noted(service, site, come):
    visitor = come("Sokha", Role.ADMIN)
    visitor.get("/console/")
    visitor.send("/console/logout")
    newest = [noted.event for noted in audit.page(service, limit=2)]
    assert newest == ["logout", "login"]
