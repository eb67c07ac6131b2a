"""A house in the middle of its work: people who text, staff who come in, and weeks of counts; made by the services."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from pyotp import TOTP
from services.campaigning import Office
from serving import PASSWORD

from bot.protocol import Inbound, Response
from bot.services import broadcasts, cases, inbox, login, people, registry, second, staff
from bot.services.broadcasts import Window, Words
from bot.services.codes import STEP
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import gateways, messages, outcomes
from bot.store.times import DAY, milliseconds

HERE = "203.0.113.7"
CHANNEL = "smsgate"
STAFF = {
    "សុខា Sokha": Role.ADMIN,
    "Dara": Role.CAMPAIGNER,
    "Bopha": Role.CAMPAIGNER,
    "នារី Nary": Role.CASEWORKER,
    "Vanna": Role.EDITOR,
}
ADMIN, WRITER, OTHER, CASEWORKER, EDITOR = STAFF
HOUR = 3_600_000
TEXTS = {
    "km": Words("ទូរស័ព្ទនេះមិនប្រាប់អ្នកណាទេ។ ពាក្យ STOP បញ្ឈប់សារ។ " * 2),
    "en": Words("Phlov: keep your passport with you. To stop send STOP. " * 4),
}
TOPICS = ("unpaid_wages", "job_offer", "passport_kept", "costs", "none", "sos", "agency_check", "contract",
          "greeting", "documents", "loans")  # fmt: skip
SPOKEN = ("km", "km_Latn", "km", "en")
COUNTRIES = ("KH", "TH", "KH", "MY", "KR", "", "KH", "ZW")


def render(replies, reference):
    return Response(200, b"", "text/plain")


@dataclass
class Seeds:
    """What the journeys find in the house. Everybody of staff has a password, a phone, and codes to come in with."""

    service: Service
    office: Office = field(init=False)
    codes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ids: count = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.office = Office(self.service)
        self.service.database.write(lambda tx: registry.changed(tx, self.service.now()))  # it has a campaign now

    def hire(self) -> None:
        """Everybody of staff."""
        for name, role in STAFF.items():
            welcome = staff.add(self.service, name, role, "Boss")
            login.accept(self.service, welcome.code, PASSWORD, HERE)
            token = login.log_in(self.service, login.Entry(name, PASSWORD, "", HERE)).token
            secret = second.offer(self.service, token).secret
            now = TOTP(secret).generate_otp(self.service.now() // STEP)
            self.codes[name] += second.confirm(self.service, token, now).codes

    def code(self, name: str) -> str:
        """A spare code of somebody."""
        return self.codes[name].pop()

    def token(self, name: str) -> str:
        """Let somebody in, as the door does: they gave their password a moment ago."""
        token = login.log_in(self.service, login.Entry(name, PASSWORD, self.code(name), HERE)).token
        if len(self.codes[name]) < 3:
            self.codes[name] = list(second.renew_codes(self.service, token))
        return token

    def text(self, sender: str, *words: str) -> None:
        """Somebody texts."""
        for each in words:
            inbound = Inbound(CHANNEL, sender, each, f"id{next(self.ids)}", self.service.clock())
            inbox.receive(self.service, inbound, render, inline=False)

    def case(self, sender: str, *words: str) -> int:
        """The case of somebody who texts."""
        self.text(sender, *words)
        found = people.find(self.service, sender, "Boss")
        assert found is not None
        return cases.of_contact(self.service, found)[0].id

    def member(self, sender: str, hello: str) -> int:
        """Somebody who texts, and says yes to the campaign."""
        self.text(sender, hello, "JOIN KYA12", "1")
        found = people.find(self.service, sender, "Boss")
        assert found is not None
        return found

    def waiting(self, title: str) -> int:
        """A text to many that waits for a second person, for tomorrow morning."""
        begin = self.service.clock().replace(hour=2, minute=0) + timedelta(days=1)
        at = milliseconds(begin)
        made = broadcasts.create(
            self.service,
            self.office.draft(title=title, texts=TEXTS, author=WRITER, window=Window(at, at + 8 * HOUR)),
        )
        broadcasts.submit(self.service, made, WRITER)
        return made


def weeks(service: Service) -> None:
    """Four weeks of texts that came and went, and a gateway in trouble."""
    today, now = service.clock().date(), service.now()

    def work(tx):
        for back in range(28):
            day = (today - timedelta(days=back)).isoformat()
            for number in range(40 + (back * 37) % 61):
                tx.run(
                    messages.COUNT,
                    day=day,
                    country=COUNTRIES[number * 5 % 8],
                    language=SPOKEN[number * 3 % 4],
                    topic=TOPICS[number * 7 % 11],
                    shard=0,
                    texts=1,
                )
            went = 60 + (back * 53) % 41
            told = {(CHANNEL, "went"): went, (CHANNEL, "arrived"): went - 6, (CHANNEL, "lost"): 2}
            told |= {("gammu", "went"): 12 + back % 7, ("gammu", "again"): 9 if back < 2 else 1}
            told |= {("gammu", "failed"): 4} if back in (0, 9) else {}
            outcomes.count(tx, now - back * DAY, told)
        gateways.pause(tx, "gammu", now + 600_000, "the modem does not answer", now - 1_200_000)

    service.database.write(work)
