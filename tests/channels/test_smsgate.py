"""An Android phone as gateway: its webhooks, its API, and a client of it that nobody here wrote."""

import hmac
import json
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

import pytest
from android_sms_gateway import APIClient, domain
from android_sms_gateway.enums import MessagePriority, ProcessState, WebhookEvent
from android_sms_gateway.http import HttpClient
from android_sms_gateway.webhooks import SmsBatchReceivedPayload, SmsReceivedPayload
from hypothesis import given
from hypothesis import strategies as st
from peer import Asked, drips, hangs_up, holds, listening, nobody, raw, says, then

from bot.channels import smsgate
from bot.channels.smsgate import WEBHOOK, SmsGate, wire
from bot.config import Settings
from bot.protocol import DeliveryReport, Ignored, Inbound, Outbound, Refused, Request, Response, SendError, Sent

KEY = "a-key-the-phone-made"
NOW = 1_795_340_000
WORKER = "+66812345678"
KHMER = "ជំនួយ ខ្ញុំនៅថៃ 👍"
TEXT = Outbound(42, "smsgate", WORKER, KHMER, 1)
TAKEN = says(202, b'{"id":"phlov-42","deviceId":"D","state":"Pending","recipients":[]}')


def phone(url: str = "http://127.0.0.1:9", **more: object) -> SmsGate:
    return SmsGate(url, "sms", "a-password", KEY, **{"clock": lambda: NOW, **more})


def webhook(event: object, payload: object, *, at: object = NOW, key: str = KEY, **more: object) -> Request:
    told = {"id": "evt", "webhookId": "w", "deviceId": "D", "event": event, "payload": payload, **more}
    return signed(json.dumps(told).encode(), at=at, key=key)


def signed(body: bytes, *, at: object = NOW, key: str = KEY) -> Request:
    """Signed by the rule of the documentation, not by our code."""
    stamp = str(at)
    signature = hmac.new(key.encode(), body + stamp.encode(), sha256).hexdigest()
    return Request("POST", WEBHOOK, "", {"x-signature": signature, "x-timestamp": stamp}, body)


def text(
    message: object = KHMER, sender: object = WORKER, at: object = "2026-11-22T17:10:00.000+07:00", **more: object
):
    return {"messageId": "8f1c", "message": message, "sender": sender, "simNumber": 1, "receivedAt": at, **more}


def test_a_text_comes_in():
    assert phone().read(webhook("sms:received", text())) == Inbound(
        "smsgate", WORKER, KHMER, phone().read(webhook("sms:received", text())).provider_id,
        datetime(2026, 11, 22, 10, 10, tzinfo=UTC),
    )  # fmt: skip


def test_older_phones_name_the_sender_otherwise():
    old = {"messageId": "8", "message": "a", "phoneNumber": WORKER, "receivedAt": "2026-11-22T10:10:00Z"}
    assert phone().read(webhook("sms:received", old)).sender == WORKER


SAME = {
    "another event": webhook("sms:received", text(), id="evt-2", webhookId="w2"),
    "another way in": webhook("sms:received", text(), deviceId="the-same-phone-by-the-cloud"),
    "another zone": webhook("sms:received", text(at="2026-11-22T10:10:00Z")),
    "finer time": webhook("sms:received", text(at="2026-11-22T10:10:00.417Z")),
    "another hash": webhook("sms:received", text(messageId="0", simNumber=None, recipient="+855")),
    "signed later": webhook("sms:received", text(), at=NOW + 40),
    "older field": webhook("sms:received", text(phoneNumber=WORKER)),
}
OTHER = {
    "a second later": webhook("sms:received", text(at="2026-11-22T17:10:01.000+07:00")),
    "another text": webhook("sms:received", text("1")),
    "another sender": webhook("sms:received", text(sender="+66812345679")),
    "run together": webhook("sms:received", text(f"8{KHMER}", WORKER[:-1])),
}


