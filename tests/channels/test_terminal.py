"""The terminal phone: every line is a new text, every phone a new call."""

import pytest

from bot.channels.terminal import Phones, Terminal
from bot.conversation.session import Reply
from bot.protocol import DeliveryReport, Outbound, Refused, Request, SendError


def test_every_line_is_a_new_text():
    phone, other = Terminal("+85510000001"), Terminal("+85510000001")
    typed = [phone.typed("help"), phone.typed("help"), other.typed("help")]
    assert len({text.provider_id for text in typed}) == 3
    assert {(text.channel, text.sender, text.text, text.medium, text.session_id) for text in typed} == {
        ("terminal", "+85510000001", "help", "sms", None)
    }


def test_a_ussd_phone_is_one_call():
    phone = Terminal("+85510000001", "ussd")
    typed = [phone.typed("1"), phone.typed("2"), phone.typed("3")]
    assert [text.session_event for text in typed] == ["new", "resume", "resume"]
    assert len({text.session_id for text in typed}) == 1


def test_a_code_begins_another_call():
    phone = Terminal("+85510000001", "ussd")
    typed = [phone.typed("*1280#"), phone.typed("9"), phone.typed("*1280*1*2#"), phone.typed("*"), phone.typed("#1*")]
    assert [text.session_event for text in typed] == ["new", "resume", "new", "resume", "resume"]
    assert [text.text for text in typed] == ["", "9", "1*2", "*", "#1*"]
    assert len({text.session_id for text in typed}) == 2
    assert Terminal("+85510000001").typed("*1280#").text == "*1280#"


def test_replies_are_shown_as_they_are():
    assert Terminal("+85510000001").render([Reply("ក", "menu"), Reply("b", "menu")], 1).body.decode() == "ក\n\nb"


def test_it_has_no_webhook_and_sends_nothing():
    phone = Terminal("+85510000001")
    assert phone.routes == ()
    with pytest.raises(Refused):
        phone.read(Request("POST", "/", "", {}, b""))
    with pytest.raises(SendError):
        phone.send(Outbound(1, "terminal", "+85510000001", "x", 1))


def test_phones_keep_each_text_once_and_report_it_until_it_is_heard():
    phones = Phones(broken={"+85596000013"})
    text = Outbound(7, "terminal", "+85596000001", "x", 1)
    assert phones.send(text) == phones.send(text)
    assert phones.shown == [text]
    (report,) = phones.collect()
    assert report == DeliveryReport("terminal", "phone-7", "delivered", 7)
    assert phones.collect() == (report,)
    phones.taken(report)
    assert phones.collect() == ()


def test_a_broken_phone_gets_nothing():
    phones = Phones(broken={"+85596000013"})
    with pytest.raises(SendError) as refused:
        phones.send(Outbound(8, "terminal", "+85596000013", "x", 1))
    assert (refused.value.retry, refused.value.sent, refused.value.cause) == (False, "no", "unreachable")
    assert phones.shown == []
    assert phones.collect() == ()
    assert phones.render((), 0).status == 200
    with pytest.raises(Refused):
        phones.read(Request("POST", "/", "", {}, b""))
