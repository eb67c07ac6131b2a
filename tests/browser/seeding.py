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
from bot.services import inbox, login, second, staff
from bot.services.codes import STEP
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import gateways, messages, outcomes
from bot.store.times import DAY

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
MIX = "abroad"
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
