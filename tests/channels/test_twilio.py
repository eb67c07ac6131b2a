"""Twilio's webhooks: what is believed, what is refused, and what is answered."""

import re
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signed import ACCOUNT, NUMBER, PUBLIC, TOKEN, WORKER, callback, channel, form, headers, report, request, sid, sign
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from bot.channels.twilio import SMS, STATUS
from bot.conversation.session import Reply
from bot.protocol import DeliveryReport, Inbound, Outbound, Refused, Request

URL = PUBLIC + SMS
KHMER = "ជំនួយ ខ្ញុំត្រូវការជួយ"


def refusal(wanted: Request, **options: str) -> int:
    with pytest.raises(Refused) as refused:
        channel(**options).read(wanted)
    assert not re.search(r"\+\d|Bearer|token", str(refused.value))
    return refused.value.status


def test_a_text_is_read():
    message = sid()
    read = channel().read(request(form(KHMER, message=message)))
    assert isinstance(read, Inbound)
    assert (read.channel, read.sender, read.text, read.provider_id) == ("twilio", WORKER, KHMER, message)
    assert (read.medium, read.received_at.utcoffset().total_seconds()) == ("sms", 0)


@pytest.mark.parametrize(
    ("left_out", "changed"),
    [
        (["MessagingServiceSid", "FromCity", "FromState", "FromZip", "FromCountry"], {}),
        (["SmsSid", "SmsMessageSid", "SmsStatus", "NumSegments"], {}),
        ([], {"Body": ""}),
        ([], {"Body": " help \r\n"}),
        ([], {"Body": "a\0b \U0001f600"}),
        (["Body"], {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "image/jpeg"}),
        ([], {"OptOutType": "STOP"}),
        ([], {"FutureThing": "1", "anything": "2", "Zeal": ""}),
        ([], {"ButtonText": "Yes", "ChannelPrefix": "sms"}),
        ([], {"Body": "From 12 To 13, Body and Soul, MessageSid, FromCity"}),
        ([], {"Body": "From+85512345678"}),
    ],
)
def test_what_twilio_may_send_is_read(left_out, changed):
    fields = {name: value for name, value in form(**changed).items() if name not in left_out}
    read = channel().read(request(fields))
    assert (read.sender, read.text, read.provider_id) == (WORKER, fields.get("Body", ""), fields["MessageSid"])


@pytest.mark.parametrize("sender", ["1294", "855555", "Smart", "MOBITEL.KH", "12345678"])
def test_a_sender_that_cannot_be_answered_is_handed_on(sender):
    assert channel().read(request(form(sender=sender))).sender == sender


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MessageSid", "SM" + "0" * 31),
        ("MessageSid", "SM" + "0" * 33),
        ("MessageSid", "SM" + "G" * 32),
        ("SmsSid", "SM" + "1" * 32),
        ("SmsMessageSid", "SM" + "1" * 32),
        ("MessagingServiceSid", "MG1"),
        ("To", "+15005550007"),
        ("From", ""),
        ("From", "+"),
        ("From", "+0123456789"),
        ("From", "whatsapp:+66812345678"),
        ("From", "+66812345678 "),
        ("From", "a name that is far too long"),
        ("NumMedia", "-1"),
        ("NumMedia", "1e3"),
        ("NumMedia", "\u17e1"),
        ("NumSegments", ""),
        ("ApiVersion", "2010-04-01 "),
        ("FromCountry", "Thailand"),
        ("ToCountry", "us"),
        ("SmsStatus", "RECEIVED"),
        ("FromCity", "A+B"),
        ("OptOutType", "MAYBE"),
        ("Body", "a" * 1601),
    ],
)
def test_a_known_field_of_a_wrong_form_is_refused(name, value):
    assert refusal(request(form(**{name: value}))) == 400


def test_another_account_is_refused():
    assert refusal(request(form(AccountSid="AC" + "f" * 32))) == 403


@pytest.mark.parametrize("name", ["MessageSid", "From", "To", "Body", "AccountSid"])
def test_what_is_needed_must_be_there(name):
    assert refusal(request({field: value for field, value in form().items() if field != name})) in (400, 403)


