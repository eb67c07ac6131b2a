"""After a crash, a lost lease, an unknown outcome or a wrong clock the outbox comes back to order by itself."""

from datetime import timedelta

import pytest
from rows import ROWS
from village import Asked, Village, Well, refuses, takes

from bot.channels import Condition
from bot.protocol import SendError
from bot.services import health, outbox
from bot.services.clock import doubted
from bot.services.health import Pulse
from bot.services.outbox import Wish
from bot.services.retry import SECOND_TRY
from bot.store import gateways
from bot.store.errors import Busy
from bot.worker.chores import SETTLE, Order, Watch


@pytest.fixture
def crashed(house, come):
    """A house in which another process died while it handed a text over, and one that it only held."""

    def make(village, *words, posting=True):
        made = house(village)
        come(made, *words)
        outbox.claim(made.service, 77, Wish(village.name, 10, posting))
        return made

    return make


def test_what_a_crash_left_is_taken_back_at_the_start(crashed, states, database_url):
    made = crashed(Village(dedupes=True), "one", "two")
    assert states() == {"POSTING": 2}
    Order(made, alone=False).restore()
    assert states() == {"POSTING": 2}, "another process may be at it"
    Order(made, alone=True).restore()
    assert states() == {"UNSURE": 2}


def test_a_text_that_was_only_held_goes_again(crashed, states):
    made = crashed(Village(), "one", posting=False)
    Order(made, alone=True).round()
    assert states() == {"QUEUED": 1}


def test_leases_of_the_dead_end(crashed, states, hands):
    made = crashed(Village(dedupes=True), "one")
    order = Order(made, alone=False)
    order.round()
    assert states() == {"POSTING": 1}
    hands.step = timedelta(seconds=61)
    order.round()
    assert states() == {"QUEUED": 1}, "its gateway takes the same text once: it is simply sent again"
    assert made.counts.outcomes["again"] == 1


def test_nobody_takes_from_us_what_we_are_handing_over(house, come, states, hands):
    village = Village(dedupes=True)
    made = house(village)
    come(made, "one")
    (held,) = outbox.claim(made.service, made.owner, Wish("village", 1, True, lease=3.0))
    made.in_flight.add(held.outbound.id)
    hands.step = timedelta(hours=1)
    Order(made, alone=False).round()
    assert states() == {"POSTING": 1}


def test_a_gateway_is_asked_before_anything_is_sent_again(crashed, states, hands, service):
    village = Asked()
    made = crashed(village, "there", "not there")
    ids = [row for row, *_ in service.database.read(lambda tx: tx.all(ROWS))]
    village.known.add(ids[0])
    order = Order(made, alone=True)
    order.round()
    assert (states(), village.questions) == ({"UNSURE": 2}, []), "it may still be at work on them"
    hands.step = timedelta(milliseconds=SETTLE + 31_000)
    order._alone = False  # the test moves the clock, nobody else does
    order.round()
    assert sorted(village.questions) == ids
    assert states() == {"ACCEPTED": 1, "QUEUED": 1}
    assert (made.counts.outcomes["found"], made.counts.outcomes["again"]) == (1, 1)


def test_a_gateway_that_cannot_be_asked_now_is_asked_later_and_only_once_a_round(crashed, states, hands):
    class Away(Asked):
        def ask(self, outbound):
            super().ask(outbound)
            raise SendError("away", retry=True, sent="no", cause="network")

    village = Away()
    made = crashed(village, *(f"text {n}" for n in range(5)))
    order = Order(made, alone=True)
    order.restore()
    order._alone = False
    hands.step = timedelta(minutes=2)
    order.round()
    assert len(village.questions) == 1
    assert states() == {"UNSURE": 5}


def test_a_text_that_cannot_be_asked_about_does_not_keep_the_others_from_being_decided_on(
    crashed, states, hands, service
):
    class Stumbling(Asked):
        def ask(self, outbound):
            super().ask(outbound)
            if outbound.id == first:
                raise KeyError("a mistake with this text")

    village = Stumbling()
    made = crashed(village, "one", "two", "three")
    first = min(row for row, *_ in service.database.read(lambda tx: tx.all(ROWS)))
    order = Order(made, alone=True)
    order.restore()
    order._alone = False
    hands.step = timedelta(minutes=2)
    order.round()
    assert states() == {"UNSURE": 1, "QUEUED": 2}


def test_where_nobody_can_tell_only_what_may_is_sent_again(crashed, states, hands):
    made = crashed(Village(lanes=2), "HELP", "hello")
    order = Order(made, alone=True)
    order.round()
    assert states() == {"UNSURE": 2}, "a report may still come"
    order._alone = False
    hands.step = timedelta(milliseconds=SECOND_TRY + 5000)
    order.round()
    assert states() == {"QUEUED": 2}
    assert made.counts.outcomes["repeated"] == 2


