"""A lane: claim texts, hand each to the gateway, write down what became of it. No transaction is open meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from bot.channels import Asking, Channel
from bot.log import failure, log
from bot.protocol import Outbound, SendError, Sent
from bot.services import outbox, recovery
from bot.services.budgets import again
from bot.services.gateways import Gate, Gateway, Trouble, at_work
from bot.services.health import waits
from bot.services.outbox import LONGEST_LEASE, Held, Outcome, Wish
from bot.store.database import Tx
from bot.store.errors import StoreError
from bot.store.gateways import Condition
from bot.worker.house import House, Nap, fits

BATCH: Final = 10
"""Texts of one claim, for a gateway where it does no harm if they are handed over again."""
BRIEF: Final = 0.5
"""Seconds that a batch may take: so long a reply waits behind broadcasts that were claimed before it came."""
OTHERS: Final = 30.0
"""Seconds between two looks of a lane that is not the first: it is called when there is more than one lane can do."""


@dataclass(slots=True)
class Keeper:
    """The gateway's and the budgets' part in one transaction of a lane: `services.outbox.Keeper`."""

    house: House
    gateway: Gateway
    urgent: bool
    took: bool = False
    probed: bool = False
    trouble: Trouble | None = None
    known: Condition | None = None
    unspent: Sequence[tuple[Outbound, int, int]] = ()
    gate: Gate = field(default=Gate(0))
    refused: int = 0

    def settled(self, tx: Tx, now: int) -> None:
        """What the texts that came back say of the gateway."""
        known = self.gateway.works(tx, now, probed=self.probed) if self.took else None
        if self.trouble is not None:
            self.gateway.fails(tx, now, self.trouble, probed=self.probed)
            known = None
        self.known = known
        for text, parts, at in self.unspent:
            self.house.budgets.refund(tx, text, parts, at)

    def room(self, tx: Tx, now: int, most: int) -> int:
        """How many texts may be claimed."""
        self.gate = self.gateway.gate(tx, now, most, urgent=self.urgent, known=self.known)
        if not self.urgent and self.house.budgets.exhausted(tx, now):
            self.gate = Gate(0, wait=self.house.poll)
        return self.gate.room

    def admit(self, tx: Tx, now: int, texts: Sequence[Outbound]) -> list[int | None]:
        """None for a text that goes now, else when to look at it again."""
        may = self.house.budgets.admit(tx, texts, now)
        self.refused = len(texts) - sum(may)
        self.gateway.taken(tx, now, sum(may), self.gate)
        return [None if goes else again(now) for goes in may]


class Lane:
    """One thread that sends by one gateway. The first of them looks every second; the others are called."""

    def __init__(self, house: House, channel: Channel, *, urgent: bool = False, first: bool = True) -> None:
        self._house = house
        self._channel = channel
        self._gateway = house.gateways[channel.name]
        self._urgent = urgent
        self._first = first or urgent
        self._bell = (house.bells.urgent if urgent else house.bells.usual)[channel.name]
        # Where the same text handed over twice is two texts, a crash is to leave one in doubt, not ten.
        self._most = BATCH if channel.traits.dedupes or isinstance(channel, Asking) else 1
        self._pace = 0.0
        self._gate = Gate(0)
        self._nap = Nap(house.stopping)

    def run(self) -> None:
        """Send until everybody is to stop; whatever the database does."""
        while not self._house.stopping.is_set():
            try:
                held = self._next() if self._due() else []
                self._nap.well()
                while held:
                    held = self._deliver(held)
                self._fail_over()
            except StoreError as error:
                self._stumble("outbox not read", error)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not silence a gateway
                self._stumble("lane stumbled", error)
            else:
                self._bell.wait(self._pause())

    def _stumble(self, event: str, error: Exception) -> None:
        if self._nap.first:
            failure(event, error)
        self._nap.take()

    def _pause(self) -> float:
        if self._house.stopping.is_set():
            return 0.0
        poll = self._house.poll if self._first else OTHERS
        return min(max(self._gate.wait, 0.01), self._house.poll) if self._gate.wait else poll

    def _due(self) -> bool:
        return waits(self._house.service, self._channel.name, urgent=self._urgent)

    def _wish(self) -> Wish:
        """As many texts as go quickly, all of them marked as on their way."""
        most = max(1, min(self._most, int(BRIEF / self._pace))) if self._pace else self._most
        return Wish(self._channel.name, most, True, self._urgent, self._house.lease_of(self._channel))

    def _next(
        self, outcomes: Sequence[tuple[Held, Outcome]] = (), keeper: Keeper | None = None, *, claim: bool = True
    ) -> list[Held]:
        """Settle what came back and claim what goes next, in one commit."""
        keeper = keeper or self._keeper()
        wish = self._wish() if claim and not self._house.stopping.is_set() else None
        service = self._house.service
        held = outbox.settle_and_claim(service, self._house.owner, outcomes, wish, keeper)
        self._house.in_flight.update(each.outbound.id for each in held)
        if wish is not None:
            self._gate = keeper.gate
        if held and len(held) == keeper.gate.room and not self._urgent:
            self._bell.ring()  # there may be more than this lane can do
        if keeper.refused:
            self._house.counts.outcome(self._channel.name, "over_budget", keeper.refused)
        return held

    def _keeper(self) -> Keeper:
        return Keeper(self._house, self._gateway, self._urgent)

    def _deliver(self, held: list[Held]) -> list[Held]:
        """Hand over what was claimed, and claim again."""
        keeper = self._keeper()
        keeper.probed = self._gate.probe
        outcomes: list[tuple[Held, Outcome]] = []
        kept: list[Held] = []
        try:
            for each in held:
                if self._house.stopping.is_set() or keeper.trouble or not self._sent(each, outcomes, keeper):
                    kept.append(each)
            return self._settle(outcomes, kept, keeper)
        finally:
            self._house.in_flight.difference_update(each.outbound.id for each in held)

    def _sent(self, held: Held, outcomes: list[tuple[Held, Outcome]], keeper: Keeper) -> bool:
        """Whether the text was in the gateway's hands, however it went; if not it is given back."""
        service, owner = self._house.service, self._house.owner
        try:
            mine = fits(held.deadline, self._channel.traits.timeout) and outbox.begin(service, owner, held)
        except StoreError:
            return False
        if not mine:
            return False
        began = monotonic()
        outcome = self._send(held.outbound)
        self._pace = 0.8 * self._pace + 0.2 * (monotonic() - began) if self._pace else monotonic() - began
        outcomes.append((held, outcome))
        keeper.took = keeper.took or at_work(outcome)
        keeper.trouble = keeper.trouble or self._gateway.told(outcome)
        return True

    def _send(self, text: Outbound) -> Outcome:
        try:
            return self._channel.send(text)
        except SendError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a mistake in a gateway's file: nobody knows how far it came
            failure("gateway's file failed", error)
            return SendError("failed by a mistake", retry=True, sent="unknown")

    def _settle(self, outcomes: list[tuple[Held, Outcome]], kept: list[Held], keeper: Keeper) -> list[Held]:
        """Write the outcomes down, however long the database refuses: nobody else knows them."""
        gone = [(held, _gone(held.outbound, outcome)) for held, outcome in outcomes if not isinstance(outcome, Sent)]
        gone += [(each, 0) for each in kept]
        keeper.unspent = [(each.outbound, _left(each.outbound, parts), self._claimed_at(each)) for each, parts in gone]
        while True:
            try:
                held = self._next(outcomes, keeper, claim=keeper.trouble is None)
                break
            except StoreError as error:
                self._stumble("outcomes not written yet", error)
                if self._house.stopping.is_set():
                    raise
        self._nap.well()
        self._count(outcomes)
        self._give_back(kept)
        if keeper.trouble is not None:
            log.warning("gateway paused", channel=self._channel.name, cause=keeper.trouble.cause)
            self._gate = Gate(0, wait=keeper.trouble.pause / 1000, paused=True)
            self._house.bells.urgent[self._channel.name].ring()  # it knows another way
        return held

    def _claimed_at(self, held: Held) -> int:
        return held.lease - round(min(self._house.lease_of(self._channel), LONGEST_LEASE) * 1000)

    def _give_back(self, kept: Sequence[Held]) -> None:
        try:
            outbox.release(self._house.service, self._house.owner, kept)
        except StoreError as error:
            failure("not given back", error)  # their leases end by themselves

    def _count(self, outcomes: Sequence[tuple[Held, Outcome]]) -> None:
        words = Counter(_word(outcome) for _, outcome in outcomes)
        words["sent_later"] = sum(held.attempt > 1 and isinstance(outcome, Sent) for held, outcome in outcomes)
        for word, times in (+words).items():
            self._house.counts.outcome(self._channel.name, word, times)

    def _fail_over(self) -> None:
        """What cannot wait goes another way while this gateway is paused."""
        if not (self._urgent and self._gate.paused and self._due()):
            return
        other = self._house.service.instead(self._channel.name)
        if other is not None:
            moved = recovery.move_emergencies(self._house.service, self._channel.name, other)
            self._house.counts.outcome(self._channel.name, "moved", moved)
            log.warning("emergency answers go another way", channel=self._channel.name, to=other, texts=moved)


def _word(outcome: Outcome) -> str:
    if isinstance(outcome, Sent):
        return "sent"
    if outcome.sent == "unknown":
        return "unsure"
    return "later" if outcome.retry else "failed"


def _gone(text: Outbound, error: SendError) -> int:
    """The parts of a text that went, or may have gone, though it was not taken."""
    return text.parts if error.sent == "unknown" else error.begin


def _left(text: Outbound, gone: int) -> int:
    """The parts that were paid for and did not go."""
    return max(text.parts - max(gone, text.begin), 0)
