"""Phone transcripts (`*.story`): reading, playing on the real path, and writing them anew.

    phone +855 12 345 678      whose phone the next lines are about
    dial *1280#                a USSD call begins; what the person enters then goes into it
    hang up                    it is over, and the person texts again
    > text                     the person texts
    < answer                   the bot answers; further lines of the answer are indented by two spaces
    = topic costs|loans        what must hold: see CHECKS; what it makes us send comes as an answer

`stories.retell` plays every story and writes the answers (never the expectations) anew, so that an
editor sees in the diff what a change of wording does.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import unasked
from sqlalchemy import insert, update

from bot.content.book import HOME
from bot.protocol import Display, Inbound, Response
from bot.services import agency_list, campaigns, ending, series
from bot.services.inbox import Received, receive
from bot.services.service import Service
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastText, Contact
from bot.text.sms import measure

HERE = Path(__file__).parent
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OWN_NUMBER = "+15005550006"
SCREENS = Display(entry="accumulated")


@dataclass
class Line:
    """One event of a story: `kind` is the mark at its start."""

    kind: str
    text: str
    number: int


def read(path: Path) -> list[Line]:
    """The lines of a story; a wrapped answer is one line again."""
    lines: list[Line] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if raw.startswith("  ") and lines and lines[-1].kind == "<":
            lines[-1].text += "\n" + raw[2:]
        elif raw.startswith(("> ", "< ", "= ", "# ")):
            lines.append(Line(raw[0], raw[2:], number))
        elif raw.startswith(("phone ", "dial ")):
            lines.append(Line(raw.split(" ")[0], raw.partition(" ")[2], number))
        elif raw == "hang up":
            lines.append(Line(raw, "", number))
        elif not raw.strip():
            lines.append(Line("", "", number))
        else:
            raise ValueError(f"{path.name}:{number}: begins with none of: phone > < = #")
    return lines


@dataclass
class Clock:
    """A clock the story turns by hand."""

    now: datetime = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def render(replies: tuple, reference: int) -> Response:
    """A wire form of nothing but the texts."""
    return Response(200, "\n\n".join(reply.text for reply in replies).encode())


@dataclass
class Player:
    """Plays a story on the whole path below the wire: inbox, engine, content, store."""

    service: Service
    clock: Clock
    file: Path
    sender: str = ""
    last: Received | None = None
    inbound: Inbound | None = None
    count: int = 0
    heard: list[str] = field(default_factory=list)
    calls: int = 0
    entries: list[str] | None = None

    def hear(self, text: str) -> tuple[str, ...]:
        """One text arrives; what is answered."""
        self.count += 1
        self.heard.append(text)
        if self.entries is not None:
            self.entries.append(text)
            return self.step()
        self.inbound = Inbound("twilio", self.sender, text, f"SM{self.count:032x}", self.clock())
        self.last = receive(self.service, self.inbound, render)
        return tuple(reply.text for reply in self.last.replies)

    def dial(self, code: str) -> tuple[str, ...]:
        """A call begins; what is shown. `*1280*1*2#` enters 1 and 2 at once."""
        self.calls += 1
        self.entries = code.strip("*#").split("*")[1:]
        return self.step()

    def step(self) -> tuple[str, ...]:
        """All that was entered in this call goes out again, as Africa's Talking sends it; what is shown."""
        call, text = f"AT{self.calls}", "*".join(self.entries or ())
        self.inbound = Inbound("africastalking", self.sender, text, f"{call}/{text}", self.clock(), "ussd", call)
        self.last = receive(self.service, self.inbound, render, display=SCREENS)
        for reply in self.last.replies:
            encoding, ends = measure(reply.text)
            assert ends[-1] <= (SCREENS.gsm7 if encoding == "GSM-7" else SCREENS.ucs2)
        return tuple(reply.text for reply in self.last.replies)

    def check(self, claim: str) -> tuple[str, ...]:
        """Raise AssertionError unless the claim holds; what the person was sent by what is claimed."""
        for pattern, check in CHECKS.items():
            if match := re.fullmatch(pattern, claim):
                return check(self, *match.groups()) or ()
        raise ValueError(f"unknown expectation: {claim}")


