"""The modem's channel over SMSD's tables; here a few statements play SMSD. The real one is in `tests/gateways`."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from gateways.smsd import new_database, until

from bot.channels import Asking, Polled, Watched, gammu
from bot.channels.gammu import Gammu
from bot.config import Settings
from bot.config.environment import load
from bot.protocol import DeliveryReport, Inbound, Outbound, Refused, Request, SendError, Sent

TEXT = Outbound(7, "gammu", "+85512345678", "ជំនួយ", 1)
LONG = replace(TEXT, text="ក" * 100, parts=2)


class Played:
    """SMSD with one modem, statement by statement."""

    def __init__(self, place: Path) -> None:
        self.address = new_database(place)
        self.plug("MODEM1")

    def __call__(self, statement, *values):
        file = self.address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, 10, isolation_level=None)) as connection:
            return connection.execute(statement, values).fetchall()

    def plug(self, name, seconds=0, signal=60):
        self("DELETE FROM phones WHERE ID = ?", name)
        self(
            "INSERT INTO phones (ID, IMEI, IMSI, Client, Send, Signal, Battery, InsertIntoDB, UpdatedInDB)"
            " VALUES (?, ?, '', '', 'yes', ?, 87, '2026-01-01 00:00:00', datetime('now', ? || ' seconds'))",
            name,
            name,
            signal,
            -seconds,
        )

    def pick(self):
        """Give the next text to the modem."""
        until(lambda: self("SELECT 1 FROM outbox"))
        self("UPDATE outbox SET SendingTimeOut = datetime('now', 'localtime', '+60 seconds')")

    def send(self, *statuses):
        """Send the next text, part by part, until one is refused: a code instead of a status."""
        self.pick()
        [(row, creator, udh)] = self("SELECT ID, CreatorID, UDH FROM outbox")
        headers = [udh, *(each[0] for each in self("SELECT UDH FROM outbox_multipart ORDER BY SequencePosition"))]
        for position, (status, header) in enumerate(zip(statuses, headers, strict=False), 1):
            table = "outbox" if position == 1 else "outbox_multipart"
            if isinstance(status, int):
                self(f"UPDATE {table} SET StatusCode = ? WHERE ID = ?", status, row)
                self("UPDATE outbox SET Retries = 1 WHERE ID = ?", row)
                return
            self(f"UPDATE {table} SET Status = 'SendingOK' WHERE ID = {row}")
            self(
                "INSERT INTO sentitems (ID, SequencePosition, CreatorID, Status, UDH, Text, TextDecoded, SenderID)"
                " VALUES (?, ?, ?, ?, ?, '17', 'said', 'MODEM1')",
                row,
                position,
                creator,
                status,
                header,
            )
        self("DELETE FROM outbox WHERE ID = ?", row)
        self("DELETE FROM outbox_multipart WHERE ID = ?", row)

    def receive(self, words, part=None, udh="", at="2026-11-22 17:10:00"):
        self(
            "INSERT INTO inbox (Text, SenderNumber, UDH, TextDecoded, RecipientID, ReceivingDateTime)"
            " VALUES (?, '+85512345678', ?, ?, 'MODEM1', ?)",
            (words if part is None else part).encode("utf-16-be").hex().upper(),
            udh,
            words,
            at,
        )

    def rows(self, table):
        return self(f"SELECT count(*) FROM {table}")[0][0]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(gammu, "LOOK", 0.02)


@pytest.fixture
def smsd(tmp_path):
    return Played(tmp_path)


@pytest.fixture
def channel(smsd):
    made = Gammu(smsd.address, timeout=60.0)
    yield made
    made.close()


class Sending(threading.Thread):
    """A worker's thread that sends one text."""

    def __init__(self, channel, outbound=TEXT):
        super().__init__(daemon=True)
        self._work = lambda: channel.send(outbound)
        self._outcome = None
        self.start()

    def run(self):
        try:
            self._outcome = self._work()
        except SendError as error:
            self._outcome = error

    def outcome(self):
        self.join(90)
        assert self._outcome is not None
        return self._outcome