@pytest.mark.parametrize("again", SAME.values(), ids=SAME)
def test_a_text_is_known_again(again):
    assert phone().read(again).provider_id == phone().read(webhook("sms:received", text())).provider_id


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_another_text_is_another(other):
    assert phone().read(other).provider_id != phone().read(webhook("sms:received", text())).provider_id


def test_two_texts_with_the_hash_of_one_are_two():
    """`messageId` has 32 bits: "Aa" and "BB" have one hash in Java."""
    first, second = (phone().read(webhook("sms:received", text(said, messageId="840"))) for said in ("Aa", "BB"))
    assert first.provider_id != second.provider_id


def test_many_at_once():
    told = phone().read(webhook("sms:batch:received", {"messages": [text("a"), {"sender": "x"}, None, text("b")]}))
    assert [getattr(event, "text", None) for event in told] == ["a", None, None, "b"]
    alone = phone().read(webhook("sms:received", text("b")))
    assert told[3] == alone, "a text of a batch is the one that came alone"


@pytest.mark.parametrize(
    ("event", "more", "report"),
    [
        ("sms:sent", {"partsCount": 3}, ("sent", None)),
        ("sms:delivered", {}, ("delivered", None)),
        ("sms:cancelled", {}, ("canceled", None)),
        ("sms:failed", {"reason": "TTL expired"}, ("expired", "TTL expired")),
        ("sms:failed", {"reason": "Send result: RESULT_ERROR_NO_SERVICE"}, ("failed", "RESULT_ERROR_NO_SERVICE")),
        ("sms:failed", {"reason": f"Can't send message: Invalid phone number {WORKER}"}, ("failed", None)),
        ("sms:failed", {"reason": None}, ("failed", None)),
        ("sms:failed", {}, ("failed", None)),
    ],
)
def test_what_became_of_a_text(event, more, report):
    told = phone().read(webhook(event, {"messageId": "phlov-42", "phoneNumber": WORKER, **more}))
    assert told == DeliveryReport("smsgate", "phlov-42", report[0], 42, report[1])


def test_each_part_that_arrives_is_the_same_report():
    parts = {
        phone().read(webhook("sms:delivered", {"messageId": "phlov-42", "deliveredAt": f"2026-11-22T10:10:0{part}Z"}))
        for part in range(3)
    }
    assert len(parts) == 1


@pytest.mark.parametrize("name", ["zXDYfTmTVf3iMd16zzdBj", "phlov-", "phlov-0", "phlov-x", "phlov-1\n", 7, None, ["x"]])
def test_texts_that_others_send_with_the_phone_are_not_ours(name):
    assert phone().read(webhook("sms:sent", {"messageId": name})) == Ignored("smsgate")


@pytest.mark.parametrize(
    "event", ["system:ping", "app:started", "mms:received", "sms:data-received", "sms:new-thing", ""]
)
def test_other_events_ask_for_nothing(event):
    assert phone().read(webhook(event, {"health": {}})) == Ignored("smsgate")


def test_every_event_of_the_client_is_understood():
    for event in WebhookEvent:
        assert phone().read(webhook(event.value, {**text(), "messages": [text()], "messageId": "phlov-1"}))


@pytest.mark.parametrize("payload", [None, [], "x", 7, {"messages": 7}, {"messages": None}])
def test_what_is_no_text(payload):
    for event in ("sms:received", "sms:batch:received"):
        with pytest.raises(Refused) as refused:
            phone().read(webhook(event, payload))
        assert refused.value.status == 400


@pytest.mark.parametrize(
    "broken",
    [
        text(sender=None), text(sender=7), text(message=7), text(message=["x"]), text(at=None), text(at=7),
        text(at="yesterday"), text(at="0001-01-01T00:00:00+14:00"), text(at="9999-12-31T23:59:59-14:00"), {},
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_read(broken):
    with pytest.raises(Refused) as refused:
        phone().read(webhook("sms:received", broken))
    assert refused.value.status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b'{"event":7}', b"\xff\xfe", b"[" * 30_000, b"{}"])
