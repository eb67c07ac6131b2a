"""Any HTTP gateway by its description: the three examples, and what goes wrong with each."""

import base64
import gc
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peer import drips, hangs_up, holds, listening, nobody, raw, says, then

from bot.channels import Traits, aggregator
from bot.channels.aggregator import REPORT, SMS, Aggregator, wire
from bot.config import Settings
from bot.conversation.session import Reply
from bot.protocol import DeliveryReport, Ignored, Inbound, Outbound, Refused, Request, Response, SendError, Sent
from bot.text.sms import segments

EXAMPLES = Path(__file__).parents[2] / "deploy" / "aggregators"
WORKER = "+66812345678"
KHMER = "ជំនួយ ខ្ញុំនៅថៃ"
LONG = "ហៅលេខនេះ ដោយមិនអស់ប្រាក់ " * 9
HOOK = "hook-secret"
TEXT = Outbound(42, "aggregator", WORKER, KHMER, 1)


def wired(name: str, url: str, tmp_path: Path, change=lambda text: text) -> Aggregator:
    """An example, its host replaced by ours."""
    written = (EXAMPLES / f"{name}.toml").read_text()
    file = tmp_path / f"{name}.toml"
    file.write_text(change(re.sub(r'(url = ")https?://[^/"]+', rf"\g<1>{url}", written)))
    return wire(
        Settings(
            aggregator_file=str(file), aggregator_number="+85512345678", aggregator_user="us&er",
            aggregator_secret="s3cret", aggregator_webhook_secret=HOOK,
        )
    )  # fmt: skip


@pytest.fixture
def made(tmp_path):
    return lambda name, url="http://127.0.0.1:9", **more: wired(name, url, tmp_path, **more)


# Sending by the examples

TAKEN = {
    "form": says(201, b'{"Recipients":[{"status": "Success","messageId":"ATX1"}]}'),
    "json": says(200, b'{"messages":[{"messageId":"42","status":{"groupName":"PENDING"}}]}'),
    "get": says(200, b"OK: 9f-1"),
}
NAMES = {"form": "ATX1", "json": "42", "get": "9f-1"}


@pytest.mark.parametrize("name", TAKEN)
def test_a_text_is_taken_and_named(made, name):
    with listening(TAKEN[name]) as peer:
        assert made(name, peer.url).send(TEXT) == Sent(NAMES[name])
    assert len(peer.asked) == 1


def test_a_form(made):
    with listening(TAKEN["form"]) as peer:
        made("form", peer.url).send(TEXT)
    (asked,) = peer.asked
    assert (asked.method, asked.target) == ("POST", "/v1/messaging")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["apikey"] == "s3cret"
    assert asked.form == {
        "username": ["us&er"], "to": [WORKER], "from": ["+85512345678"], "message": [KHMER], "clientRef": ["42"],
    }  # fmt: skip


@pytest.mark.parametrize(("text", "dcs"), [(KHMER, 8), ("help", 0)])
def test_json(made, text, dcs):
    with listening(TAKEN["json"]) as peer:
        made("json", peer.url).send(Outbound(42, "aggregator", WORKER, text, 1))
    (asked,) = peer.asked
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == "App s3cret"
    assert json.loads(asked.body) == {
        "messages": [
            {"from": "Phlov", "destinations": [{"to": WORKER[1:], "messageId": "42"}], "text": text, "dcs": dcs}
        ]
    }


def test_an_address(made):
    with listening(TAKEN["get"]) as peer:
        gateway = made("get", peer.url)
        gateway.send(TEXT)
        gateway.send(Outbound(43, "aggregator", WORKER, "help", 1))
    khmer, english = peer.asked
    assert (khmer.method, khmer.path, khmer.body) == ("GET", "/push", b"")
    always = {"user": ["us&er"], "pass": ["s3cret"], "sender": ["1280"], "dest": [WORKER[1:]], "udh": [""]}
    assert khmer.query == {
        **always, "ref": ["42-1"], "text": [KHMER.encode("utf-16-be").hex().upper()], "type": ["unicode"],
    }  # fmt: skip
    assert english.query == {**always, "ref": ["43-1"], "text": ["help"]}


