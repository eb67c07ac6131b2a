"""USSD through Kannel: calls told by the optional fields of SMPP, and screens that carry them back."""

import pytest
from test_kannel_url import KHMER, fetch, quoted

from bot.channels.kannel_ussd import KannelUssd, wire
from bot.config import Settings
from bot.conversation.session import Reply
from bot.protocol import Display, Ignored, Outbound, Refused, Response, SendError, SessionEnd

SECRET, WORKER = "a-secret-of-sixteen", "+85512345678"
ID = "84c520ca-4dcf-446d-b196-e0ba50de3ea0"
NEW, ANSWER = r"%2501", r"%2512"


def channel() -> KannelUssd:
    return KannelUssd(SECRET, "*1280#", Display())


def step(text: str, operation: str | None = ANSWER, session: str = "%250A%2500", **more: str):
    fields = [("ussd_service_op", operation), ("its_session_info", session)]
    meta = "%3Fsmpp%3F" + "".join(f"{name}%3D{value}%26" for name, value in fields if value)
    given = {"id": ID, "from": "%2B85512345678", "to": "%2A1280%23", "text": text, "coding": "0", "charset": "UTF-8"}
    return fetch("&".join(f"{a}={b}" for a, b in {**given, "meta": meta, "secret": SECRET, **more}.items()))


@pytest.mark.parametrize(
    ("request_", "text", "event"),
    [
        (step("*1280%23", NEW), "", "new"),
        (step("*1280%23", "%2500"), "", "new"),
        (step("*1280*1*2%23", NEW), "1*2", "new"),
        (step("1280", NEW), "", "new"),
        (step("", NEW), "", "new"),
        (step("*999%23", NEW), "", "new"),
        (step("1"), "1", "resume"),
        (step(quoted(KHMER)), KHMER, "resume"),
        (step("*1*2%23"), "*1*2#", "resume"),
        (step("*1280%23", None), "", "new"),
        (step("1", None), "1", "resume"),
        (step("*1280%23", NEW, meta="%3Forig_msg%3Fa%3D1%26%3Fsmpp%3Fussd_service_op%3D%2501%26"), "", "new"),
    ],
)
def test_a_step_is_read(request_, text, event):
    read = channel().read(request_)
    assert (read.channel, read.sender, read.provider_id, read.medium) == ("kannel_ussd", WORKER, ID, "ussd")
    assert (read.text, read.session_event) == (text, event)


def test_all_steps_of_a_call_name_it():
    first, second = channel().read(step("*1280%23", NEW)), channel().read(step("1"))
    assert first.session_id == second.session_id
    assert channel().read(step("1", session="%250B%2500")).session_id != first.session_id


@pytest.mark.parametrize("operation", ["%2520", "%2581", "%25FF"])
def test_a_call_that_is_over(operation):
    assert isinstance(channel().read(step("", operation)), SessionEnd)


@pytest.mark.parametrize("operation", ["%2502", "%2503", "%2510", "%2511", "%2513"])
def test_what_needs_no_answer(operation):
    assert channel().read(step("", operation)) == Ignored("kannel_ussd")


def test_without_the_secret_nothing_is_read():
    with pytest.raises(Refused):
        channel().read(step("1", secret="wrong"))


@pytest.mark.parametrize(
    ("session", "ends", "meta"),
    [
        ("%250A%2500", False, "?smpp?ussd_service_op=%02&its_session_info=%0A%00"),
        ("%250A%2501", False, "?smpp?ussd_service_op=%02&its_session_info=%0A%00"),
        ("%250A%2502", True, "?smpp?ussd_service_op=%11&its_session_info=%0A%03"),
        ("%253F%2526", True, "?smpp?ussd_service_op=%11&its_session_info=%3F%27"),
        ("+%2500", False, "?smpp?ussd_service_op=%02&its_session_info=%20%00"),
        (None, False, "?smpp?ussd_service_op=%02"),
    ],
)
def test_a_screen_goes_into_its_call(session, ends, meta):
    inbound = channel().read(step("1", session=session))
    answer = channel().answering(inbound)((Reply(KHMER, "help", ends=ends),), 7)
    assert (answer.status, answer.body.decode(), answer.content_type) == (200, KHMER, "text/plain; charset=utf-8")
    assert dict(answer.headers) == {"X-Kannel-Coding": "2", "X-Kannel-BInfo": "USSD", "X-Kannel-Meta-Data": meta}


def test_another_name_of_the_call_is_kept():
    meta = "%3Fsmpp%3Fussd_service_op%3D%2512%26user_message_reference%3D%2501%2502%26"
    answer = channel().answering(channel().read(step("1", meta=meta)))((Reply("1 help", "menu"),), 7)
    assert answer.headers[0] == ("X-Kannel-Coding", "0")
    assert answer.headers[2][1] == "?smpp?ussd_service_op=%02&user_message_reference=%01%02"


def test_silence_is_an_empty_200():
    assert channel().answering(channel().read(step("1")))((), 0) == channel().render((), 0) == Response(200, b"")


def test_nothing_is_sent_outside_a_call():
    with pytest.raises(SendError) as error:
        channel().send(Outbound(1, "kannel_ussd", WORKER, "help", 1))
    assert (error.value.retry, error.value.sent) == (False, "no")


def test_the_settings_make_it():
    made = wire(Settings(kannel_secret=SECRET, kannel_ussd_code="*1280*7#", kannel_ussd_script="km_Latn"))
    assert made.read(step("*1280*7*1%23", NEW)).text == "1"
    assert (made.traits.inline, made.traits.display.script) == (True, "km_Latn")