def test_a_body_that_is_no_webhook(body):
    with pytest.raises(Refused) as refused:
        phone().read(signed(body))
    assert refused.value.status == 400


def test_too_many_at_once():
    with pytest.raises(Refused) as refused:
        phone().read(webhook("sms:batch:received", {"messages": [{}] * 201}))
    assert refused.value.status == 413


GOOD = webhook("sms:received", text())


def but(**headers: str) -> Mapping[str, str]:
    return {**GOOD.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, GOOD.body),
        ({"x-timestamp": str(NOW)}, GOOD.body),
        ({"x-signature": GOOD.headers["x-signature"]}, GOOD.body),
        (but(x_signature=""), GOOD.body),
        (but(x_signature="0" * 64), GOOD.body),
        (but(x_signature="é" * 64), GOOD.body),
        (but(x_timestamp=str(NOW + 1)), GOOD.body),
        (but(x_timestamp=f"{NOW} "), GOOD.body),
        (GOOD.headers, GOOD.body + b" "),
        (GOOD.headers, GOOD.body[:-1]),
        (GOOD.headers, b""),
        (webhook("sms:received", text(), key="another").headers, GOOD.body),
        (webhook("sms:received", text(), key="").headers, GOOD.body),
    ],
)
def test_a_wrong_signature(headers, body):
    with pytest.raises(Refused, match="wrong signature") as refused:
        phone().read(Request("POST", WEBHOOK, "", headers, body))
    assert refused.value.status == 403


def test_a_signature_in_capitals_is_the_same():
    headers = but(x_signature=GOOD.headers["x-signature"].upper())
    assert isinstance(phone().read(Request("POST", WEBHOOK, "", headers, GOOD.body)), Inbound)


@pytest.mark.parametrize("away", [-301, 301, 86_400, -NOW])
def test_old_and_future_webhooks_are_refused(away):
    with pytest.raises(Refused, match="by the phone's clock") as refused:
        phone().read(webhook("sms:received", text(), at=NOW + away))
    assert refused.value.status == 403
    assert isinstance(phone(window=0).read(webhook("sms:received", text(), at=NOW + away)), Inbound)


@pytest.mark.parametrize("away", [-300, 0, 300])
def test_within_the_window(away):
    assert isinstance(phone().read(webhook("sms:received", text(), at=NOW + away)), Inbound)


@pytest.mark.parametrize("stamp", ["", "-5", "1e9", "soon", "²", "9" * 13])
def test_a_time_that_is_none(stamp):
    with pytest.raises(Refused):
        phone(window=0).read(webhook("sms:received", text(), at=stamp))


@given(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=70))
def test_nothing_unsigned_is_ever_read(body, stamp, signature):
    with pytest.raises(Refused):
        phone().read(Request("POST", WEBHOOK, "", {"x-signature": signature, "x-timestamp": stamp}, body))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([event.value for event in WebhookEvent]), json_values)
def test_whatever_is_signed_is_read_or_refused(event, payload):
    told = json.dumps({"event": event, "payload": payload}).encode()
    try:
        assert phone().read(signed(told)) is not None
    except Refused as refused:
        assert refused.status == 400


def test_the_answer_to_a_webhook_is_empty():
    assert phone().render((), 0) == Response(200)


# Sending


def sent_to(peer_asked: list[Asked]) -> dict:
    (asked,) = peer_asked
    return json.loads(asked.body)


def test_a_text_is_handed_over():
    with listening(TAKEN) as peer:
        assert phone(peer.url).send(TEXT) == Sent("phlov-42")
    assert sent_to(peer.asked) == {
        "id": "phlov-42",
        "textMessage": {"text": KHMER},
        "phoneNumbers": [WORKER],
        "withDeliveryReport": True,
        "priority": 0,
    }
    assert peer.asked[0].target == "/messages?skipPhoneValidation=true"
    assert peer.asked[0].headers["authorization"] == "Basic c21zOmEtcGFzc3dvcmQ="
    assert peer.asked[0].headers["content-type"] == "application/json"