def test_it_is_polled_asked_and_watched(channel):
    assert isinstance(channel, Polled)
    assert isinstance(channel, Asking)
    assert isinstance(channel, Watched)
    assert (channel.traits.inline, channel.traits.dedupes, channel.traits.reports) == (False, False, True)
    with pytest.raises(Refused) as refused:
        channel.read(Request("POST", "/", "", {}, b""))
    assert refused.value.status == 404
    assert channel.render((), 0).status == 204


def test_a_text_is_sent_when_the_modem_has_taken_it(smsd, channel):
    sending = Sending(channel)
    smsd.pick()
    assert sending.is_alive()
    smsd.send("SendingOK")
    assert sending.outcome() == Sent("phlov:7")


@pytest.mark.parametrize(("priority", "stored"), [(0, 100), (1, 10), (2, -10)])
def test_who_is_in_danger_goes_first(smsd, channel, priority, stored):
    sending = Sending(channel, replace(TEXT, priority=priority))
    until(lambda: smsd.rows("outbox"))
    assert smsd("SELECT Priority FROM outbox") == [(stored,)]
    smsd.send("SendingOK")
    sending.outcome()


def test_a_text_given_twice_is_put_there_once_and_both_learn_what_became_of_it(smsd, channel):
    first, second = Sending(channel), Sending(channel)
    until(lambda: smsd.rows("outbox"))
    smsd.send("SendingOK")
    assert first.outcome() == second.outcome() == Sent("phlov:7")
    assert smsd.rows("sentitems") == 1
    assert channel.send(TEXT) == Sent("phlov:7")
    assert smsd.rows("outbox") == 0


def test_a_part_that_went_is_not_sent_again_because_the_next_one_was_refused(smsd, channel):
    sending = Sending(channel, LONG)
    smsd.send("SendingOK", 38)
    refused = sending.outcome()
    assert (refused.sent, refused.retry, refused.cause, refused.begin) == ("no", True, "network", 1)
    assert smsd.rows("outbox") == smsd.rows("outbox_multipart") == 0
    again = Sending(channel, LONG)
    until(lambda: smsd.rows("outbox"))
    assert smsd("SELECT UDH FROM outbox") == [("050003070202",)]
    assert smsd.rows("outbox_multipart") == 0
    smsd.send("SendingOK")
    assert again.outcome() == Sent("phlov:7")


def test_a_refusal_that_smsd_filed_itself_is_told_once(smsd, channel):
    """With another `retrytimeout` than ours SMSD moves a refused text to `sentitems` before anybody looks."""
    sending = Sending(channel)
    smsd.pick()
    smsd(
        "INSERT INTO sentitems (ID, SequencePosition, CreatorID, Status, StatusCode, UDH, Text, SenderID)"
        " VALUES (3, 1, 'phlov:7', 'SendingError', 10, '', '', 'MODEM1')"
    )
    smsd("DELETE FROM outbox")
    assert (sending.outcome().cause, sending.outcome().sent) == ("credit", "no")
    assert smsd.rows("sentitems") == 0
    sending = Sending(channel)
    smsd.send("SendingOK")
    assert sending.outcome() == Sent("phlov:7")


def refusal(smsd, channel, outbound):
    sending = Sending(channel, outbound)
    smsd.send(10)
    return sending.outcome().cause


def test_a_number_that_the_operator_bars_silences_nobody_else(smsd, channel):
    """He says the same of a SIM without money; but then nobody is taken."""
    abroad = replace(TEXT, recipient="+15005550006")
    assert refusal(smsd, channel, abroad) == refusal(smsd, channel, abroad) == "credit"
    sending = Sending(channel, replace(TEXT, id=8))
    smsd.send("SendingOK")
    sending.outcome()
    assert refusal(smsd, channel, abroad) == "unreachable"
    assert refusal(smsd, channel, replace(abroad, id=9, priority=0)) == "credit", "for another gateway, if there is one"
    assert refusal(smsd, channel, replace(TEXT, id=10)) == "credit"
    sending = Sending(channel, abroad)
    smsd.send("SendingOK")
    sending.outcome()
    assert refusal(smsd, channel, replace(abroad, id=11)) == "credit"


