"""What the tests of broadcasts share: people who said yes to a campaign, staff, and a gateway that takes everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import func, insert, select, update

from bot.channels import Traits
from bot.conversation.registry import Campaign
from bot.protocol import Sent
from bot.services import broadcasts, outbox, recovery
from bot.services.audience import Audience
from bot.services.broadcasts import Draft, Window, Words
from bot.services.conductor import Conductor
from bot.services.outbox import Outcome, Wish
from bot.services.service import Service
from bot.store import campaigns, recipients, results
from bot.store.case_tables import CaseFile
from bot.store.lists import listed, numbers
from bot.store.stages import Stage
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Escalation, Membership, Outbound, Recipient

CHANNEL = "smsgate"
AUTHOR, OTHER = "Sokha", "Dara"
HOUR = 3_600_000
MOST = 200
WORDS = {"km": Words("news in Khmer"), "en": Words("news in English")}

_CONTACT = Statement(
    lambda _: insert(Contact), ("id", "number_key", "number_sealed", "language", "created_at", "seen_at", "country")
)
_MEMBER = Statement(
    lambda _: insert(Membership), ("contact_id", "code", "channel", "language", "question", "joined_at")
)
_ALARM = Statement(lambda _: insert(Escalation))
_CASE = Statement(lambda _: insert(CaseFile), ("id", "contact_id", "kind", "opened_at", "news_at", "alerts"))
_CLOSE = Statement(lambda _: update(CaseFile), ("closed_at", "outcome"))
_TEXTS = Statement(lambda _: select(Outbound.contact_id, Outbound.state).where(Outbound.broadcast_text_id.is_not(None)))
_QUEUED = Statement(
    lambda _: select(func.count()).where(Outbound.broadcast_text_id.is_not(None), Outbound.state == int(State.QUEUED))
)
_DUE = Statement(lambda _: select(Outbound.due_at).order_by(Outbound.due_at))
_STATES = Statement(lambda _: select(Recipient.state, func.count()).group_by(Recipient.state))


@dataclass
class Office:
    """A house with a campaign, from where broadcasts are sent."""

    service: Service
    traits: Traits = field(default_factory=lambda: Traits(dedupes=True, lanes=4))
    conductor: Conductor = field(init=False)
    numbers: count = field(default_factory=count)
    requests: count = field(default_factory=count)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conductor = self.another()
        self.service.database.write(lambda tx: campaigns.keep(tx, Campaign("KYA12", "Know your agency"), self.now()))

    def another(self) -> Conductor:
        """One more process that conducts."""
        return Conductor(self.service, {CHANNEL: self.traits}, uptime=lambda: self.service.clock().timestamp())

    def now(self) -> int:
        return self.service.now()

    def people(self, many: int, country: str | None = "KH", language: str = "km") -> list[int]:
        """People who said yes; their ids."""
        vault, now = self.service.vault, self.now()
        first = self.service.database.new_id(now, many)
        rows, members = [], []
        for contact in range(first, first + many):
            number = self.number(next(self.numbers))
            sealed = vault.seal(number.encode(), "number", contact)
            rows.append((contact, vault.number_key(number), sealed, language, now, now, country))
            members.append((contact, "KYA12", CHANNEL, language, "yes", now))
        self._keep(_CONTACT, rows)
        self._keep(_MEMBER, members)
        return list(range(first, first + many))

    def _keep(self, statement: Statement, rows: list[tuple[object, ...]]) -> None:
        names = statement._columns
        values = [dict(zip(names, row, strict=True)) for row in rows]
        for begin in range(0, len(values), 100):
            page = values[begin : begin + 100]
            self.service.database.write(lambda tx, page=page: tx.put_many(statement, page))

    @staticmethod
    def number(nth: int) -> str:
        return f"+85512{100_000 + nth}"

    def draft(self, **more: object) -> Draft:
        now = self.now()
        usual = {
            "request": f"asked {next(self.requests)}",
            "campaign": "KYA12",
            "title": "News",
            "channel": CHANNEL,
            "author": AUTHOR,
            "texts": WORDS,
            "audience": Audience(),
            "window": Window(now, now + 8 * HOUR),
        }
        return Draft(**{**usual, **more})

    def scheduled(self, **more: object) -> int:
        """A broadcast that may go."""
        made = broadcasts.create(self.service, self.draft(**more))
        if broadcasts.submit(self.service, made, AUTHOR) is Stage.WAITING:
            broadcasts.approve(self.service, made, OTHER)
        return made

    def rounds(self, until: Callable[[], bool] = lambda: False, most: int = 8) -> None:
        for _ in range(most):
            self.conductor.round()
            if until():
                return

    def send(self, most: int = MOST, outcome: Callable[[str], Outcome] = lambda _: Sent(None)) -> list[str]:
        """Hand over what is due now; to whom."""
        went: list[str] = []
        while len(went) < most:
            held = outbox.claim(self.service, 7, Wish(CHANNEL, min(10, most - len(went)), posting=True))
            outcomes = []
            for each in held:
                if outbox.begin(self.service, 7, each):
                    went.append(each.outbound.recipient)
                    outcomes.append((each, outcome(each.outbound.recipient)))
                else:
                    outbox.release(self.service, 7, [each])
            outbox.settle(self.service, 7, outcomes)
            if not outcomes:
                break
        self.heard += went
        return went

    def all_through(self, made: int, clock: object, most: int = 40) -> None:
        """Conduct and send until the broadcast is over."""
        for _ in range(most):
            self.conductor.round()
            clock.forward(seconds=20)
            while self.send(10_000):
                pass
            if self.stage(made) >= Stage.CANCELLED:
                return
        raise AssertionError(f"still {self.stage(made).name}")

    def stage(self, made: int) -> Stage:
        return Stage(broadcasts.get(self.service, made).state)

    def acts(self, made: int) -> list[tuple[str, str]]:
        return [(each.who, each.act) for each in broadcasts.history(self.service, made)]

    def texts(self) -> list[tuple[int, int]]:
        """Contact and state of every text in the outbox."""
        return self.service.database.read(lambda tx: [tuple(row) for row in tx.all(_TEXTS)])

    def states(self) -> Counter[State]:
        return Counter(State(state) for _, state in self.texts())

    def queued(self) -> int:
        return self.service.database.read(lambda tx: tx.one(_QUEUED))[0]

    def due(self) -> list[int]:
        return [row[0] for row in self.service.database.read(lambda tx: tx.all(_DUE))]

    def places(self) -> dict[int, int]:
        """How many recipients there are in each state."""
        return dict(self.service.database.read(lambda tx: tx.all(_STATES)))

    def tell(self, contacts: Iterable[int], **columns: object) -> None:
        """Change what is known of these."""
        statement = Statement(lambda _: update(Contact).where(Contact.id.in_(numbers("ids"))), tuple(columns))
        ids = listed(contacts)
        self.service.database.write(lambda tx: tx.run(statement, ids=ids, **columns))

    def alarm(self, contact: int, opened_at: int) -> None:
        row = self.service.database.new_id(self.now())
        values = {"id": row, "contact_id": contact, "kind": "emergency", "opened_at": opened_at, "closed_at": opened_at}
        self.service.database.write(lambda tx: tx.run(_ALARM, **values))

    def case(self, contact: int, kind: str = "person") -> None:
        """Somebody waits for staff."""
        now = self.now()
        values = {"kind": kind, "opened_at": now, "news_at": now, "alerts": 0}
        row = self.service.database.new_id(now)
        self.service.database.write(lambda tx: tx.run(_CASE, id=row, contact_id=contact, **values))

    def close_cases(self) -> None:
        """Nobody waits for staff any more."""
        self.service.database.write(lambda tx: tx.run(_CLOSE, closed_at=self.now(), outcome="helped"))

    def sums(self, made: int) -> dict[str, int]:
        """What became of everybody."""
        return self.service.database.read(lambda tx: dict(results.sums(tx, results.head(tx, made)).outcomes))

    def recipients(self, made: int) -> int:
        return sum(self.service.database.read(lambda tx: recipients.by_state(tx, made)).values())

    def sound(self) -> bool:
        assert recovery.broken(self.service) == {}
        return True
