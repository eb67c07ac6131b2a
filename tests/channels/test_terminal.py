"""The terminal phone: every line is a new text, every phone a new call."""

import pytest

from bot.channels.terminal import Terminal
from bot.conversation.session import Reply
from bot.protocol import Outbound, Refused, Request, SendError


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
