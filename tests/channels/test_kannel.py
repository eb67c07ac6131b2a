"""Kannel's wire: what it fetches, what it is posted, and what each of its answers means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from peer import hangs_up, holds, listening, nobody, says
from test_kannel_url import KHMER, fetch, quoted

from bot.channels import Condition
from bot.channels.kannel import DLR, SMS, Kannel, wire
from bot.config import Settings
from bot.conversation.session import Reply
from bot.protocol import DeliveryReport, Ignored, Inbound, Outbound, Refused, Request, Response, SendError, Sent
from bot.text.sms import segments

SECRET, PASSWORD, WORKER = "a-secret-of-sixteen", "a-password-of-ours", "+85512345678"
ID = "159fa71c-2e10-4f1a-8a29-46ff883159d4"
WHERE = "/cgi-bin/sendsms"
HOME = "http://127.0.0.1:8000"


def channel(url: str = "http://127.0.0.1:1", **more) -> Kannel:
    named = {"username": "phlov", "password": PASSWORD, "secret": SECRET, "number": "1280", "callback_url": HOME}
    return Kannel(sendsms_url=url + WHERE, **named, **more)


def arriving(
    text: str = quoted(KHMER), *, coding: str = "0", charset: str = "UTF-8", secret: str = SECRET, **more: str
):
    fields = {"id": ID, "from": "%2B85512345678", "to": "1280", "text": text, "coding": coding, "charset": charset}
    pairs = {**fields, "ts": "1795340647", "secret": secret, **more}
    return fetch("&".join(f"{name}={value}" for name, value in pairs.items() if value != "-"))


def refusal(request: Request) -> int:
    with pytest.raises(Refused) as refused:
        channel().read(request)
    assert not any(word in str(refused.value) for word in (SECRET, WORKER[1:], KHMER))
    return refused.value.status


def text(words: str = KHMER, recipient: str = WORKER, **more) -> Outbound:
    return Outbound(42, "kannel", recipient, words, len(segments(words).parts), **more)


def reported(status: str, query: str = "") -> Request:
    """A report as Kannel makes it: the address we gave, its %d filled in."""
    with listening(says(202, b"0: Accepted for delivery")) as peer:
        channel(peer.url).send(text())
    address = urlsplit(peer.asked[0].headers["x-kannel-dlr-url"].replace("%d", status))
    return Request("GET", address.path, query or address.query, {}, b"")


# texts in


def test_a_text_is_read():
    read = channel().read(arriving())
    assert read == Inbound("kannel", WORKER, KHMER, ID, datetime(2026, 11, 22, 9, 44, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("request_", "read"),
    [
        (arriving(quoted(KHMER, "utf-16-be"), coding="2", charset="UTF-16BE"), KHMER),
        (arriving("help+%E2%82%AC"), "help €"),
        (arriving(""), ""),
        (arriving("%FF"), "\ufffd"),
        (arriving("hello", udh="", meta="%3Fsmpp%3F", smsc="OPERATOR"), "hello"),
    ],
)
def test_texts_of_any_alphabet_are_read(request_, read):
    assert channel().read(request_).text == read


def test_a_picture_is_thanked_for():
    assert channel().read(arriving("%00%FF%80", coding="1", charset="8-BIT")) == Ignored("kannel")


@pytest.mark.parametrize("sender", ["Smart", "1280", "%2B1280"])
def test_a_sender_that_cannot_be_answered_is_handed_on(sender):
    assert channel().read(arriving(**{"from": sender})).sender == sender.replace("%2B", "+")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (arriving(secret="wrong"), 403),
        (arriving(secret=""), 403),
        (arriving(secret="-"), 403),
        (arriving(id="-"), 400),
        (arriving(id="%49+or+not"), 400),
        (arriving(**{"from": "-"}), 400),
        (arriving("-"), 400),
        (fetch(f"{arriving().query}&text=again"), 400),
        (fetch(f"{arriving().query}&secret=again"), 400),
    ],
)
def test_what_is_refused(request_, status):
    assert refusal(request_) == status


def test_silence_is_an_empty_200():
    """204 is a failure to Kannel, and the person would be told so."""
    assert channel().render((), 0) == channel().render((Reply("a", "b"),), 7) == Response(200, b"")
    assert channel().traits.thanks == Response(200, b"", "text/plain; charset=utf-8")


# reports


@pytest.mark.parametrize(
    ("number", "status"),
    [("1", "delivered"), ("2", "undelivered"), ("4", "sent"), ("8", "sent"), ("16", "failed"), ("32", "32")],
)
def test_a_report_is_read(number, status):
    assert channel().read(reported(number)) == DeliveryReport("kannel", "42", status, 42)


@pytest.mark.parametrize(
    "wrong", [("ref=42", "ref=43"), ("proof=", "proof=0"), ("proof=", "prof="), ("ref=42", "ref=")]
)
def test_a_report_is_good_for_its_own_text_only(wrong):
    query = reported("1").query
    assert refusal(Request("GET", DLR, query.replace(*wrong), {}, b"")) == 403


@pytest.mark.parametrize("status", ["", "%25d", "delivered", "1111", "-1"])
def test_a_report_has_a_number(status):
    assert refusal(reported(status)) == 400


def test_a_report_address_gives_the_secret_away_to_nobody():
    assert SECRET not in reported("1").query
    assert refusal(Request("GET", SMS, reported("1").query, {}, b"")) == 403


# texts out


@pytest.mark.parametrize(
    ("words", "coding", "charset", "codec"),
    [
        (KHMER, "2", "UTF-16BE", "utf-16-be"),
        ("help 1280 €[]", "0", "UTF-8", "utf-8"),
        ("café\u200b", "2", "UTF-16BE", "utf-16-be"),
        ("  two\n lines \n", "0", "UTF-8", "utf-8"),
        ("ក" * 600, "2", "UTF-16BE", "utf-16-be"),
    ],
)
def test_a_text_is_handed_over(words, coding, charset, codec):
    with listening(says(202, b"0: Accepted for delivery")) as peer:
        assert channel(peer.url).send(text(words)) == Sent("42")
    (asked,) = peer.asked
    assert (asked.method, asked.target, asked.body) == ("POST", WHERE, words.encode(codec))
    heads = {name: value for name, value in asked.headers.items() if name.startswith(("x-", "content-type"))}
    address = urlsplit(heads.pop("x-kannel-dlr-url"))
    assert heads == {
        "content-type": f"text/plain; charset={charset}",
        "x-kannel-username": "phlov",
        "x-kannel-password": PASSWORD,
        "x-kannel-from": "1280",
        "x-kannel-to": WORKER,
        "x-kannel-coding": coding,
        "x-kannel-priority": "1",
        "x-kannel-dlr-mask": "31",
    }
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{HOME}/webhooks/kannel/dlr"
    assert {**parse_qs(address.query), "proof": 0} == {"ref": ["42"], "status": ["%d"], "proof": 0}


@pytest.mark.parametrize(("priority", "order"), [(0, "3"), (1, "1"), (2, "0")])
def test_the_urgent_overtake_in_kannel_too(priority, order):
    with listening(says(202)) as peer:
        channel(peer.url).send(text(priority=priority))
    assert peer.asked[0].headers["x-kannel-priority"] == order


@pytest.mark.parametrize(("wait", "minutes"), [({"minutes": 10}, 10), ({"days": 3}, 2880), ({"seconds": -5}, 1)])
def test_a_text_is_not_wanted_for_ever(wait, minutes):
    with listening(says(202)) as peer:
        channel(peer.url).send(text(valid_until=datetime.now(UTC) + timedelta(**wait)))
    assert peer.asked[0].headers["x-kannel-validity"] == str(minutes)


def failed(url: str, outbound: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as error:
        channel(url).send(outbound or text())
    assert not any(word in str(error.value) for word in (PASSWORD, WORKER[1:], KHMER, "about him"))
    return error.value


@pytest.mark.parametrize(
    ("status", "body", "retry", "sent", "cause"),
    [
        (403, b"Authorization failed for sendsms", True, "no", "config"),
        (404, b"", True, "no", "config"),
        (400, b"Number(s) has/have been denied by white- and/or black-lists.", False, "no", "blocked"),
        (400, b"Invalid content-type", True, "no", "config"),
        (503, b"Temporal failure, try again later.", True, "no", "network"),
        (500, b"about him", True, "unknown", "unknown"),
        (200, b"<html>about him", True, "unknown", "unknown"),
        (302, b"", True, "no", "config"),
        (429, b"", True, "no", "throttled"),
    ],
)
def test_what_an_answer_means(status, body, retry, sent, cause):
    with listening(says(status, body)) as peer:
        error = failed(peer.url)
    assert (error.retry, error.sent, error.cause) == (retry, sent, cause)


def test_nobody_there_is_a_network_away():
    with nobody() as url:
        error = failed(url)
    assert (error.retry, error.sent, error.cause) == (True, "no", "network")


@pytest.mark.parametrize("behaviour", [hangs_up, holds])
def test_without_an_answer_nobody_knows(behaviour):
    with listening(behaviour) as peer, pytest.raises(SendError) as error:
        hurried = channel(peer.url)
        hurried.traits = replace(hurried.traits, timeout=0.2)
        hurried.send(text())
    assert (error.value.retry, error.value.sent) == (True, "unknown")


@pytest.mark.parametrize(
    ("outbound", "cause"),
    [
        (text("ក" * 671), "too_long"),
        (text("a" * 1531), "too_long"),
        (text(recipient="1280"), "bad_number"),
        (text(recipient="+85512345678 +85512345679"), "bad_number"),
        (text(recipient="+85512345678\r\nX-Kannel-Coding: 0"), "bad_number"),
    ],
)
def test_what_kannel_would_spoil_is_never_handed_over(outbound, cause):
    with listening(says(202)) as peer:
        error = failed(peer.url, outbound)
    assert (error.retry, error.sent, error.cause, peer.asked) == (False, "no", cause, [])


# how it is

PAGE = """Kannel bearerbox version `1.4.5'.

Status: running, uptime 0d 0h 0m 21s

SMS: received 12 (0 queued), sent 10 (0 queued), store size 0

Box connections:
    {box}

SMSC connections:
    OPERATOR[OPERATOR]    SMPP:127.0.0.1:57431/57431:user: ({state} 21s, rcvd: sms 12, failed 0, queued 3 msgs)
    USSD[USSD]    SMPP:127.0.0.1:5743/5743:user: (online 21s, rcvd: sms 12 (0,0), failed 0, queued 4 msgs)

"""
BOX = "smsbox:(none), IP 127.0.0.1 (0 queued), (on-line 0d 0h 0m 20s)"


def condition(body: str | bytes, status: int = 200) -> tuple[Condition, str]:
    with listening(says(status, body.encode() if isinstance(body, str) else body)) as peer:
        found = channel(status=(f"{peer.url}/status.txt", "a-word")).condition()
    return found, peer.asked[0].target


def test_all_is_well():
    found, target = condition(PAGE.format(box=BOX, state="online"))
    assert found == Condition(None, (("lines", 2), ("queued", 7)))
    assert target == "/status.txt?password=a-word"


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (PAGE.format(box=BOX, state="re-connecting"), "no line to OPERATOR"),
        (PAGE.format(box="none", state="online"), "smsbox is not running"),
        (PAGE.format(box=BOX, state="online").replace("running", "isolated"), "takes no texts"),
        (PAGE.format(box=BOX, state="online").partition("    OPERATOR")[0], "no line to any operator"),
        ("Denied", "PHLOV_KANNEL_STATUS_PASSWORD"),
        ("", "PHLOV_KANNEL_STATUS_PASSWORD"),
    ],
)
def test_what_is_wrong_is_said(page, problem):
    assert problem in condition(page)[0].problem


def test_a_kannel_that_is_gone():
    with nobody() as url:
        found = channel(status=(f"{url}/status.txt", "a-word")).condition()
    assert "bearerbox" in found.problem
    assert found.dead


def test_a_kannel_with_one_line_left_is_not_dead():
    page = PAGE.format(box=BOX, state="re-connecting")
    assert not condition(page)[0].dead
    assert condition(page.replace("(online", "(dead"))[0].dead


def test_without_a_status_page_nothing_is_known():
    assert channel().condition() == Condition()


def test_the_settings_make_it():
    named = {"kannel_username": "phlov", "kannel_password": PASSWORD, "kannel_secret": SECRET, "kannel_number": "1280"}
    with listening(says(202)) as peer:
        made = wire(Settings(kannel_sendsms_url=peer.url + WHERE, port=8123, **named))
        assert made.send(text()) == Sent("42")
    assert peer.asked[0].headers["x-kannel-dlr-url"].startswith("http://127.0.0.1:8123/webhooks/kannel/dlr?ref=42&")
    assert made.traits.rate == 10