def play(path: Path, player: Player) -> Iterator[Line]:
    """The story as it really goes: its own lines, with the answers that came instead of those written down."""
    for line in read(path):
        if line.kind == "<":
            continue
        if line.kind == "phone":
            player.sender = line.text.replace(" ", "")
        if line.kind in ("phone", "hang up"):
            player.entries = None
        yield line
        if line.kind in (">", "dial"):
            for answer in player.hear(line.text) if line.kind == ">" else player.dial(line.text):
                yield Line("<", answer, line.number)
        if line.kind == "=":
            yield from (Line("<", text, line.number) for text in player.check(line.text))


def write(lines: list[Line]) -> str:
    """The text of a story file."""
    out = []
    for line in lines:
        mark = {"hang up": "hang up", "": ""}.get(line.kind, f"{line.kind} ")
        text = line.text.replace("\n", "\n  ") if line.kind == "<" else line.text
        out.append(f"{mark}{text}")
    return "\n".join(out)


def topic(player: Player, names: str) -> None:
    assert player.last is not None
    topics = [reply.topic for reply in player.last.replies]
    assert topics, f"no answer, wanted {names}"
    assert topics[0] in names.split("|"), f"answered {topics[0]}, wanted {names}"


def nothing(player: Player) -> None:
    assert player.last is not None
    assert player.last.replies == ()


def wait(player: Player, amount: str, unit: str) -> None:
    player.clock.now += timedelta(**{f"{unit.rstrip('s')}s": int(amount)})


def language(player: Player, name: str) -> None:
    assert player.last is not None
    text = player.last.replies[0].text
    khmer = any("\u1780" <= character <= "\u17ff" for character in text)
    english = bool(re.search(r"\b(the|your|you|to|and|of)\b", text))
    assert (khmer, english) == {"km": (True, False), "en": (False, True), "km_Latn": (False, False)}[name], text


def says(player: Player, words: str) -> None:
    assert player.last is not None
    assert words in "\n".join(reply.text for reply in player.last.replies)


def again(player: Player) -> None:
    assert player.last is not None
    assert player.inbound is not None
    repeated = receive(player.service, player.inbound, render, display=SCREENS)
    assert repeated.duplicate
    assert repeated.response == player.last.response


def ends(player: Player) -> None:
    assert player.last is not None
    assert [reply.ends for reply in player.last.replies] == [True]


def goes_on(player: Player) -> None:
    assert player.last is not None
    assert [reply.ends for reply in player.last.replies] == [False]


def by_sms(player: Player, words: str) -> None:
    """One SMS waits for a gateway, and it is what the screens said."""
    (waiting,) = [row for row in rows(player, "outbound") if row["to_sealed"]]
    assert waiting["channel"] == player.service.sms_channel
    assert player.last is not None
    assert player.last.by_sms is not None
    assert words in player.last.by_sms.text


def no_sms(player: Player) -> None:
    assert [row for row in rows(player, "outbound") if row["to_sealed"] or row["parts"]] == []


def opted(player: Player, way: str) -> None:
    withheld = unasked.suppressed(player.service, [player.sender]) == {player.sender}
    assert withheld is (way == "out")


def broadcast(player: Player, outcome: str) -> None:
    sent = unasked.queue(player.service, "twilio", "The office is closed on Monday", [player.sender])
    assert sent == (1 if outcome == "sent" else 0)


def case_opened(player: Player) -> None:
    assert rows(player, "escalation")


def erased(player: Player) -> None:
    """Only the mark that this number wants no broadcasts is left."""
    assert [row["number_sealed"] for row in rows(player, "contact")] == [None]
    assert rows(player, "session") == []
    assert [row for row in rows(player, "inbound") if row["contact_id"] or row["text_sealed"]] == []


def rows(player: Player, table: str) -> list[dict[str, object]]:
    """A table as it is on the disk, read past the product's own code."""
    file = sqlite3.connect(f"file:{player.file}?mode=ro", uri=True)
    file.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in file.execute(f"SELECT * FROM {table}")]
    finally:
        file.close()


def agencies_imported(player: Player) -> None:
    """Staff import a list. The names are made up; there is no such list in the texts."""
    agency_list.import_file(player.service, AGENCIES.encode(), "Ministry of Labour", date(2026, 11, 1))
    player.service.shelf.look_again()