def test_by_its_server():
    with listening(TAKEN) as peer:
        assert phone(f"{peer.url}/3rdparty/v1").send(TEXT) == Sent("phlov-42")
    assert peer.asked[0].path == "/3rdparty/v1/messages"


def outbound(**more: object) -> Outbound:
    return Outbound(**{"id": 42, "channel": "smsgate", "recipient": WORKER, "text": KHMER, "parts": 1, **more})


@pytest.mark.parametrize(("priority", "theirs"), [(0, 127), (1, 0), (2, -64), (3, -64)])
def test_an_emergency_overtakes_what_the_phone_has(priority, theirs):
    with listening(TAKEN) as peer:
        phone(peer.url).send(outbound(priority=priority))
    assert sent_to(peer.asked)["priority"] == theirs
    assert (theirs >= MessagePriority.BYPASS_THRESHOLD) == (priority == 0)


@pytest.mark.parametrize(("seconds", "ttl"), [(3600, 3600), (90.9, 90), (1, 5)])
def test_the_phone_drops_what_nobody_wants_any_more(seconds, ttl):
    with listening(TAKEN) as peer:
        phone(peer.url, sim=2).send(outbound(valid_until=datetime.fromtimestamp(NOW + seconds, UTC)))
    assert (sent_to(peer.asked)["ttl"], sent_to(peer.asked)["simNumber"]) == (ttl, 2)


def test_a_text_whose_time_is_over_is_not_sent():
    with listening(TAKEN) as peer, pytest.raises(SendError) as failure:
        phone(peer.url).send(outbound(valid_until=datetime.fromtimestamp(NOW, UTC)))
    assert peer.asked == []
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (False, "no", "expired")


def test_a_text_it_has_is_sent():
    with listening(says(409, b'{"message":"conflict"}')) as peer:
        assert phone(peer.url).send(TEXT) == Sent("phlov-42")


def test_an_older_phone_that_breaks_over_a_text_it_has():
    with listening(says(500, b'{"message":"UNIQUE constraint failed"}'), TAKEN) as peer:
        peer_says = phone(peer.url)
        with pytest.raises(SendError) as failure:
            peer_says.send(TEXT)
    assert failure.value.sent == "unknown", "202 is no answer to a question"
    with listening(says(500), says(200, b'{"id":"phlov-42","state":"Sent"}')) as peer:
        assert phone(peer.url).send(TEXT) == Sent("phlov-42")
    assert [asked.method for asked in peer.asked] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("second", "passed", "asked"), [(hangs_up, 1.0, 2), (says(200, b'{"id":"phlov-42"}'), 99.0, 1)]
)
def test_an_older_phone_that_breaks_and_does_not_say(monkeypatch, second, passed, asked):
    """Nor is it asked when no time is left for it."""
    times = iter((0.0, passed))
    monkeypatch.setattr(smsgate, "monotonic", lambda: next(times))
    with listening(says(500), second) as peer, pytest.raises(SendError) as failure:
        phone(peer.url).send(TEXT)
    assert (len(peer.asked), failure.value.retry, failure.value.sent) == (asked, True, "unknown")