@pytest.mark.parametrize("name", [*form()])
def test_a_known_field_that_comes_twice_is_refused(name):
    fields = form()
    assert refusal(request([*fields.items(), (name, fields[name])])) == 400
    assert refusal(request([*fields.items(), (name, "1")])) == 400


def test_an_unknown_field_may_come_twice():
    assert channel().read(request([*form().items(), ("Label", "b"), ("Label", "a"), ("Label", "a")])).text == "help"


# W1: the signature


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0",
        "ជំ",
        sign(URL, list(form(message="SM" + "0" * 32).items())),
        sign(URL, [], TOKEN),
    ],
)
def test_a_wrong_signature_is_refused(signature):
    assert refusal(request(form(), signature=signature)) == 403


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("another-token", URL),
        ("", URL),
        (ACCOUNT, URL),
        (TOKEN, URL.replace("https", "http")),
        (TOKEN, URL + "/"),
        (TOKEN, URL + "?a=b"),
        (TOKEN, URL.replace("phlov.", "")),
        (TOKEN, PUBLIC + STATUS),
        (TOKEN, URL.replace(".org", ".org:8443")),
        (TOKEN, ""),
    ],
)
def test_a_signature_by_another_key_or_for_another_address_is_refused(key, url):
    fields = form()
    assert refusal(request(fields, signature=sign(url, list(fields.items()), key))) == 403


def test_one_changed_byte_is_refused():
    fields = form()
    signature = sign(URL, list(fields.items()))
    for name in fields:
        assert refusal(request({**fields, name: fields[name] + "1"}, signature=signature)) in (400, 403)


def test_the_address_may_be_signed_with_its_port():
    fields = form()
    for url in (URL, URL.replace(".org", ".org:443")):
        assert channel().read(request(fields, signature=sign(url, list(fields.items())))).text == "help"
    ported = channel(public_url="https://phlov.example.org:8443")
    for url in (URL, URL.replace(".org", ".org:8443")):
        assert ported.read(request(fields, signature=sign(url, list(fields.items())))).text == "help"


def test_the_query_is_part_of_what_is_signed():
    fields = form()
    assert channel().read(request(fields, query="house=1")).text == "help"
    assert refusal(request(fields, query="house=1", signature=sign(URL, list(fields.items())))) == 403


def shared(fields: dict[str, str], key: str, algorithm: str) -> Request:
    signature = sign(URL, list(fields.items()), key, sha256)
    setting = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    return Request(
        "POST", SMS, "", headers(signature, x_twilio_webhooks_signature_settings=setting), urlencode(fields).encode()
    )


def test_a_shared_key_signs_with_sha256():
    fields = form()
    assert channel(shared_key="k2").read(shared(fields, "k2", "HMAC_SHA256")).text == "help"
    assert channel().read(shared(fields, TOKEN, "HMAC_SHA256")).text == "help"
    assert refusal(shared(fields, TOKEN, "HMAC_SHA256"), shared_key="k2") == 403
    assert refusal(shared(fields, "k2", "HMAC_SHA1"), shared_key="k2") == 403
    assert refusal(shared(fields, "k2", "HMAC_MD5"), shared_key="k2") == 403


names = st.sampled_from(["Label", "MediaUrl0", "FutureThing", "anything", "Zz"])
values = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from([KHMER, "a+b=c&d", "From+1", "%FF"])
extra = st.lists(st.tuples(names, values), max_size=6)
port = st.sampled_from(["", ":443", ":80", ":8443"])


@settings(max_examples=1500, deadline=None)
@given(body=values, extra=extra, ours=port, theirs=port, key=st.sampled_from([TOKEN, TOKEN, "x"]), strong=st.booleans())
def test_the_verdict_is_that_of_the_library(body, extra, ours, theirs, key, strong):
    """2 cores, 1,500 requests: repeated fields, ports, Khmer, both algorithms. The library is the judge."""
    fields = {**form(body), "OptOutType": "HELP"}
    pairs = [*fields.items(), *extra]
    algorithm = "HMAC_SHA256" if strong else "HMAC_SHA1"
    signature = sign(f"https://phlov.example.org{theirs}{SMS}", pairs, key, sha256 if strong else "sha1")
    setting = f"key=k,algorithm={algorithm}"
    wanted = Request(
        "POST", SMS, "", headers(signature, x_twilio_webhooks_signature_settings=setting), urlencode(pairs).encode()
    )
    public = f"https://phlov.example.org{ours}"
    seen = Repeated(parse_qsl(wanted.body.decode(), keep_blank_values=True))
    right = RequestValidator(TOKEN).validate(public + SMS, seen, signature, algorithm)
    try:
        channel(public_url=public).read(wanted)
    except Refused as refused:
        assert (refused.status == 403) is not right
    else:
        assert right


