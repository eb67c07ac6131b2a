"""The two failures that cross the floors say what the one who catches them must do."""

from bot.protocol import Refused, SendError


def test_a_failed_send_says_whether_to_try_again_and_whether_it_may_have_gone() -> None:
    failure = SendError("busy", retry=True, sent="unknown")
    assert (str(failure), failure.retry, failure.sent) == ("busy", True, "unknown")


def test_a_refusal_says_what_to_answer() -> None:
    assert Refused("wrong secret").status == 403
    assert (str(Refused("no body", status=400)), Refused("no body", status=400).status) == ("no body", 400)