def test_parts_with_a_header(made):
    with listening(TAKEN["get"]) as peer:
        assert made("get", peer.url).send(Outbound(0x1AB, "aggregator", WORKER, LONG, 4)) == Sent("9f-1")
    cut = segments(LONG).parts
    assert len(cut) == len(peer.asked) == 4
    assert [bytes.fromhex(asked.query["text"][0]).decode("utf-16-be") for asked in peer.asked] == list(cut)
    assert all(len(asked.query["text"][0]) <= 67 * 4 for asked in peer.asked)
    assert [asked.query["udh"][0] for asked in peer.asked] == [f"050003AB040{part}" for part in (1, 2, 3, 4)]
    assert [asked.query["ref"][0] for asked in peer.asked] == [f"427-{part}" for part in (1, 2, 3, 4)]


def test_a_part_that_went_is_not_sent_again_because_the_next_one_failed(made):
    refused = says(200, b"ERR 105 no credit")
    with listening(TAKEN["get"], TAKEN["get"], refused, TAKEN["get"]) as peer:
        gateway = made("get", peer.url)
        with pytest.raises(SendError) as failure:
            gateway.send(Outbound(42, "aggregator", WORKER, LONG, 4))
        assert (failure.value.begin, failure.value.sent, failure.value.cause) == (2, "no", "credit")
        gateway.send(Outbound(42, "aggregator", WORKER, LONG, 4, begin=failure.value.begin))
    assert [asked.query["ref"][0] for asked in peer.asked] == ["42-1", "42-2", "42-3", "42-3", "42-4"]
    assert len({asked.query["udh"][0][6:8] for asked in peer.asked}) == 1, "all parts are of one text"


def test_the_part_whose_outcome_is_unknown_is_named(made):
    with listening(TAKEN["get"], hangs_up) as peer, pytest.raises(SendError) as failure:
        made("get", peer.url).send(Outbound(42, "aggregator", WORKER, LONG, 4))
    assert (failure.value.begin, failure.value.sent) == (1, "unknown")


def test_all_parts_have_one_deadline(made):
    late = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nOK: 9f1", 0.02)
    for _ in range(5):
        with listening(late) as peer, pytest.raises(SendError) as failure:
            gateway = made("get", peer.url)
            gateway.traits = Traits(timeout=1.5)
            gateway.send(Outbound(42, "aggregator", WORKER, LONG, 4))
        if failure.value.begin:
            break  # else the machine stood still so long that not one part was through
    assert failure.value.retry
    assert failure.value.begin == len(peer.asked) - (failure.value.sent == "unknown") > 0


def test_nothing_is_left_to_send(made):
    with listening(TAKEN["get"]) as peer:
        assert made("get", peer.url).send(Outbound(42, "aggregator", WORKER, LONG, 4, begin=4)) == Sent(None)
    assert peer.asked == []


def test_parts_without_a_header(made):
    with listening(TAKEN["form"]) as peer:
        plain = made(
            "form", peer.url, change=lambda toml: toml.replace("[send.form]", 'concatenation = "none"\n[send.form]')
        )
        plain.send(Outbound(42, "aggregator", WORKER, LONG, 4))
    assert [asked.form["message"][0] for asked in peer.asked] == list(segments(LONG).parts)


def test_a_text_whose_time_is_over_is_not_sent(made):
    over = Outbound(42, "aggregator", WORKER, "a", 1, valid_until=datetime.now(UTC) - timedelta(seconds=1))
    with listening(TAKEN["form"]) as peer, pytest.raises(SendError) as failure:
        made("form", peer.url).send(over)
    assert peer.asked == []
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (False, "no", "expired")


