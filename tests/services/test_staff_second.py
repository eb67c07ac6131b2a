"""The second factor, and the codes for the day the phone is lost: each code is good once."""

import pytest
from pyotp import TOTP
from services.staffing import PASSWORD, come, digits, events, taken_in, why, with_second

from bot.services import login, second, staff
from bot.services.codes import STEP
from bot.services.roles import Role
from bot.services.staff_rules import Refused, Why


def test_the_code_is_asked_for_and_good_once(service, clock):
    secret, _ = with_second(service, "Sokha")
    clock.forward(seconds=90)
    assert why(service, "Sokha") is Why.WRONG
    code = digits(service, secret)
    assert why(service, "Sokha", "guess", code) is Why.WRONG
    assert why(service, "Sokha", PASSWORD, f"{code[:3]} {code[3:]}") is None
    assert why(service, "Sokha", PASSWORD, code) is Why.WRONG
    clock.forward(seconds=30)
    assert why(service, "Sokha", PASSWORD, digits(service, secret)) is None
    assert why(service, "Sokha", PASSWORD, digits(service, secret, -1)) is Why.WRONG  # older than one that was used


def test_a_clock_that_was_wrong_shuts_nobody_out(service, clock):
    """A box without a battery begins in another year, and is put right later."""
    clock.forward(days=4_000)
    secret, _ = with_second(service, "Sokha")
    clock.forward(days=-4_000)
    assert why(service, "Sokha", PASSWORD, digits(service, secret)) is None
    assert why(service, "Sokha", PASSWORD, digits(service, secret)) is Why.WRONG


@pytest.mark.parametrize(("steps", "refusal"), [(-2, Why.WRONG), (-1, None), (0, None), (1, None), (2, Why.WRONG)])
def test_a_phone_may_be_half_a_minute_away(service, clock, steps, refusal):
    secret, _ = with_second(service, "Sokha")
    clock.forward(minutes=5)
    assert why(service, "Sokha", PASSWORD, digits(service, secret, steps)) is refusal


def test_the_code_is_the_one_a_phone_shows(service):
    """RFC 6238, as every app computes it."""
    secret, confirmed = with_second(service, "Sokha")
    assert TOTP(secret).at(service.now() // 1000) == digits(service, secret)
    assert STEP == 30_000
    assert confirmed.signed.session.has_second


def test_a_secret_holds_only_once_it_is_confirmed(service):
    token = come(service, taken_in(service, "Sokha")).token
    offer = second.offer(service, token)
    assert offer.uri == f"otpauth://totp/Phlov:Sokha?secret={offer.secret}&issuer=Phlov"
    for wrong in ("", "000000", digits(service, offer.secret, 5)):
        with pytest.raises(Refused) as refused:
            second.confirm(service, token, wrong)
        assert refused.value.why is Why.BAD_CODE
    assert why(service, "Sokha") is None
    newer = second.offer(service, token)
    with pytest.raises(Refused):
        second.confirm(service, token, digits(service, offer.secret))
    second.confirm(service, token, digits(service, newer.secret))
    assert why(service, "Sokha") is Why.WRONG


def test_nothing_is_confirmed_that_was_not_offered(service):
    token = come(service, taken_in(service, "Sokha")).token
    with pytest.raises(Refused) as refused:
        second.confirm(service, token, "000000")
    assert refused.value.why is Why.BAD_CODE


def test_a_recovery_code_is_good_once(service):
    _, confirmed = with_second(service, "Sokha")
    assert len(set(confirmed.codes)) == 10
    first, other, *_ = confirmed.codes
    assert come(service, "Sokha", code=first.lower().replace("-", " ")).session.codes_left == 9
    assert why(service, "Sokha", PASSWORD, first) is Why.WRONG
    assert why(service, "Sokha", "guess", other) is Why.WRONG
    assert come(service, "Sokha", code=other).session.codes_left == 8
    assert events(service).count(("code.used", "Sokha")) == 2


def test_new_codes_make_the_old_ones_worthless(service, clock):
    _, confirmed = with_second(service, "Sokha")
    renewed = second.renew_codes(service, confirmed.signed.token)
    assert why(service, "Sokha", PASSWORD, confirmed.codes[0]) is Why.WRONG
    assert why(service, "Sokha", PASSWORD, renewed[0]) is None


def test_who_left_the_laptop_open_changes_no_second_factor(service, clock):
    _, confirmed = with_second(service, "Sokha")
    clock.forward(minutes=6)
    token = confirmed.signed.token
    changes = (second.offer, second.renew_codes, second.drop)
    for change in changes:
        with pytest.raises(Refused) as refused:
            change(service, token)
        assert refused.value.why is Why.OUT


def test_it_can_be_dropped_only_where_the_role_needs_none(service):
    _, viewer = with_second(service, "Sokha")
    other = come(service, "Sokha", code=viewer.codes[0]).token
    second.drop(service, viewer.signed.token)
    assert not login.current(service, viewer.signed.token).has_second
    assert login.current(service, other) is None
    assert why(service, "Sokha") is None
    _, worker = with_second(service, "Dara", Role.CASEWORKER)
    with pytest.raises(Refused) as refused:
        second.drop(service, worker.signed.token)
    assert refused.value.why is Why.NEEDED


def test_a_lost_phone_is_replaced_by_somebody_else(service):
    with_second(service, "Sokha")
    kept = staff.invite(service, "Sokha", "Boss")
    login.accept(service, kept.code, PASSWORD, "")
    assert why(service, "Sokha") is Why.WRONG
    new = staff.invite(service, "Sokha", "Boss", new_phone=True)
    login.accept(service, new.code, PASSWORD, "")
    assert why(service, "Sokha") is None
