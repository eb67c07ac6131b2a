"""A broadcast as a few of staff get it first: the same words, the usual way out, counted apart."""

import pytest
from campaigning import Office

from bot.content.loader import load
from bot.protocol import SendError, Sent
from bot.services import compose, outbox, privacy, trial
from bot.services.outbox import Wish
from bot.services.trial import BadTrial

TEXTS = {"en": "Phlov: a meeting on Saturday. To end these texts send STOP", "km": "Phlov៖ ជំនួបថ្ងៃសៅរ៍។ ចង់ឈប់ ផ្ញើ: ឈប់"}
CHANNEL = "kannel"


@pytest.fixture(scope="module")
def composed():
    return compose.free(load(), TEXTS)


def test_every_language_for_every_phone_as_it_will_be(service, composed):
    sent = trial.send(service, CHANNEL, composed, ["012 345 678", "+85512345678", "+66812345678"])
    assert (sent.phones, sent.stopped, len(sent.rows)) == (2, 0, 4)
    assert trial.outcomes(service, sent) == {"waiting": 4, "sent": 0, "failed": 0, "unknown": 0}
    held = outbox.claim(service, 7, Wish(CHANNEL, 10, posting=True))
    assert sorted((each.outbound.recipient, each.outbound.text) for each in held) == sorted(
        (number, words) for number in ("+85512345678", "+66812345678") for words in TEXTS.values()
    )
    lost = SendError("lost", retry=False, sent="unknown")
    fate = [Sent("a"), Sent("b"), SendError("no", retry=False, sent="no"), lost]
    outbox.settle(service, 7, list(zip(held, fate, strict=True)))
    found = trial.outcomes(service, sent)
    assert (found["sent"], found["failed"]) == (2, 1)


def test_who_said_stop_gets_no_test_either(service, composed):
    privacy.erase(service, "+85512345678")
    sent = trial.send(service, CHANNEL, composed, ["+85512345678", "+85512345679"])
    assert (sent.phones, sent.stopped, len(sent.rows)) == (1, 1, 2)


def test_it_counts_in_no_broadcast(service, composed):
    office = Office(service)
    trial.send(service, CHANNEL, composed, ["+85512345678"])
    assert office.texts() == []
    assert office.sound()


@pytest.mark.parametrize("numbers", [[], [f"+8551234567{place:02d}" for place in range(21)], ["+85512345678", "1280"]])
def test_what_is_no_list_of_a_few_phones(service, composed, numbers):
    with pytest.raises(BadTrial):
        trial.send(service, CHANNEL, composed, numbers)
    assert outbox.claim(service, 7, Wish(CHANNEL, 10, posting=True)) == []


def test_what_could_not_be_sent_to_others_is_not_sent_to_staff(service):
    with pytest.raises(BadTrial, match="cannot be sent"):
        trial.send(service, CHANNEL, compose.free(load(), {"en": "{name}"}), ["+85512345678"])