@pytest.mark.parametrize(
    ("name", "behaviour", "retry", "sent", "cause"),
    [
        ("form", says(201, b'{"status":"UserInBlacklist"}'), False, "no", "opted_out"),
        ("form", says(201, b'{"status":"InvalidPhoneNumber"}'), False, "no", "bad_number"),
        ("form", says(201, b'{"status":"InsufficientBalance"}'), True, "no", "credit"),
        ("form", says(201, b'{"status":"Queued"}'), True, "unknown", "unknown"),
        ("form", says(201, b"<html>Welcome</html>"), True, "unknown", "unknown"),
        ("form", says(201), True, "unknown", "unknown"),
        ("form", says(200, b'"status":"Success"'), True, "unknown", "unknown"),
        ("form", says(302, Location="http://portal/"), True, "no", "config"),
        ("form", says(400), False, "no", "unknown"),
        ("form", says(401), True, "no", "config"),
        ("form", says(429), True, "no", "throttled"),
        ("form", says(500), True, "unknown", "unknown"),
        ("form", hangs_up, True, "unknown", "unknown"),
        ("form", then(raw(b"HTTP/1.1 201 X\r\nContent-Length: 9\r\n\r\n{"), hangs_up), True, "unknown", "unknown"),
        ("json", says(200, b'{"name":"REJECTED_NOT_ENOUGH_CREDITS"}'), True, "no", "credit"),
        ("json", says(200, b'{"name":"REJECTED_SENDER"}'), True, "no", "config"),
        ("json", says(200, b'{"name":"REJECTED_DESTINATION"}'), False, "no", "bad_number"),
        ("json", says(200, b"[" * 30_000), True, "unknown", "unknown"),
        ("get", says(200, b"ERR 101"), True, "no", "config"),
        ("get", says(200, b"ERR 105"), True, "no", "credit"),
        ("get", says(200, b"ERR 110"), False, "no", "bad_number"),
        ("get", says(200, b"ERR 120"), True, "no", "throttled"),
        ("get", says(200, b"ERR 999"), True, "unknown", "unknown"),
        ("get", says(200, b"\xff\xfe"), True, "unknown", "unknown"),
    ],
)  # fmt: skip
def test_what_an_answer_means(made, name, behaviour, retry, sent, cause):
    with listening(behaviour) as peer, pytest.raises(SendError) as failure:
        made(name, peer.url).send(TEXT)
    assert len(peer.asked) == 1, "a text must not be posted twice"
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (retry, sent, cause)
    assert WORKER[1:] not in str(failure.value)
    assert "s3cret" not in str(failure.value)


@pytest.mark.parametrize(
    ("answer", "after"), [(says(429, Retry_After="7"), 7), (says(200, b"ERR 120", Retry_After="9"), 9)]
)
def test_how_long_it_wants_peace(made, answer, after):
    with listening(answer) as peer, pytest.raises(SendError) as failure:
        made("get", peer.url).send(TEXT)
    assert failure.value.after == after


def test_a_text_it_has_is_sent(made):
    with listening(says(400, b'{"name":"DUPLICATE_MESSAGE_ID"}')) as peer:
        gateway = made("json", peer.url)
        assert gateway.send(TEXT) == Sent(None)
    assert gateway.traits.dedupes


@pytest.mark.parametrize("behaviour", [holds, drips(b"HTTP/1.1 201 X\r\nContent-Length: 90\r\n\r\n" + b"x" * 90, 0.02)])
def test_an_answer_that_does_not_come_in_time(made, behaviour):
    with listening(behaviour) as peer, pytest.raises(SendError) as failure:
        gateway = made("form", peer.url)
        gateway.traits = Traits(timeout=0.3)
        gateway.send(TEXT)
    assert (failure.value.retry, failure.value.sent) == (True, "unknown")


def test_nobody_listens(made):
    with nobody() as url, pytest.raises(SendError) as failure:
        made("form", url).send(TEXT)
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (True, "no", "network")