@pytest.mark.parametrize(
    ("behaviour", "retry", "sent", "cause"),
    [
        (says(400, b'{"message":"Text message is empty"}'), False, "no", "unknown"),
        (says(400, b'{"message":"no devices found"}'), True, "no", "network"),
        (says(401), True, "no", "config"),
        (says(403), True, "no", "config"),
        (says(404), True, "no", "config"),
        (says(302, Location="http://portal.example/"), True, "no", "config"),
        (says(429, Retry_After="7"), True, "no", "throttled"),
        (says(500), True, "unknown", "unknown"),
        (says(502, b"<html>"), True, "unknown", "unknown"),
        (says(503, b'{"message":"too many pending messages: 9 / 5"}'), True, "no", "network"),
        (says(503, b'{"message":"too old pending message: 2026"}'), True, "no", "network"),
        (says(503), True, "unknown", "unknown"),
        (says(200, b"<html>Welcome to the hotel</html>"), True, "unknown", "unknown"),
        (says(200), True, "unknown", "unknown"),
        (says(202, b"[]"), True, "unknown", "unknown"),
        (says(202, b'{"id":"phlov-43"}'), True, "unknown", "unknown"),
        (says(202, b"[" * 30_000), True, "unknown", "unknown"),
        (hangs_up, True, "unknown", "unknown"),
        (then(raw(b"HTTP/1.1 202 Accepted\r\nContent-Length: 99\r\n\r\n{"), hangs_up), True, "unknown", "unknown"),
    ],
)
def test_what_an_answer_means(behaviour, retry, sent, cause):
    with listening(behaviour, says(404)) as peer, pytest.raises(SendError) as failure:
        phone(peer.url).send(TEXT)
    assert [asked.method for asked in peer.asked].count("POST") == 1, "a text must not be posted twice"
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (retry, sent, cause)
    assert WORKER[1:] not in str(failure.value)


@pytest.mark.parametrize(
    "behaviour", [holds, drips(b"HTTP/1.1 202 Accepted\r\nContent-Length: 40\r\n\r\n" + b"x" * 40, 0.02)]
)
def test_an_answer_that_does_not_come_in_time(behaviour):
    with listening(behaviour) as peer, pytest.raises(SendError) as failure:
        gate = phone(peer.url)
        object.__setattr__(gate.traits, "timeout", 0.3)
        gate.send(TEXT)
    assert (failure.value.retry, failure.value.sent) == (True, "unknown")


def test_a_phone_that_is_away():
    with nobody() as url, pytest.raises(SendError) as failure:
        phone(url).send(TEXT)
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (True, "no", "network")


def test_a_phone_on_the_lan_is_reached_without_internet(monkeypatch):
    """No name is asked for, and nothing but the phone is spoken to."""
    resolve = socket.getaddrinfo

    def only_numbers(*given, flags=0, **more):
        assert flags & socket.AI_NUMERICHOST
        return resolve(*given, flags=flags, **more)

    monkeypatch.setattr(socket, "getaddrinfo", only_numbers)
    with listening(TAKEN) as peer:
        assert phone(peer.url).send(TEXT) == Sent("phlov-42")


# Asking


def test_what_became_of_a_text_nobody_knows():
    with listening(says(200, b'{"id":"phlov-42","state":"Pending"}')) as peer:
        assert phone(peer.url).ask(TEXT) == Sent("phlov-42")
    assert (peer.asked[0].method, peer.asked[0].target) == ("GET", "/messages/phlov-42")
    with listening(says(404)) as peer:
        assert phone(peer.url).ask(TEXT) is None


@pytest.mark.parametrize("behaviour", [says(500), says(401), says(200, b"junk"), says(200, b'{"id":"x"}'), hangs_up])
def test_a_phone_that_does_not_say(behaviour):
    with listening(behaviour) as peer, pytest.raises(SendError) as failure:
        phone(peer.url).ask(TEXT)
    assert (failure.value.retry, failure.value.sent) == (True, "unknown")


# How it is


def health(**checks: tuple[str, object]) -> bytes:
    found = {
        name.replace("_", ":"): {"status": status, "observedValue": seen} for name, (status, seen) in checks.items()
    }
    return json.dumps({"status": "fail", "checks": found}).encode()


