"""JOIN enrols who said yes, and nobody else; STOP, ERASE and long silence end it."""

import pytest
from sqlalchemy import select
from stories.stage import words

from bot.protocol import Inbound, Response
from bot.services import campaigns, inbox, privacy
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import Contact, Membership

NUMBER = "+85512345678"


@pytest.fixture
def house(database, clock):
    book, reader = words()
    made = Service(database, Vault(bytes(32)), book, reader, clock, paced=False)
    campaigns.add(made, "KYA12", "School road show")
    campaigns.add(made, "KYA13", "Second show")
    return made


@pytest.fixture
def say(house, clock):
    def come(*texts: str, sender: str = NUMBER) -> str:
        said = ""
        for text in texts:
            come.count += 1
            clock.forward(seconds=1)
            inbound = Inbound("twilio", sender, text, f"SM{come.count}", clock())
            received = inbox.receive(house, inbound, lambda replies, _: Response(200, b""))
            said = "|".join(reply.text for reply in received.replies)
        return said

    come.count = 0
    return come


def members(house, *columns):
    sought = Statement(lambda _: select(*(columns or (Membership.code,))))
    return sorted(house.database.read(lambda tx: tx.all(sought)))


@pytest.mark.parametrize("yes", ["1", "១", "yes", "YES", "ok", "បាទ", "ចង់", "jas", "chong"])
def test_yes_to_the_question_enrols(house, say, clock, yes):
    assert "School road show" in say("english", "JOIN KYA12")
    assert members(house) == []
    assert "STOP" in say(yes) or "ឈប់" in say("menu")
    ((code, channel, language, question, at),) = members(
        house, Membership.code, Membership.channel, Membership.language, Membership.question, Membership.joined_at
    )
    assert (code, channel) == ("KYA12", "twilio")
    assert question == campaigns.question(house.book, language)
    assert 0 <= house.now() - at <= 2000


@pytest.mark.parametrize(
    "answer", ["2", "no", "ទេ", "ort te", "menu", "how much to japan", "3", "join kya13", "SOS", "stop"]
)
def test_anything_else_does_not(house, say, answer):
    say("join kya12", answer)
    assert members(house) == []


def test_a_yes_later_is_a_yes_to_nothing(house, say, clock):
    say("join kya12", "menu", "yes")
    say("join kya12")
    clock.forward(hours=25)
    say("yes")
    assert members(house) == []


def test_joining_twice_is_harmless_and_two_campaigns_are_two(house, say):
    say("join kya12", "1", "Join KYA 12", "yes", "ចូលរួម KYA១៣", "1")
    assert members(house) == [("KYA12",), ("KYA13",)]
    assert [(campaign.code, people) for campaign, people in campaigns.listed(house)] == [("KYA12", 1), ("KYA13", 1)]


def test_an_unknown_code_is_told_kindly_and_a_sentence_is_no_code(house, say):
    assert "not known" in say("english", "join kya99")
    assert "not known" not in say("join the army")
    say("1")
    assert members(house) == []


def test_who_said_stop_is_told_to_start_first(house, say):
    say("english", "stop")
    assert "START" in say("join kya12")
    say("1", "yes")
    assert members(house) == []
    say("start", "join kya12", "yes")
    assert members(house) == [("KYA12",)]


def test_stop_while_the_question_is_open(house, say):
    say("join kya12", "stop", "yes", "1")
    assert members(house) == []


def test_stop_ends_it_and_start_does_not_bring_it_back(house, say):
    say("join kya12", "1", sender="+66812345678")
    say("join kya12", "1", "stop", "start")
    assert len(members(house)) == 1


@pytest.mark.parametrize("how", ["word", "command"])
def test_erase_ends_it(house, say, how):
    say("join kya12", "1", sender="+66812345678")
    say("join kya12", "1")
    say("erase") if how == "word" else privacy.erase(house, NUMBER)
    assert len(members(house)) == 1


def test_half_a_year_of_silence_ends_it(house, say, clock):
    say("join kya12", "1")
    privacy.purge(house)
    clock.forward(days=179)
    privacy.purge(house, confirmed=True)
    assert members(house) == [("KYA12",)]
    clock.forward(days=2)
    done = privacy.purge(house, confirmed=True)
    assert (done.memberships, done.contacts) == (1, 1)
    assert members(house) == []
    assert members(house, Contact.id) == []


def test_few_who_joined_are_counted_each_time_and_very_many_once(house, say, monkeypatch):
    monkeypatch.setattr(campaigns, "MANY", 2)
    for number in range(4):
        say("english", "JOIN KYA12", "1", sender=f"+8551200000{number}")
        if number != 2:
            assert ["KYA12", number + 1] in [[each.code, joined] for each, joined in campaigns.listed(house)]