def test_without_a_modem_nothing_is_put_there(smsd, channel):
    smsd.plug("MODEM1", seconds=600)
    with pytest.raises(SendError) as away:
        channel.send(TEXT)
    assert (away.value.sent, away.value.retry, away.value.cause) == ("no", True, "network")
    assert smsd.rows("outbox") == 0


def test_a_dead_modem_blocks_nobody(smsd, channel):
    smsd.plug("MODEM1", seconds=600)
    smsd.plug("MODEM2")
    sending = Sending(channel)
    until(lambda: smsd.rows("outbox"))
    assert smsd("SELECT SenderID FROM outbox") == [("MODEM2",)]
    smsd.send("SendingOK")
    sending.outcome()


def test_a_text_that_waits_for_a_modem_that_dies_gets_another_one(smsd):
    channel = Gammu(smsd.address, timeout=60.0, alive=20.0)
    sending = Sending(channel)
    until(lambda: smsd("SELECT SenderID FROM outbox") == [("MODEM1",)])
    smsd.plug("MODEM1", seconds=60)
    smsd.plug("MODEM2")
    until(lambda: smsd("SELECT SenderID FROM outbox") == [("MODEM2",)])
    smsd.send("SendingOK")
    assert sending.outcome() == Sent("phlov:7")
    channel.close()


def test_a_text_that_waits_for_the_last_modem_is_taken_back(smsd):
    channel = Gammu(smsd.address, timeout=60.0, alive=20.0)
    sending = Sending(channel)
    until(lambda: smsd.rows("outbox"))
    smsd.plug("MODEM1", seconds=60)
    assert (sending.outcome().cause, sending.outcome().sent) == ("network", "no")
    assert smsd.rows("outbox") == 0
    channel.close()


@pytest.mark.parametrize(("seconds", "cause"), [(0, "throttled"), (60, "network")])
def test_a_text_that_no_modem_takes_in_time_is_taken_back(smsd, seconds, cause):
    channel = Gammu(smsd.address, timeout=0.5)
    smsd.plug("MODEM1", seconds=seconds)
    with pytest.raises(SendError) as busy:
        channel.send(TEXT)
    assert (busy.value.sent, busy.value.cause) == ("no", cause)
    assert smsd.rows("outbox") == 0
    channel.close()


def test_an_emergency_is_taken_back_sooner_for_another_gateway(smsd, monkeypatch):
    monkeypatch.setattr(gammu, "URGENT", 0.3)
    channel = Gammu(smsd.address, timeout=60.0)
    sending = Sending(channel, replace(TEXT, priority=0))
    assert sending.outcome().sent == "no"
    assert smsd.rows("outbox") == 0
    channel.close()


@pytest.fixture
def stopped(monkeypatch):
    """Until this is set no time is over, however long a busy machine takes."""
    over = threading.Event()
    monkeypatch.setattr(gammu, "monotonic", lambda: 1000.0 * over.is_set())
    return over


def test_a_text_in_the_hands_of_a_modem_that_says_nothing_is_not_sent_by_another(smsd, stopped):
    channel = Gammu(smsd.address, timeout=0.5)
    sending = Sending(channel)
    smsd.pick()
    stopped.set()
    assert (sending.outcome().sent, sending.outcome().retry) == ("unknown", True)
    assert smsd.rows("outbox") == 1
    with pytest.raises(SendError) as asked:
        channel.ask(TEXT)
    assert (asked.value.retry, asked.value.sent) == (True, "unknown")
    channel.close()


def test_a_text_that_smsd_has_is_not_called_unsent_because_its_tables_cannot_be_read(smsd, channel):
    """Or an emergency answer would go by another gateway, too."""
    sending = Sending(channel)
    smsd.pick()
    smsd("ALTER TABLE outbox RENAME TO away")
    assert (sending.outcome().sent, sending.outcome().retry) == ("unknown", True)
    smsd("ALTER TABLE away RENAME TO outbox")
    smsd.send("SendingOK")
    assert channel.ask(TEXT) == Sent("phlov:7")


