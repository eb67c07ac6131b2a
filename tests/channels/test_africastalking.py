"""Africa's Talking: rows of what comes over the wire and what it means, and what its API answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peer import hangs_up, listening, nobody, says

from bot.channels.africastalking import DELIVERY, SMS, USSD, AfricasTalking, wire
from bot.config import Settings
from bot.conversation.session import Reply
from bot.protocol import DeliveryReport, Display, Inbound, Outbound, Refused, Request, SendError, Sent, SessionEnd

SECRET = "a-secret-of-the-route"
WORKER = "+66812345678"
KHMER = "ជំនួយ * ខ្ញុំនៅថៃ 👍"
TEXT = Outbound(42, "africastalking", WORKER, KHMER, 1)
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
DIALLED = {"sessionId": "AT1", "serviceCode": "*1280#", "phoneNumber": WORKER, "networkCode": "45601"}
RECEIVED = {"id": "m-1", "text": KHMER, "from": WORKER, "to": "1280", "date": "2026-11-22 10:10:10", "linkId": "L"}
REPORTED = {"id": "ATX1", "status": "Success", "phoneNumber": WORKER, "networkCode": "45601", "retryCount": "0"}
OVER = {**DIALLED, "date": "2026-11-22", "status": "Incomplete", "durationInMillis": "9", "input": "1*2"}


def gateway(**more: object) -> AfricasTalking:
    return AfricasTalking(SECRET, **{"username": "sandbox", "api_key": "a-key", "sender": "1280", **more})


def request(path: str, fields: object, query: str = f"secret={SECRET}", headers: object = FORM) -> Request:
    return Request("POST", path, query, headers, urlencode(fields).encode())


ROWS = [
    (SMS, RECEIVED, Inbound("africastalking", WORKER, KHMER, "m-1", None)),
    (SMS, {**RECEIVED, "text": ""}, Inbound("africastalking", WORKER, "", "m-1", None)),
    (SMS, {**RECEIVED, "from": "Smart", "cost": "new"}, Inbound("africastalking", "Smart", KHMER, "m-1", None)),
    (USSD, {**DIALLED, "text": ""}, Inbound("africastalking", WORKER, "", "AT1/", None, "ussd", "AT1")),
    (USSD, DIALLED, Inbound("africastalking", WORKER, "", "AT1/", None, "ussd", "AT1")),
    (USSD, {**DIALLED, "text": "1*2"}, Inbound("africastalking", WORKER, "1*2", "AT1/1*2", None, "ussd", "AT1")),
    (USSD, {**DIALLED, "text": "1*" + KHMER}, Inbound("africastalking", WORKER, "1*" + KHMER, "AT1/1*" + KHMER, None,
                                                      "ussd", "AT1")),
    (USSD, OVER, SessionEnd("africastalking", "AT1")),
    (DELIVERY, REPORTED, DeliveryReport("africastalking", "ATX1", "delivered")),
    *(
        (DELIVERY, {**REPORTED, "status": status}, DeliveryReport("africastalking", "ATX1", word))
        for status, word in [("Sent", "sent"), ("Submitted", "sent"), ("Buffered", "sent"), ("Rejected", "failed"),
                             ("Failed", "undelivered"), ("AbsentSubscriber", "undelivered"), ("Expired", "expired"),
                             ("Pondering", "Pondering"), ("a\0b", "unreadable"), ("+66812345678", "unreadable")]
    ),
    (DELIVERY, {**REPORTED, "status": "Failed", "failureReason": "UserInBlackList"},
     DeliveryReport("africastalking", "ATX1", "undelivered", None, "UserInBlackList")),
    (DELIVERY, {**REPORTED, "status": "Failed", "failureReason": "+66812345678 said no"},
     DeliveryReport("africastalking", "ATX1", "undelivered", None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("path", "fields", "event"), ROWS)
def test_what_comes_in(path, fields, event):
    found = gateway().read(request(path, fields))
    if isinstance(found, Inbound):
        assert timedelta() <= datetime.now(UTC) - found.received_at < timedelta(minutes=1)
        found = Inbound(*(getattr(found, name) if name != "received_at" else None for name in found.__slots__))
    assert found == event


REFUSED = [
    (request(SMS, RECEIVED, ""), 403),
    (request(SMS, RECEIVED, "secret="), 403),
    (request(SMS, RECEIVED, "secret=another"), 403),
    (request(SMS, RECEIVED, f"secret={SECRET}&secret={SECRET}"), 403),
    (request(SMS, RECEIVED, "secret=%FF"), 400),
    (request(USSD, {**DIALLED, "secret": SECRET}, ""), 403),
    (request(SMS, RECEIVED, headers={}), 415),
    (request(SMS, RECEIVED, headers={"content-type": "application/json"}), 415),
    (Request("POST", SMS, f"secret={SECRET}", FORM, "id=m-1&text=ជំនួយ".encode()), 400),
    (request(SMS, [*RECEIVED.items(), ("from", "+85512345678")]), 400),
    (request(SMS, [(f"n{n}", "") for n in range(51)]), 400),
    (request(SMS, {**RECEIVED, "id": ""}), 400),
    (request(SMS, {**RECEIVED, "from": ""}), 400),
    (request(USSD, {**DIALLED, "sessionId": ""}), 400),
    (request(USSD, {**DIALLED, "phoneNumber": ""}), 400),
    (request(DELIVERY, {**REPORTED, "id": ""}), 400),
    (request(DELIVERY, {**REPORTED, "status": ""}), 400),
]


@pytest.mark.parametrize(("asked", "status"), REFUSED)
def test_what_is_refused(asked, status):
    with pytest.raises(Refused) as refused:
        gateway().read(asked)
    assert refused.value.status == status
    assert not any(word in str(refused.value) for word in (SECRET, "855", "668", KHMER))


def test_half_a_letter_silences_nobody():
    body = b"id=m-1&from=%2B66812345678&text=help%E1%9E"
    assert gateway().read(Request("POST", SMS, f"secret={SECRET}", FORM, body)).text == "help\ufffd"


def test_without_a_secret_of_its_own_it_believes_nobody():
    with pytest.raises(Refused, match="wrong secret"):
        AfricasTalking("").read(request(SMS, RECEIVED, "secret="))


@given(st.sampled_from([SMS, USSD, DELIVERY]), st.binary(max_size=300), st.text(max_size=40))
def test_no_body_breaks_it(path, body, query):
    for asked in (Request("POST", path, f"secret={SECRET}", FORM, body), Request("POST", path, query, FORM, body)):
        try:
            gateway().read(asked)
        except Refused as refused:
            assert 400 <= refused.status < 500


def test_a_screen_is_open_or_the_last_one():
    screens = [Reply("1 បន្ត", "menu")], [Reply("Stopped", "stop", ends=True)]
    answers = [gateway().render(screen, 7) for screen in screens]
    assert [answer.body.decode() for answer in answers] == ["CON 1 បន្ត", "END Stopped"]
    assert {(answer.status, answer.content_type) for answer in answers} == {(200, "text/plain; charset=utf-8")}
    assert (gateway().render((), 0).status, gateway().render((), 0).body) == (200, b"")


def said(status: object = "Success", code: object = 101, message: object = "ATX1") -> bytes:
    first = {"statusCode": code, "number": WORKER, "status": status, "cost": "USD 0.01", "messageId": message}
    return json.dumps({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [first]}}).encode()


def test_what_is_posted():
    with listening(says(201, said())) as api:
        assert gateway(api_url=f"{api.url}/version1/messaging").send(TEXT) == Sent("ATX1")
        gateway(api_url=f"{api.url}/version1/messaging", sender=None).send(TEXT)
    first, second = api.asked
    assert (first.method, first.target) == ("POST", "/version1/messaging")
    assert first.form == {"username": ["sandbox"], "to": [WORKER], "message": [KHMER], "from": ["1280"]}
    assert (first.headers["apikey"], first.headers["accept"]) == ("a-key", "application/json")
    assert "from" not in second.form


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (says(200, said()), Sent("ATX1")),
        (says(201, said(code=100)), Sent("ATX1")),
        (says(201, said(status="Queued", code=102)), Sent("ATX1")),
        (says(201, said(message="None")), Sent(None)),
        (says(201, said(message=None)), Sent(None)),
    ],
)
def test_what_counts_as_taken(answer, sent):
    with listening(answer) as api:
        assert gateway(api_url=api.url).send(TEXT) == sent


NOT_TAKEN = [
    (says(201, said("InvalidPhoneNumber", 403, "None")), ("no", False, "bad_number")),
    (says(201, said("UnsupportedNumberType", 404, "None")), ("no", False, "bad_number")),
    (says(201, said("UserInBlacklist", 406, "None")), ("no", False, "opted_out")),
    (says(201, said("InsufficientBalance", 405, "None")), ("no", True, "credit")),
    (says(201, said("InvalidSenderId", 402, "None")), ("no", True, "config")),
    (says(201, said("RiskHold", 401, "None")), ("no", True, "config")),
    (says(201, said("CouldNotRoute", 407, "None")), ("no", False, "blocked")),
    (says(201, said("RejectedByGateway", 502, "None")), ("no", False, "blocked")),
    (says(201, said("InternalServerError", 500, "None")), ("no", True, "unknown")),
    (says(201, said("Else", 499, "None")), ("no", False, "unknown")),
    (says(201, said("Else", "101", "None")), ("no", False, "unknown")),
    (says(201, b'{"SMSMessageData":{"Message":"InvalidSenderId","Recipients":[]}}'), ("no", True, "config")),
    (says(201, b'{"SMSMessageData":{"Message":"InsufficientBalance","Recipients":[]}}'), ("no", True, "credit")),
    (says(201, b'{"SMSMessageData":{"Message":"+66812345678?","Recipients":[]}}'), ("no", True, "config")),
    (says(201, b'{"SMSMessageData":{}}'), ("no", True, "config")),
    (says(201, b"OK"), ("unknown", True, "unknown")),
    (says(201, b"[" * 60_000), ("unknown", True, "unknown")),
    (says(201, b'{"SMSMessageData":"ok"}'), ("unknown", True, "unknown")),
    (says(401, b"The supplied authentication is invalid"), ("no", True, "config")),
    (says(400, b"Missing parameter"), ("no", False, "unknown")),
    (says(429, b"", Retry_After="7"), ("no", True, "throttled")),
    (says(500), ("unknown", True, "unknown")),
    (hangs_up, ("unknown", True, "unknown")),
]


@pytest.mark.parametrize(("answer", "failure"), NOT_TAKEN)
def test_what_a_failure_means(answer, failure):
    with listening(answer) as api, pytest.raises(SendError) as error:
        gateway(api_url=api.url).send(TEXT)
    assert (error.value.sent, error.value.retry, error.value.cause) == failure
    assert not any(word in str(error.value) for word in ("6681", KHMER, "a-key"))


def test_how_long_to_wait():
    with listening(says(429, b"", Retry_After="7")) as api, pytest.raises(SendError) as error:
        gateway(api_url=api.url).send(TEXT)
    assert error.value.after == 7


def test_where_nobody_listens_nothing_was_sent():
    with nobody() as url, pytest.raises(SendError) as error:
        gateway(api_url=url).send(TEXT)
    assert (error.value.sent, error.value.cause) == ("no", "network")


def test_for_calls_alone_it_needs_no_key():
    channel = AfricasTalking(SECRET)
    assert not channel.traits.sends
    with pytest.raises(SendError) as error:
        channel.send(TEXT)
    assert (error.value.sent, error.value.cause) == ("no", "config")


def test_it_is_wired_from_the_settings():
    channel = wire(Settings(africastalking_secret=SECRET))
    assert channel.traits.display == Display(182, 80, None, "accumulated")
    assert (channel.traits.inline, channel.traits.reports, channel.traits.rate) == (False, True, None)
    more = {"ussd_letters": 160, "ussd_units": 70, "ussd_script": "en", "ussd_entry": "last", "rate": 5}
    settings = Settings(
        **{f"africastalking_{name}": value for name, value in more.items()},
        africastalking_secret=SECRET,
        africastalking_username="me",
        africastalking_api_key="key",
    )
    channel = wire(settings)
    assert channel.traits.display == Display(160, 70, "en", "last")
    assert (channel.traits.sends, channel.traits.rate) == (True, 5)