def test_a_failure_the_file_calls_unknown(made):
    words = '[[send.errors]]\nstatus = [409]\ncause = "unknown"\nsent = "unknown"\n[webhook]'
    with listening(says(409), says(400)) as peer:
        gateway = made("form", peer.url, change=lambda toml: toml.replace("[webhook]", words))
        for outcome in ((True, "unknown"), (False, "no")):
            with pytest.raises(SendError) as failure:
                gateway.send(TEXT)
            assert (failure.value.retry, failure.value.sent) == outcome


def test_success_without_a_name(made):
    with listening(says(201, b'{"status":"Success"}'), says(201, b'"status":"Success"')) as peer:
        gateway = made("form", peer.url)
        assert gateway.send(TEXT) == Sent(None)
        assert gateway.send(TEXT) == Sent(None)


def test_a_gateway_that_gives_no_names(made):
    nameless = re.compile(r"^id_json = .*$", re.MULTILINE)
    with listening(TAKEN["form"]) as peer:
        assert made("form", peer.url, change=lambda toml: nameless.sub("", toml, count=1)).send(TEXT) == Sent(None)


def test_no_time_is_left(made):
    with listening(TAKEN["get"]) as peer, pytest.raises(SendError) as failure:
        gateway = made("get", peer.url)
        gateway.traits = Traits(timeout=0)
        gateway.send(Outbound(42, "aggregator", WORKER, LONG, 4, begin=2))
    assert peer.asked == []
    assert (failure.value.begin, failure.value.retry, failure.value.sent) == (2, True, "no")


def test_a_name_alone_is_success_if_nothing_else_is_asked_for(made):
    only = re.compile(r"pattern = '\^OK'\n")
    with listening(TAKEN["get"], says(200, b"well")) as peer:
        gateway = made("get", peer.url, change=lambda toml: only.sub("", toml, count=1))
        assert gateway.send(TEXT) == Sent("9f-1")
        with pytest.raises(SendError) as failure:
            gateway.send(TEXT)
    assert failure.value.sent == "unknown"


def test_a_header_of_the_file_comes_before_ours(made):
    own = 'headers = { Content-Type = "application/x-www-form-urlencoded; charset=utf-8", X-Id = "{id}",'
    with listening(TAKEN["form"]) as peer:
        made("form", peer.url, change=lambda toml: toml.replace("headers = {", own)).send(TEXT)
    assert peer.asked[0].headers["content-type"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert peer.asked[0].headers["x-id"] == "42"


def test_traits(made):
    by_form, by_get = made("form").traits, made("get").traits
    assert (by_form.rate, by_form.lanes, by_form.reports, by_form.inline, by_form.dedupes) == (
        10,
        4,
        True,
        False,
        False,
    )
    assert (by_get.rate, by_get.lanes, by_get.thanks) == (1, 1, Response(200, b"OK"))


# Webhooks


def by_form(fields, path=SMS, token=HOOK):
    return Request("POST", path, urlencode({"token": token}), {}, urlencode(fields).encode())


def by_query(fields, path=SMS, key=HOOK):
    return Request("GET", path, urlencode({"key": key, **fields}), {}, b"")


def by_json(told, path=SMS, key=HOOK):
    body = json.dumps(told).encode()
    return Request(
        "POST", path, "", {"x-hub-signature": "sha256=" + hmac.new(key.encode(), body, "sha256").hexdigest()}, body
    )


FORM = {"from": WORKER, "to": "1280", "text": KHMER, "id": "M1", "date": "2026-11-22T10:10:00Z", "linkId": "x"}
QUERY = {"msisdn": WORKER[1:], "shortcode": "1280", "msg": "help", "time": "2026-11-22 10:10:00"}
JSON = {"messageId": "M1", "from": WORKER[1:], "to": "1280", "text": KHMER, "receivedAt": "2026-11-22T17:10:00+07:00"}
AT = datetime(2026, 11, 22, 10, 10, tzinfo=UTC)


def test_a_text_by_form(made):
    assert made("form").read(by_form(FORM)) == Inbound("aggregator", WORKER, KHMER, "M1", AT)


def test_an_empty_text_is_one(made):
    assert made("form").read(by_form({**FORM, "text": ""})).text == ""


def test_texts_by_json(made):
    told = made("json").read(by_json({"results": [JSON, {**JSON, "messageId": "M2", "text": "1"}], "messageCount": 2}))
    assert told == (
        Inbound("aggregator", WORKER, KHMER, "M1", AT),
        Inbound("aggregator", WORKER, "1", "M2", AT),
    )


def test_a_text_by_query(made):
    gateway = made("get")
    plain = gateway.read(by_query(QUERY))
    hexed = gateway.read(by_query({**QUERY, "msg": KHMER.encode("utf-16-be").hex(), "type": "unicode"}))
    assert (plain.sender, plain.text, plain.received_at) == (WORKER, "help", AT)
    assert (hexed.text, hexed.sender) == (KHMER, WORKER)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"type": "text", "extra": "1"}, True),
        ({"time": "2026-11-22 10:10:01"}, False),
        ({"msg": "help "}, False),
        ({"msisdn": "66812345679"}, False),
        ({"shortcode": "1281"}, False),
    ],
)
def test_a_text_without_a_name_is_known_by_itself(made, change, same):
    gateway = made("get")
    first, again = gateway.read(by_query(QUERY)), gateway.read(by_query({**QUERY, **change}))
    assert (first.provider_id == again.provider_id) == same


