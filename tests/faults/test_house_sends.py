"""A real house sends a broadcast to its end: `phlov run` with its worker and its clock, and the commands of staff."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from conformance.gateway import Fault, Heard, Said
from conformance.wires.smsgate import SmsGateWire
from house import NO_TWILIO, PHLOV, House, clean, end
from sending import webhook, wired
from sqlalchemy import select

from bot.services import broadcasts, hours, recovery, results
from bot.services.retry import MINUTE
from bot.services.service import Service
from bot.store import marks
from bot.store.broadcasts import Known
from bot.store.opening import open_store
from bot.store.stages import Stage
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Outbound

NEWS = "Phlov: a meeting at the commune hall on Saturday at 8. To end these texts send STOP"
PEOPLE, BEFORE, AMID, UNREACHED = 107, 7, 6, 8
"""Whom it is made for; who says STOP while it waits for a second person, and while it goes; whose network fails."""
HUNDRED = PEOPLE - BEFORE
FIRST = 20
CLAIMED = 2 * 10
"""So many texts the lanes of the gateway may have claimed."""
PATIENCE = 60.0
ABROAD = {
    "JP": "+8190{:08}", "TH": "+6681{:07}", "AE": "+97150{:07}", "PE": "+5191{:07}", "CO": "+57310{:07}",
}  # fmt: skip
"""Mobile numbers of countries that are never all asleep. (To those without a help card a hundred texts go a day.)"""
SUNRISE = timedelta(hours=1)
_TEXTS = Statement(
    lambda _: (
        select(Outbound.state, Outbound.due_at, Contact.number_sealed, Contact.id)
        .join(Contact, Contact.id == Outbound.contact_id)
        .where(Outbound.broadcast_text_id.is_not(None))
    )
)
OUTCOMES = ("planned", "queued", "sent", "delivered", "failed", "unknown", "suppressed", "expired", "cancelled")


class Phone(SmsGateWire):
    """Takes as many texts of the broadcast as it may, and lets the others wait on the line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.may = FIRST
        self.changed = threading.Condition()
        self.waits = False

    def hear(self, heard: Heard, fault: Fault) -> Said:
        if heard.method == "POST" and json.loads(heard.body)["textMessage"]["text"] == NEWS:
            with self.changed:
                self.waits = len(self.news()) >= self.may
                assert self.changed.wait_for(lambda: len(self.news()) < self.may, PATIENCE)
                self.waits = False
        return super().hear(heard, fault)

    def news(self) -> list[str]:
        return [taken.recipient for taken in self.gateway.taken if taken.text == NEWS]

    def let(self, many: int) -> None:
        with self.changed:
            self.may = many
            self.changed.notify_all()


class Staff:
    """Everything that is done to this house, as staff and phones do it."""

    def __init__(self, house: House, phone: Phone) -> None:
        self._house, self._phone = house, phone
        self._names = count()

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [PHLOV, *arguments], cwd=self._house.folder, env={**clean(), **self._house.settings()},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self, number: str) -> None:
        """STOP from a phone; kept when this returns."""
        assert webhook(self._house.port, self._phone.text("STOP", number, f"stop {next(self._names)}"), PATIENCE) < 300

    def report(self, number: str, status: str) -> None:
        (taken,) = [each for each in self._phone.gateway.to(number) if each.text == NEWS]
        assert webhook(self._house.port, self._phone.report(taken.name, taken.reference, status), PATIENCE) < 300


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    wire = Phone(tmp_path)
    wire.gateway.open()
    yield wire
    wire.let(PEOPLE)
    wire.gateway.close()


def becomes(what: Callable[[], object], wanted: object = True) -> None:
    until = time.monotonic() + PATIENCE
    while (found := what()) != wanted:
        assert time.monotonic() < until, f"is {found}, not {wanted}"
        time.sleep(0.02)


def people(folder: Path) -> list[str]:
    """A list of people who said yes, where it is day now, and still is in an hour."""
    now = datetime.now(UTC)
    awake = [each for each in ABROAD if all(hours.awake(each, None, at) for at in (now, now + SUNRISE))]
    numbers = [ABROAD[awake[nth % len(awake)]].format(1_000_000 + nth) for nth in range(PEOPLE)]
    (folder / "people.csv").write_text("phone,language\n" + "".join(f"{number},en\n" for number in numbers))
    return numbers