def test_a_text_that_smsd_was_killed_with_is_not_left_for_it_to_send_again(smsd, channel):
    sending = Sending(channel)
    smsd.pick()
    smsd("UPDATE phones SET InsertIntoDB = datetime('now', 'localtime', '+5 seconds')")
    assert (sending.outcome().sent, sending.outcome().retry) == ("unknown", True)
    assert smsd.rows("outbox") == 0


def test_a_power_cut_on_a_box_without_a_clock_holds_no_text_up(smsd, channel):
    """Its clock begins at an hour that has been: SMSD would not touch a text it had in its hands until that is over."""
    smsd(
        "INSERT INTO outbox (CreatorID, SenderID, SendingDateTime) VALUES ('phlov:7', 'MODEM1', '2000-01-01 00:00:00')"
    )
    smsd("UPDATE outbox SET SendingTimeOut = datetime('now', 'localtime', '+1 hour')")
    with pytest.raises(SendError) as asked:
        channel.ask(TEXT)
    assert (asked.value.retry, asked.value.sent) == (False, "unknown")
    assert smsd.rows("outbox") == 0


def test_a_text_whose_time_is_over_is_not_sent(smsd, channel):
    with pytest.raises(SendError) as late:
        channel.send(replace(TEXT, valid_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert (late.value.cause, late.value.retry, late.value.sent) == ("expired", False, "no")
    assert smsd.rows("outbox") == 0


@pytest.mark.parametrize(
    ("minutes", "relative"),
    [
        (4, 0),
        (5.5, 1),
        (600, 119),
        (719, 143),
        (12 * 60 + 29, 144),
        (24 * 60 - 1, 167),
        (47 * 60, 168),
        (3 * 24 * 60 - 1, 169),
    ],
)
def test_the_network_is_told_how_long_a_text_is_wanted(smsd, channel, minutes, relative):
    sending = Sending(channel, replace(TEXT, valid_until=datetime.now(UTC) + timedelta(minutes=minutes)))
    until(lambda: smsd.rows("outbox"))
    assert smsd("SELECT RelativeValidity FROM outbox") == [(relative,)]
    smsd.send("SendingOK")
    sending.outcome()


def test_a_text_nobody_knows_of_never_came(channel):
    assert channel.ask(TEXT) is None


def test_a_text_that_went_is_known(smsd, channel):
    sending = Sending(channel, LONG)
    smsd.send("SendingOK", "DeliveryPending")
    sending.outcome()
    assert channel.ask(LONG) == Sent("phlov:7")


@pytest.mark.parametrize(("code", "known"), [(38, True), (-1, False)])
def test_what_nobody_waited_for_is_answered_when_asked(smsd, stopped, code, known):
    channel = Gammu(smsd.address, timeout=0.3)
    sending = Sending(channel)
    smsd.pick()
    stopped.set()
    assert sending.outcome().sent == "unknown"
    smsd.send(code)
    for _ in range(2):  # however often it is asked
        if known:
            assert channel.ask(TEXT) is None
        else:
            with pytest.raises(SendError) as asked:
                channel.ask(TEXT)
            assert (asked.value.retry, asked.value.sent) == (False, "unknown")
        assert smsd.rows("outbox") == 0
    channel.close()


def test_nobody_knows_stays_nobody_knows_until_it_is_sent_again(smsd, channel):
    sending = Sending(channel, LONG)
    smsd.send("SendingOK", -1)
    assert (sending.outcome().sent, sending.outcome().begin) == ("unknown", 1)
    with pytest.raises(SendError) as asked:
        channel.ask(LONG)
    assert asked.value.retry is False
    assert channel.collect() == []
    sending = Sending(channel, LONG)
    until(lambda: smsd.rows("outbox"))
    assert smsd("SELECT UDH FROM outbox") == [("050003070202",)]
    smsd.send("SendingOK")
    assert sending.outcome() == channel.ask(LONG) == Sent("phlov:7")
    assert reports(channel) == [("phlov:7", "sent", 7)]


def test_texts_come_until_they_are_taken_and_leave_nothing_behind(smsd, channel):
    smsd.receive("ជំនួយ")
    smsd.receive("menu", at="2026-11-22 17:11:00")
    first, second = channel.collect()
    assert isinstance(first, Inbound)
    assert (first.channel, first.sender, first.text, first.medium) == ("gammu", "+85512345678", "ជំនួយ", "sms")
    assert channel.collect() == [first, second]
    channel.taken(first)
    assert channel.collect() == [second]
    channel.taken(second)
    assert smsd.rows("inbox") == 0


def test_the_same_text_after_a_crash_of_smsd_has_the_same_name(smsd, channel):
    smsd.receive("ជំនួយ")
    [first] = channel.collect()
    channel.taken(first)
    smsd.receive("ជំនួយ")
    assert channel.collect() == [first]


def test_a_long_text_goes_whole_and_its_rows_with_it(smsd, channel):
    smsd.receive("ក" * 100, part="ក" * 67, udh="0500035A0201")
    smsd.receive("", part="ក" * 33, udh="0500035A0202")
    [text] = channel.collect()
    assert text.text == "ក" * 100
    channel.taken(text)
    assert smsd.rows("inbox") == 0


def test_a_text_that_lacks_a_part_is_held_back_for_a_while(smsd):
    channel = Gammu(smsd.address, held=0.5)
    smsd.receive("help me ", udh="0500035A0301")
    assert channel.collect() == []
    [text] = until(channel.collect)
    assert text.text == "help me "
    channel.taken(text)
    assert smsd.rows("inbox") == 0
    channel.close()


def reports(channel):
    return [(event.provider_id, event.status, event.reference) for event in channel.collect()]


def test_reports_are_told_once_and_the_words_are_gone_at_once(smsd, channel):
    sending = Sending(channel, LONG)
    smsd.send("SendingOK", "SendingOK")
    sending.outcome()
    [sent] = channel.collect()
    assert sent == DeliveryReport("gammu", "phlov:7", "sent", 7, None)
    assert channel.collect() == [sent]
    channel.taken(sent)
    assert channel.collect() == []
    assert smsd("SELECT DISTINCT Text, TextDecoded FROM sentitems") == [("", "")]
    smsd("UPDATE sentitems SET Status = 'DeliveryOK' WHERE SequencePosition = 1")
    assert channel.collect() == []
    smsd("UPDATE sentitems SET Status = 'DeliveryOK'")
    assert reports(channel) == [("phlov:7", "delivered", 7)]


def test_what_is_over_is_forgotten_when_nobody_can_wait_for_it_any_more(smsd, channel, monkeypatch):
    sending = Sending(channel)
    smsd.send("DeliveryOK")
    sending.outcome()
    [delivered] = channel.collect()
    channel.taken(delivered)
    assert channel.collect() == []
    assert smsd.rows("sentitems") == 1
    monkeypatch.setattr(gammu, "KEPT", -5.0)
    assert channel.collect() == []
    assert smsd.rows("sentitems") == 0


def test_a_report_that_never_comes_is_not_waited_for_for_ever(smsd, channel):
    smsd(
        "INSERT INTO sentitems (ID, CreatorID, Status, UDH, Text, SenderID, SendingDateTime)"
        " VALUES (3, 'phlov:7', 'SendingOK', '', '', 'MODEM1', datetime('now', 'localtime', '-4 days'))"
    )
    assert channel.collect() == []
    assert smsd.rows("sentitems") == 0


def test_what_another_program_sends_is_its_own_affair(smsd, channel):
    smsd(
        "INSERT INTO sentitems (ID, CreatorID, Status, UDH, Text, SenderID)"
        " VALUES (3, 'Gammu 1.42.0', 'SendingOK', '', '', 'MODEM1')"
    )
    assert channel.collect() == []
    assert smsd.rows("sentitems") == 1


def test_a_box_without_its_database_says_so(tmp_path):
    channel = Gammu(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(SendError) as away:
        channel.collect()
    assert away.value.cause == "network"
    assert "database" in channel.condition().problem
    assert "database" in channel.examine(repair=False)[0]


def test_a_modem_that_is_there_is_well(smsd, channel):
    assert channel.condition().problem is None
    assert dict(channel.condition().gauges) == {"modems": 1.0, "signal": 60.0, "battery": 87.0}


@pytest.mark.parametrize(
    ("spoil", "said", "dead"),
    [
        (lambda smsd: smsd.plug("MODEM1", seconds=600), "no modem has been seen for 60", True),
        (lambda smsd: smsd.plug("MODEM1", seconds=-3600), "no modem has been seen for 3", True),  # the clock went back
        (lambda smsd: smsd("DELETE FROM phones"), "no modem yet", True),
        (lambda smsd: smsd.plug("MODEM1", signal=0), "no signal", False),
    ],
)
def test_what_is_wrong_is_said_in_a_line(smsd, channel, spoil, said, dead):
    spoil(smsd)
    assert said in channel.condition().problem
    assert channel.condition().dead is dead


def test_the_doctor_finds_and_repairs(smsd, channel):
    assert channel.examine(repair=False) == []
    smsd(
        "INSERT INTO outbox (CreatorID, TextDecoded, Coding, InsertIntoDB)"
        " VALUES ('web page', ?, 'Unicode_No_Compression', '2026-11-22 09:27:31.000000')",
        "ក" * 100,
    )
    assert "phlov doctor --repair" in channel.condition().problem
    too_long, split = channel.examine(repair=False)
    assert "longer than one SMS" in too_long
    assert "microseconds" in split
    assert channel.examine(repair=True)[1].endswith("repaired, restart gammu-smsd")
    assert channel.condition().problem is None
    channel.close()
    smsd("PRAGMA journal_mode = delete")
    smsd("UPDATE gammu SET Version = 5")
    version, journal, _ = channel.examine(repair=False)
    assert "version 5" in version
    assert "write-ahead" in journal


def test_the_newer_schema_does_equally_well(smsd, channel):
    """Version 18 has more columns (gammu 1.44)."""
    smsd("ALTER TABLE inbox ADD COLUMN InsertIntoDB TEXT")
    smsd("ALTER TABLE inbox ADD COLUMN MessageID TEXT")
    smsd("ALTER TABLE outbox ADD COLUMN SendDays TEXT")
    smsd("UPDATE gammu SET Version = 18")
    smsd.receive("menu")
    assert [event.text for event in channel.collect()] == ["menu"]
    sending = Sending(channel)
    smsd.send("SendingOK")
    assert sending.outcome() == Sent("phlov:7")
    assert channel.examine(repair=False) == []


def test_wired_by_the_settings(smsd, tmp_path, monkeypatch):
    monkeypatch.setenv("PHLOV_GAMMU_DATABASE", smsd.address)
    monkeypatch.setenv("PHLOV_GAMMU_NUMBER", "+85512000000")
    monkeypatch.setenv("PHLOV_GAMMU_PHONES", "MODEM1,MODEM2")
    settings = load(tmp_path / "none")
    assert settings.own_numbers == {"+85512000000"}
    channel = gammu.wire(settings)
    assert channel.traits.lanes == 4
    smsd.plug("MODEM3")
    smsd("INSERT INTO outbox (CreatorID, SenderID) VALUES ('web page', 'MODEM1')")
    sending = Sending(channel)
    until(lambda: smsd("SELECT SenderID FROM outbox WHERE CreatorID = 'phlov:7'") == [("MODEM1",)])
    smsd("DELETE FROM outbox WHERE CreatorID = 'web page'")
    smsd.send("SendingOK")
    sending.outcome()
    channel.close()
    assert gammu.wire(Settings(gammu_database=smsd.address)).traits.lanes == 2