def test_a_text_without_name_and_date_is_known_for_a_while(made, monkeypatch):
    only = lambda toml: toml.replace('date = "time" ', "window = 10\n#")  # noqa: E731
    gateway, now = made("get", change=only), [1000.0]
    monkeypatch.setattr(aggregator, "time", lambda: now[0])
    names = []
    for now[0] in (1000.0, 1009.0, 1010.0):
        names.append(gateway.read(by_query(QUERY)).provider_id)
    assert names[0] == names[1] != names[2]


def test_a_text_that_lacks_what_names_it(made):
    for lacking in ({**QUERY, "time": ""}, {name: QUERY[name] for name in ("msisdn", "msg")}):
        with pytest.raises(Refused, match="without id and date"):
            made("get").read(by_query(lacking))
    long = made("form").read(by_form({**FORM, "id": "x" * 500}))
    assert len(long.provider_id) == 64


@pytest.mark.parametrize(
    ("sender", "read"),
    [(WORKER, WORKER), (WORKER[1:], WORKER), (f" {WORKER[1:]}", WORKER), ("012345678", "012345678"), ("Smart", "Smart"),
     ("1280", "1280")],
)  # fmt: skip
def test_who_it_is_from(made, sender, read):
    assert made("form").read(by_form({**FORM, "from": sender})).sender == read


@pytest.mark.parametrize(
    ("date", "form", "read"),
    [
        ("1795342200", "unix", AT), ("1795342200000", "unix_ms", AT), ("2026-11-22T10:10:00", "iso", AT),
        ("22.11.2026 10:10", "%d.%m.%Y %H:%M", AT), ("soon", "iso", None), ("9" * 30, "unix", None), ("", "iso", None),
    ],
)  # fmt: skip
def test_when_it_came(made, date, form, read):
    gateway = made("form", change=lambda toml: toml.replace('date = "date"', f'date = "date"\ndate_form = "{form}"'))
    at = gateway.read(by_form({**FORM, "date": date})).received_at
    assert at == read if read else abs(at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("form", by_form(FORM, token="wrong")), ("form", by_form(FORM, token="")), ("form", by_form(FORM, token="é")),
        ("form", Request("POST", SMS, "", {}, urlencode(FORM).encode())),
        ("form", Request("POST", SMS, "", {"token": HOOK}, urlencode({**FORM, "token": HOOK}).encode())),
        ("form", Request("POST", SMS, f"token={HOOK}&token=x", {}, urlencode(FORM).encode())),
        ("get", by_query(QUERY, key="wrong")),
        ("json", by_json({"results": [JSON]}, key="wrong")),
        ("json", Request("POST", SMS, "", {}, json.dumps({"results": [JSON]}).encode())),
        ("json", Request("POST", SMS, "", by_json({"results": [JSON]}).headers, json.dumps({"results": []}).encode())),
    ],
)  # fmt: skip
def test_a_wrong_secret(made, name, request_):
    with pytest.raises(Refused, match="wrong secret") as refused:
        made(name).read(request_)
    assert refused.value.status == 403