def test_a_time_out_of_a_gateway_that_cannot_be_asked_ends_as_unknown_not_as_a_second_text(
    start, come, states, becomes
):
    village = Village(script=refuses("unknown", sent="unknown"))
    house = start(village)
    come(house, "hello")
    village.wait(1)
    becomes(states, {"UNSURE": 1})
    assert house.counts.outcomes["unsure"] == 1
    assert len(village.handed) == 1


def test_a_clock_that_is_set_moves_what_waits(house, come, states, hands):
    """A box without a battery wakes up in 1970 or a year ahead; then somebody sets its clock."""
    village = Village(script=takes)
    made = house(village)
    order = Order(made, alone=True)
    come(made, "hello")
    hands.step = timedelta(days=400)
    order.round()
    (held,) = outbox.claim(made.service, made.owner, Wish("village", 1, True, lease=3.0))
    assert held.outbound.text == "answer to hello", "it did not come to its end"


def test_emergencies_of_a_gateway_that_is_no_more_go_another_way(house, come, service):
    old, new = Village("old"), Village("new")
    come(house(old), "HELP", "hello", channel="old")
    made = house(new)
    Order(made, alone=True).round()
    held = outbox.claim(made.service, made.owner, Wish("new", 10, True, lease=3.0))
    assert [each.outbound.text for each in held] == ["answer to HELP"]


def test_emergencies_of_a_gateway_of_another_process_are_left_to_it_while_they_are_young(house, come, hands):
    come(house(Village("theirs")), "HELP", channel="theirs")
    made = house(Village("ours"))
    order, ours = Order(made, alone=False), Wish("ours", 10, True, lease=3.0)
    order.round()
    assert outbox.claim(made.service, made.owner, ours) == []
    hands.step = timedelta(milliseconds=health.LATE)
    order.round()
    assert len(outbox.claim(made.service, made.owner, ours)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_database_refuses_the_next_round_does(crashed, states, database, monkeypatch):
    made = crashed(Village(dedupes=True), "one")
    order = Order(made, alone=True)
    write = type(database).write

    def busy(*_):
        raise Busy("another process holds the database")

    monkeypatch.setattr(type(database), "write", busy)
    order.round()
    monkeypatch.setattr(type(database), "write", write)
    order.round()
    assert states() == {"QUEUED": 1}


def test_what_a_gateway_says_of_itself_reaches_staff(house, service):
    village = Well()
    made = house(village)
    watch = Watch(made)
    village.condition_now = Condition("the signal is weak", (("signal", 7.0),))
    watch.round()
    report = health.look(made.service, ("village",), made.pulse)
    assert (report.broken, report.warnings) == ((), ("village: the signal is weak",))
    assert made.pulse.conditions()["village"].gauges == (("signal", 7.0),)
    village.condition_now = Condition()
    watch.round()
    assert health.look(made.service, ("village",), made.pulse).warnings == ()


def test_an_emergency_that_waits_turns_health_red(house, come, hands):
    made = house(Village())
    come(made, "HELP")
    assert health.look(made.service).broken == ()
    hands.step = timedelta(seconds=75)
    assert health.look(made.service).broken == ("an emergency answer has waited for 75 s",)


def test_gateways_that_are_all_away_turn_health_red(house, service):
    now = service.now()
    made = house(Village("a"), Village("b"))
    look = lambda: health.look(made.service, ("a", "b"))  # noqa: E731
    service.database.write(lambda tx: gateways.pause(tx, "a", now + 60_000, "has no credit", now))
    assert look().broken == ()
    assert look().warnings[0].startswith("a: has no credit; tried again in ")
    service.database.write(lambda tx: gateways.pause(tx, "b", now + 60_000, "wants fewer texts", now))
    assert look().broken == (), "too many texts are no outage"
    service.database.write(lambda tx: gateways.pause(tx, "b", now + 60_000, "has no credit", now))
    assert look().broken == ("no gateway takes emergency answers now: a, b",)
    assert "warning: a: has no credit" in look().lines()


def test_a_gateway_that_is_not_heard_of_turns_health_red(service):
    at = [0.0]
    pulse = Pulse(lambda: at[0])
    pulse.fetched("gammu")
    at[0] = 100.0
    pulse.missed("gammu", "its database cannot be read")
    assert pulse.away() == []
    at[0] = 121.0
    assert pulse.away() == ["gammu: nothing was fetched for 121 s: its database cannot be read"]
    assert health.look(service, (), pulse).broken[0].startswith("gammu: nothing")
    pulse.fetched("gammu")
    assert pulse.away() == []
    at[0] = 300.0
    assert "its thread is silent" in pulse.away()[0]


@pytest.mark.parametrize("alone", [True, False])
def test_nothing_of_a_broadcast_goes_right_after_the_machine_was_switched_on(house, alone):
    made = house(Village())

    def believed():
        return made.service.database.read(lambda tx: not doubted(tx, made.service.now()))

    Order(made, alone=alone, uptime=lambda: 9_000.0).restore()
    assert believed()
    Order(made, alone=alone, uptime=lambda: 20.0).restore()
    assert not believed()