def at(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("behaviour", "problem", "gauges"),
    [
        (says(200, health(battery_level=("pass", 94)), Date=at(2)), None, {"battery": 94, "clock_difference": 2}),
        (says(500, health(connection_status=("fail", 0)), Date=at(0)), None, {"clock_difference": 0}),
        (says(500, health(battery_level=("fail", 4))), "are wrong: battery:level", {"battery": 4}),
        (says(500, health(messages_failed=("fail", 9))), "are wrong: messages:failed", {}),
        (says(200, health(), Date=at(-7200)), "120 minutes apart; its texts are refused", {"clock_difference": -7200}),
        (says(200, b"junk", Date="soon"), None, {}),
        (says(200, b'{"checks": []}'), None, {}),
        (says(200, health(battery_level=("pass", 10**400)), Date="Sun, 22 Nov 2026 09:00:00 +9999999999999"), None, {}),
        (says(500), None, {}),
        (says(401), "answered HTTP 401", {}),
        (hangs_up, "no whole answer", {}),
    ],
)
def test_how_the_phone_is(behaviour, problem, gauges):
    with listening(behaviour) as peer:
        condition = phone(peer.url).condition()
    assert dict(condition.gauges) == gauges
    assert condition.problem is None if problem is None else problem in condition.problem


def test_a_phone_without_a_clock_is_no_problem_where_none_is_asked_for():
    with listening(says(200, health(), Date=at(-7200))) as peer:
        assert phone(peer.url, window=0).condition().problem is None
    with nobody() as url:
        found = phone(url).condition()
    assert "cannot be reached" in found.problem
    assert found.dead


def test_wired_by_the_settings():
    with listening(TAKEN) as peer:
        gate = wire(
            Settings(
                smsgate_url=peer.url, smsgate_user="u", smsgate_password="p", smsgate_signing_key=KEY, smsgate_sim=1
            )
        )
        gate.send(TEXT)
    assert (gate.traits.rate, gate.traits.dedupes, gate.traits.reports) == (20 / 60, True, True)
    assert sent_to(peer.asked)["simNumber"] == 1


# A client of SMSGate that nobody here wrote, and the server it was written for


class Wire(HttpClient):
    """The client's own wire, over the standard library: what it would send, and what it reads."""

    def __init__(self) -> None:
        self.posted: list[dict] = []

    def post(self, url, payload, *, headers=None):
        self.posted.append(payload)
        return {"id": payload["id"], "state": "Pending", "recipients": []}

    get = get_bytes = put = patch = delete = None


def test_the_client_sends_what_we_send():
    theirs = Wire()
    client = APIClient("sms", "a-password", base_url="http://phone", http=theirs)
    client.send(
        domain.Message(
            id="phlov-42", phone_numbers=[WORKER], text_message=domain.TextMessage(KHMER),
            with_delivery_report=True, ttl=3600, sim_number=2, priority=MessagePriority.MAXIMUM,
        )
    )  # fmt: skip
    with listening(TAKEN) as peer:
        until = datetime.fromtimestamp(NOW + 3600, UTC)
        phone(peer.url, sim=2).send(outbound(priority=0, valid_until=until))
    (wanted,) = theirs.posted
    assert {**sent_to(peer.asked), "isEncrypted": False} == wanted
    assert peer.asked[0].headers["authorization"] == client.headers["Authorization"]


def test_the_client_reads_what_we_read():
    payload = text()
    read = domain.MessageState.from_dict({"id": "phlov-42", "state": "Sent", "recipients": []})
    assert (read.id, read.state) == ("phlov-42", ProcessState.Sent)
    ours = phone().read(webhook(WebhookEvent.SMS_RECEIVED.value, payload))
    theirs = SmsReceivedPayload.from_dict({**payload, "phoneNumber": WORKER})
    assert (ours.sender, ours.text, ours.received_at) == (theirs.sender, theirs.message, theirs.received_at)
    batch = {"messages": [{**text(str(row)), "phoneNumber": WORKER} for row in range(3)]}
    both = zip(
        phone().read(webhook(WebhookEvent.SMS_BATCH_RECEIVED.value, batch)),
        SmsBatchReceivedPayload.from_dict(batch).messages,
        strict=True,
    )
    assert all((mine.text, mine.sender) == (other.message, other.sender) for mine, other in both)