@pytest.mark.parametrize("report", [False, True])
def test_an_aggregator_that_only_sends(tmp_path, report):
    file = tmp_path / "a.toml"
    file.write_text((EXAMPLES / "form.toml").read_text().split("[webhook]")[0])
    gateway = wire(
        Settings(aggregator_file=str(file), aggregator_number="1", aggregator_user="u", aggregator_secret="s")
    )
    with pytest.raises(Refused) as refused:
        gateway.read(by_form(FORM, path=REPORT if report else SMS))
    assert refused.value.status == 404


def test_a_webhook_that_is_not_described(made):
    gateway = made("form", change=lambda toml: toml.split("[report]")[0])
    with pytest.raises(Refused) as refused:
        gateway.read(by_form(FORM, path=REPORT))
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("form", by_form({**FORM, "from": ""})), ("form", by_form({"text": "a", "id": "1"})), ("form", by_form({})),
        ("form", by_form({"from": WORKER, "id": "1"})), ("json", by_json({"results": [{**JSON, "text": None}]})),
        ("form", Request("POST", SMS, f"token={HOOK}", {}, b"from=%2B66812345678&text=a&text=b&id=1")),
        ("form", Request("POST", SMS, f"token={HOOK}", {}, b"from=%FF")),
        ("form", Request("POST", SMS, f"token={HOOK}", {}, "from=é".encode())),
        ("form", Request("POST", SMS, f"token={HOOK}", {}, b"a=1&" * 200)),
        ("form", Request("POST", SMS, "token=%FF", {}, b"")),
        ("get", by_query({**QUERY, "type": "unicode", "msg": "xy"})),
        ("json", by_json({"results": []})), ("json", by_json({"results": {}})), ("json", by_json({})),
        ("json", by_json(7)), ("json", by_json({"results": [{**JSON, "text": True}]})),
        ("json", by_json({"results": [{**JSON, "from": ["x"]}]})),
        ("json", by_json({"results": [7]})), ("json", by_json({"results": [None]})),
    ],
)  # fmt: skip
def test_what_the_file_does_not_describe(made, name, request_):
    with pytest.raises(Refused) as refused:
        made(name).read(request_)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("name", "request_", "said"),
    [
        ("form", Request("POST", SMS, f"token={HOOK}", {}, b"from=%2B66812345678&id=1&text=help%E1%9E"), "help\ufffd"),
        ("get", by_query({**QUERY, "type": "unicode", "msg": "00680065006C0070D83D"}), "help\ufffd"),
        ("get", by_query({**QUERY, "type": "unicode", "msg": "00680065006C007017"}), "help\ufffd"),
    ],
)
def test_half_a_letter_silences_nobody(made, name, request_, said):
    assert made(name).read(request_).text == said


def test_one_broken_text_does_not_lose_the_others(made):
    picture = {**JSON, "messageId": "M2", "text": None}
    told = made("json").read(by_json({"results": [picture, JSON, 7]}))
    assert told == (Inbound("aggregator", WORKER, KHMER, "M1", AT), Ignored("aggregator"), Ignored("aggregator"))


def test_a_body_that_is_no_json(made):
    gc.collect()  # what others left behind is not to be finalised where the stack is at its end
    for body in (b"", b"{", b"[" * 30_000, b"\xff"):
        signature = "sha256=" + hmac.new(HOOK.encode(), body, "sha256").hexdigest()
        with pytest.raises(Refused, match="not JSON"):
            made("json").read(Request("POST", SMS, "", {"x-hub-signature": signature}, body))


