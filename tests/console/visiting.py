"""A browser without a window: it keeps cookies and sends the forms it was shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import flask
from pyotp import TOTP
from werkzeug.test import TestResponse

from bot.services import login, second, staff
from bot.services.codes import STEP
from bot.services.roles import Role
from bot.services.service import Service

PASSWORD = "rice fields at dawn"
HERE = "203.0.113.7"
TOKEN = re.compile(r'name="form" value="([^"]+)"')


class Moving:
    """A clock for a house of several tests."""

    time = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **step: float) -> None:
        self.time += timedelta(**step)


@dataclass
class Person:
    """Somebody of staff, with what they know and have."""

    name: str
    secret: str | None

    def code(self, service: Service) -> str:
        """What their phone shows now; each is good once, so time goes on first."""
        if self.secret is None:
            return ""
        service.clock.forward(seconds=60)  # type: ignore[attr-defined]
        return TOTP(self.secret).generate_otp(service.now() // STEP)


def taken_in(service: Service, name: str, role: Role, *, second: bool = True) -> Person:
    """Somebody who has used a welcome code, and set up a second factor."""
    welcome = staff.add(service, name, role, "Boss")
    login.accept(service, welcome.code, PASSWORD, HERE)
    person = Person(name, None)
    return with_second(service, person) if second else person


def with_second(service: Service, person: Person) -> Person:
    token = login.log_in(service, login.Entry(person.name, PASSWORD, "", HERE)).token
    secret = second.offer(service, token).secret
    second.confirm(service, token, TOTP(secret).generate_otp(service.now() // STEP))
    return Person(person.name, secret)


class Visitor:
    """Who asks for pages over TLS."""

    def __init__(self, site: flask.Flask) -> None:
        self.client = site.test_client()
        self.form = ""
        self.service: Service | None = None
        self.person: Person | None = None

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask for a page; its form is kept for `send`."""
        answer = self.client.get(path, base_url="https://phlov.example.org", headers=headers)
        if answer.mimetype == "text/html":
            self.form = next(iter(TOKEN.findall(answer.text)[::-1]), self.form)
        return answer

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        """Send a form of the page that was shown last."""
        return self.post(path, {"form": self.form, **fields}, headers)

    def post(self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> TestResponse:
        """Send these fields and no others."""
        return self.client.post(path, base_url="https://phlov.example.org", data=fields, headers=headers)

    def come(self, service: Service, person: Person, password: str = PASSWORD) -> TestResponse:
        """Log in."""
        self.service, self.person = service, person
        self.get("/console/login")
        return self.send("/console/login", name=person.name, password=password, code=person.code(service))

    def prove(self) -> TestResponse:
        """Give the password again."""
        assert self.service and self.person
        self.get("/console/prove")
        return self.send("/console/prove", password=PASSWORD, code=self.person.code(self.service))

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(name, domain="phlov.example.org")
        return found.value if found else None