def test_a_house_sends_a_broadcast_from_a_list_to_the_report(tmp_path: Path, phone: Phone) -> None:
    house = wired(tmp_path, phone, NO_TWILIO)
    staff, numbers = Staff(house, phone), people(tmp_path)
    staff("campaigns", "add", "KYA12", "Know your agency")
    day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    consent = ("--campaign", "KYA12", "--how", "paper", "--by", "Sok", "--on", day, "--wording", "May we text you?")
    process = house.command()
    try:
        assert f"{PEOPLE}  new consents" in staff("contacts", "import", "people.csv", "--as", "Dara", *consent, "--yes")
        house.wait()
        opened = open_store(house.url, house.data)
        service = Service(opened.database, opened.vault, None, None, lambda: datetime.now(UTC))
        with closing(service.database):
            # a machine that was switched on less than five minutes ago does not believe its clock yet
            service.database.write(lambda tx: marks.put(tx, marks.DOUBTED_UNTIL, 0))
            name = agreed(staff, numbers)
            amid = held(staff, phone, service, name)
            staff("broadcasts", "resume", name, "--as", "Dara")
            becomes(lambda: only(service).state, Stage.DONE)
            judged(staff, phone, service, name, {*numbers} - {*numbers[:BEFORE]}, amid)
    finally:
        end(process)


def agreed(staff: Staff, numbers: list[str]) -> str:
    """Written by one, agreed to by another. Some say STOP meanwhile; the hundred who are left need no canary."""
    said = staff("send", "--campaign", "KYA12", "--text", f"en={NEWS}", "--as", "Sokha", "--yes")
    name = re.search(r"[Bb]roadcast ([0-9a-z]{5})\b", said)[1]
    for number in numbers[:BEFORE]:
        staff.stop(number)
    staff("broadcasts", "approve", name, "--as", "Dara", "--yes")
    return name


def held(staff: Staff, phone: Phone, service: Service, name: str) -> set[str]:
    """With a fifth of it on the air some more say STOP, and then staff pause it: who said STOP."""
    becomes(lambda: phone.waits)
    amid = {number for state, _, number in texts(service) if state == State.QUEUED}
    amid = set(sorted(amid)[:AMID])
    for number in amid:
        staff.stop(number)
    staff("broadcasts", "pause", name, "--as", "Dara", "--why", "a wrong day")
    phone.let(PEOPLE)
    # those that no gateway has are looked at, and put off: nothing more of them is on its way
    soon = service.now() + MINUTE
    becomes(lambda: {state for state, due, _ in texts(service) if state < State.UNKNOWN and due < soon}, set())
    assert FIRST <= len(phone.news()) <= FIRST + CLAIMED
    left = {number for state, _, number in texts(service) if state == State.QUEUED}
    assert len(left) == HUNDRED - AMID - len(phone.news())
    assert not left & {*phone.news(), *amid}
    return amid


def judged(staff: Staff, phone: Phone, service: Service, name: str, had: set[str], amid: set[str]) -> None:
    """Each has it once, whoever said STOP has not, and all sums are those of the reports."""
    assert Counter(phone.news()) == Counter(had - amid)
    went = sorted(had - amid)
    for number in went[:UNREACHED]:
        staff.report(number, "failed")
    for number in went[UNREACHED:]:
        staff.report(number, "delivered")
    wanted = {"delivered": len(went) - UNREACHED, "failed": UNREACHED, "suppressed": AMID}
    becomes(lambda: counted(service), wanted)
    assert results.progress(service, only(service).id).total == sum(wanted.values()) == HUNDRED
    assert recovery.broken(service) == {}
    staff("report", name, "--lang", "en", "--out", "report.csv")
    with (phone.folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {row: value for _, row, column, value in csv.reader(file) if column == "Recipients"}
    sums = {"Recipients": HUNDRED, "Arrived": wanted["delivered"], "Did not arrive": UNREACHED + AMID}
    assert {row: told[row] for row in sums if not fits(told[row], sums[row])} == {}
    assert fits(told["Said STOP afterwards"], 0), "they said it before it came"


def fits(told: str, value: int) -> bool:
    """Whether a report tells a number, or a range that it lies in."""
    least, _, most = told.partition("–")
    return int(least) <= value <= int(most or least)


def only(service: Service) -> Known:
    (known,) = broadcasts.listed(service)
    return known


def texts(service: Service) -> list[tuple[int, int, str]]:
    """State, when it is due, and number, of every text of the broadcast."""
    rows = service.database.read(lambda tx: tx.all(_TEXTS))
    return [(state, due, service.vault.open(sealed, "number", who).decode()) for state, due, sealed, who in rows]


def counted(service: Service) -> dict[str, int]:
    """Of all recipients, what became of them; what nobody had is left out."""
    told = asdict(results.progress(service, only(service).id))
    return {each: told[each] for each in OUTCOMES if told[each]} | told["excluded"]