def test_too_many_at_once(made):
    with pytest.raises(Refused) as refused:
        made("json").read(by_json({"results": [JSON] * 201}))
    assert refused.value.status == 413


def test_a_signature_in_base64(made):
    gateway = made("json", change=lambda toml: toml.replace('prefix = "sha256="', 'encoding = "base64"'))
    body = json.dumps({"results": [JSON]}).encode()
    signature = base64.b64encode(hmac.new(HOOK.encode(), body, "sha256").digest()).decode()
    assert isinstance(gateway.read(Request("POST", SMS, "", {"x-hub-signature": signature}, body)), Inbound)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*JSON, "results", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
GATEWAYS = {}


@given(told=json_values, path=st.sampled_from([SMS, REPORT]))
def test_whatever_is_signed_is_read_or_refused(tmp_path_factory, told, path):
    gateway = GATEWAYS.setdefault("json", wired("json", "http://127.0.0.1:9", tmp_path_factory.mktemp("g")))
    try:
        assert gateway.read(by_json(told, path)) is not None
    except Refused as refused:
        assert refused.status == 400


# What became of a text

REPORTED = {"id": "ATX1", "status": "Success", "phoneNumber": WORKER}


@pytest.mark.parametrize(
    ("change", "report"),
    [
        ({}, ("ATX1", "delivered", None, None)),
        ({"status": "Failed", "failureReason": "UserDoesNotExist"}, ("ATX1", "undelivered", None, "UserDoesNotExist")),
        ({"status": "Teleported"}, ("ATX1", "Teleported", None, None)),
        ({"status": f"to {WORKER}"}, ("ATX1", "unreadable", None, None)),
        ({"failureReason": f"no such number as {WORKER}"}, ("ATX1", "delivered", None, None)),
        ({"clientRef": "42"}, ("ATX1", "delivered", 42, None)),
        ({"clientRef": "42-3"}, ("ATX1", "delivered", 42, None)),
        ({"clientRef": "42", "id": ""}, ("ref:42", "delivered", 42, None)),
        ({"clientRef": "somebody else's"}, ("ATX1", "delivered", None, None)),
    ],
)
def test_a_report(made, change, report):
    name, status, reference, error = report
    told = made("form").read(by_form({**REPORTED, **change}, REPORT))
    assert told == DeliveryReport("aggregator", name, status, reference, error)


def test_a_report_of_a_text_that_is_not_ours(made):
    assert made("form").read(by_form({"status": "Success"}, REPORT)) == Ignored("aggregator")
    assert made("get").read(by_query({"dlr": "1", "ref": "x"}, REPORT)) == Ignored("aggregator")


def test_reports_by_json_and_by_query(made):
    row = {"messageId": "42", "status": {"groupName": "DELIVERED"}, "error": {"name": "NO_ERROR"}}
    assert made("json").read(by_json({"results": [row]}, REPORT)) == DeliveryReport(
        "aggregator", "42", "delivered", 42, "NO_ERROR"
    )
    assert made("get").read(by_query({"dlr": "16", "ref": "42-2"}, REPORT)) == DeliveryReport(
        "aggregator", "ref:42", "failed", 42, None
    )


# Answers


def test_answers_wait_in_the_outbox(made):
    assert made("form").render((), 0) == Response(200, b"")
    assert made("get").render((), 0) == Response(200, b"OK")


def test_answers_leave_with_the_response(made):
    gateway = made("form", change=lambda toml: toml.replace("[inbound]", '[inbound]\nreply = "inline"'))
    assert gateway.traits.inline
    assert gateway.render([Reply(KHMER, "menu"), Reply("b", "menu")], 7) == Response(200, f"{KHMER}\n\nb".encode())
    assert gateway.render((), 0) == Response(200, b"")


def test_nothing_is_logged(made, caplog):
    caplog.set_level(0)
    with listening(says(500)) as peer, pytest.raises(SendError):
        made("get", peer.url).send(TEXT)
    assert caplog.text == ""