class Repeated(dict):
    """Fields as the frameworks give them to the library."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name):
        return self[name]


# Forms


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/x-www-form-urlencoded", 403),
        (b"Body=%FF", "application/x-www-form-urlencoded", 400),
        (b"Body=\xff", "application/x-www-form-urlencoded", 400),
        (b"Body=%ED%A0%80", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % number for number in range(200)), "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"Body=1", "", 415),
        (b"Body=1", "multipart/form-data; boundary=x", 415),
        (b"Body=1", "text/plain", 415),
    ],
)
def test_what_is_no_form_is_refused(body, kind, status):
    assert refusal(Request("POST", SMS, "", {"content-type": kind}, body)) == status


# Status callbacks


def test_a_report_is_read():
    fields = report("undelivered", ErrorCode="30003", RawDlrDoneDate="2611020304")
    read = channel().read(callback(fields, 123))
    assert read == DeliveryReport("twilio", fields["MessageSid"], "undelivered", 123, "30003")
    assert channel().read(callback(report(), None)).reference is None


@pytest.mark.parametrize(
    ("changed", "query"),
    [
        ({"MessageStatus": "lost"}, "ref=1"),
        ({"MessageStatus": "Delivered"}, "ref=1"),
        ({"MessageSid": "SM1"}, "ref=1"),
        ({"ErrorCode": "none"}, "ref=1"),
        ({"SmsSid": "SM" + "0" * 32}, "ref=1"),
        ({}, "ref="),
        ({}, "ref=-1"),
        ({}, "ref=1&ref=2"),
        ({}, "ref=\u17e1"),
        ({}, "ref=99999999999999999999"),
        ({"1": "2"}, "ref=1"),
    ],
)
def test_a_report_of_a_wrong_form_is_refused(changed, query):
    assert refusal(request(report(**changed), path=STATUS, query=query)) == 400


def test_a_text_is_no_report_and_a_report_no_text():
    assert refusal(request(form(), path=STATUS)) == 400
    assert refusal(request(report(), path=SMS)) == 400


# Answers (W11)


def said(*texts: str) -> ElementTree.Element:
    replies = [Reply(text, "menu") for text in texts]
    return ElementTree.fromstring(channel().render(replies, 42).body)


def test_an_answer_is_twiml_with_our_reference():
    answer = channel().render([Reply(KHMER, "menu")], 42)
    assert (answer.status, answer.content_type) == (200, "text/xml; charset=utf-8")
    (message,) = said(KHMER)
    assert (message.tag, message.text) == ("Message", KHMER)
    assert message.attrib == {"action": f"{PUBLIC}{STATUS}?ref=42", "method": "POST"}
    theirs = MessagingResponse()
    theirs.message(KHMER, action=f"{PUBLIC}{STATUS}?ref=42", method="POST")
    assert answer.body.decode() == str(theirs)


def test_two_replies_are_two_messages():
    assert [message.text for message in said("one", "two")] == ["one", "two"]


def test_silence_is_an_empty_response():
    assert channel().render([], 0).body == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@given(st.text(max_size=200) | st.sampled_from(["<&>]]>", "\0\x1b[31m", "a\ud800b", "\ufffe", "1 < 2 && 3 > 2"]))
def test_any_text_makes_well_formed_xml(text):
    (message,) = said(text)
    legal = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
    assert (message.text or "") == legal.replace("\r\n", "\n").replace("\r", "\n")


def test_what_is_promised_to_the_site():
    assert channel().routes == (("POST", SMS), ("POST", STATUS))
    assert Outbound(1, "twilio", NUMBER, "x", 1).channel == channel().name