def campaign(player: Player, code: str) -> None:
    campaigns.add(player.service, code, f"Road show {code}")
    player.service.shelf.look_again()


def sent(player: Player, state: str) -> tuple[str]:
    """A broadcast comes to the phone: a text of the catalog, whose question is open if it asks one."""
    service, now, row = player.service, player.service.now(), player.service.database.new_id(player.service.now())
    given = {"id": row, "request": str(row), "campaign": "KYA12", "title": "-", "channel": "twilio", "author": "-"}
    given |= {"state": 50, "audience": "{}", "counts": "{}", "created_at": now, "starts_at": now, "ends_at": now}
    key = service.vault.number_key(player.sender)
    (contact,) = (each for each in rows(player, "contact") if each["number_key"] == key)
    text = ending.said(service.book, state, contact["language"], here=HOME, today=player.clock().date())
    said = {"id": row + 1, "broadcast_id": row, "language": contact["language"], "text_sealed": b"", "parts": 1}
    put(player, insert(Broadcast), **given)
    put(player, insert(BroadcastText), **said, opens=state if service.book.states[state].asks else None)
    put(player, update(Contact).where(Contact.number_key == key), asked=row + 1, texted_at=service.now())
    return (text.whole,)


def put(player: Player, statement: object, **values: object) -> None:
    """One row, written past the services."""
    wanted = Statement(lambda _: statement, columns=tuple(values))
    player.service.database.write(lambda tx: tx.run(wanted, **values))


def answers(player: Player, answer: str, times: str) -> None:
    """So many gave this answer, whatever their language and province."""
    given = [row["texts"] for row in rows(player, "broadcast_answer") if row["answer"] == answer]
    assert sum(given) == int(times), rows(player, "broadcast_answer")


def days(player: Player, kind: str, *wanted: str) -> None:
    assert [row["day"] for row in rows(player, "contact_day") if row["kind"] == kind] == list(filter(None, wanted))


def series_runs(player: Player, name: str, code: str) -> None:
    """Somebody starts it, somebody else agrees."""
    series.start(player.service, name, code, channel="twilio", by="Bopha")
    series.approve(player.service, name, code, "Dara")
    player.service.shelf.look_again()


def members(player: Player, count: str) -> None:
    assert len(rows(player, "membership")) == int(count)


def silent_about_before(player: Player) -> None:
    """The answer is the one that a phone never seen before gets."""
    assert player.last is not None
    stranger = Inbound("twilio", "+85517000001", player.heard[-1], "SM" + "f" * 32, player.clock())
    assert [reply.text for reply in receive(player.service, stranger, render).replies] == [
        reply.text for reply in player.last.replies
    ]


AGENCIES = """name_en,name_km,licence,countries,status
"Rumdoul Meas Manpower Co., Ltd",រំដួលមាស មេនផៅវើ,012/20,Thailand,active
Phnom Thmey Services,ភ្នំថ្មី សេវាកម្ម,014/20,"Thailand, Malaysia, Japan",active
Phnom Thmei Group,ភ្នំថ្មី គ្រុប,015/20,Japan,active
Sovan Phum (Cambodia) Co.,សុវណ្ណភូមិ,016/20,Singapore,suspended
"""

CHECKS: dict[str, Callable[..., None]] = {
    r"topic (\S+)": topic,
    r"nothing": nothing,
    r"wait (\d+) (minutes?|hours?|days?)": wait,
    r"language (\S+)": language,
    r"says nothing about before": silent_about_before,
    r"says (.+)": says,
    r"again the same": again,
    r"ends": ends,
    r"goes on": goes_on,
    r"by sms (.+)": by_sms,
    r"no sms": no_sms,
    r"opted (out|in)": opted,
    r"broadcast (sent|withheld)": broadcast,
    r"case opened": case_opened,
    r"erased": erased,
    r"agencies imported": agencies_imported,
    r"campaign (\S+) begins": campaign,
    r"members (\d+)": members,
    r"sent (broadcasts\.\S+)": sent,
    r"answered (.+): (\d+)": answers,
    r"(\S+) on (\S+)": days,
    r"no (\S+) day": days,
    r"series (\S+) runs for (\S+)": series_runs,
}


def stories() -> list[Path]:
    """Every story, by name."""
    return sorted(HERE.glob("*.story"))
