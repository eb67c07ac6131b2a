"""Nobody guesses their way in (A1), learns who is staff (A2), or stays in by an old token (A3)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from services.staffing import ELSEWHERE, HERE, PASSWORD, come, digits, events, taken_in, why, with_second

from bot.services import audit, login, passwords, second, staff
from bot.services.login import Entry
from bot.services.roles import Act, Role
from bot.services.staff_rules import Refused, Why

MINUTE = 60


def most_in_a_minute(times):
    return max(sum(start <= at < start + MINUTE for at in times) for start in times)


@pytest.fixture
def hashes(monkeypatch):
    """How many passwords were compared: what a try costs, and the only thing in it that takes long."""
    done = []
    verify = PasswordHasher.verify

    def counted(hasher, kept, password):
        done.append(kept)
        return verify(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return done


def test_a_thousand_tries_over_names_and_addresses(service, clock, hashes):
    """They are spread over ten minutes, five names and two hundred addresses; nobody else is kept out."""
    for name in ("Sokha", "Dara", "Maly", "Vibol"):
        taken_in(service, name)
    come(service, "Sokha")
    hashes.clear()
    names = ["Sokha", "Dara", "Maly", "nobody", "root"]
    looked_at = {name: [] for name in names}
    for turn in range(1_000):
        name = names[turn % 5]
        if why(service, name, f"guess {turn}", address=f"192.0.2.{turn % 200}") is Why.WRONG:
            looked_at[name].append(turn)
        if turn == 500:
            assert why(service, "Vibol", address=ELSEWHERE) is None
            assert why(service, "Sokha") is None  # from where she came in before
            assert why(service, "Dara") is Why.WAIT  # she never did
        clock.forward(seconds=0.6)
    for times in looked_at.values():
        assert most_in_a_minute([turn * 0.6 for turn in times]) <= 5
        assert len(times) == 8  # five, then one after 1, 2 and 4 minutes
    assert looked_at["nobody"] == [turn + 3 for turn in looked_at["Sokha"]]
    assert len(hashes) == 5 * 8 + 2
    clock.forward(minutes=15)
    assert why(service, "Dara") is None


def test_a_thousand_tries_from_one_address(service, clock, hashes):
    taken_in(service, "Sokha")
    times = []
    for turn in range(1_000):
        if why(service, f"name {turn}", address=ELSEWHERE) is Why.WRONG:
            times.append(turn * 0.1)
        clock.forward(seconds=0.1)
    assert most_in_a_minute(times) <= 30
    assert len(hashes) == len(times) == 15 + 24
    assert why(service, "Sokha") is None


def test_many_at_the_same_moment_are_no_more(service):
    """A try is counted before its password is looked at."""
    taken_in(service, "Sokha")
    with ThreadPoolExecutor(16) as pool:
        tries = [pool.submit(why, service, "Sokha", f"guess {turn}", address=f"192.0.2.{turn}") for turn in range(64)]
        found = Counter(each.result() for each in tries)
    assert found[Why.WRONG] <= 5
    assert set(found) <= {Why.WRONG, Why.WAIT, Why.BUSY}
    assert why(service, "Sokha", address=ELSEWHERE) is Why.WAIT or found[Why.WRONG] < 5


def test_a_customer_with_many_addresses_is_one(service):
    refused = [why(service, f"name {turn}", address=f"2001:db8:1:2::{turn:x}") for turn in range(20)]
    assert refused.count(Why.WAIT) == 5
    assert why(service, "name", address="2001:db8:1:3::1") is Why.WRONG
    assert why(service, "name", address="::ffff:192.0.2.1") is Why.WRONG


def test_a_lock_tells_how_long_and_ends(service, clock):
    taken_in(service, "Sokha")
    for _ in range(5):
        assert why(service, "Sokha", "guess") is Why.WRONG
    with pytest.raises(Refused) as refused:
        come(service, "Sokha")
    assert (refused.value.why, refused.value.wait) == (Why.WAIT, 60_000)
    clock.forward(seconds=61)
    assert why(service, "Sokha", "guess") is Why.WRONG
    with pytest.raises(Refused) as refused:
        come(service, "sokha ")
    assert refused.value.wait == 120_000
    clock.forward(seconds=121)
    assert why(service, "SOKHA") is None
    assert [why(service, "Sokha", "guess") for _ in range(5)] == [Why.WRONG] * 5


def test_a_clock_that_is_set_back_locks_nobody_for_long(service, clock):
    taken_in(service, "Sokha")
    for _ in range(5):
        why(service, "Sokha", "guess")
    clock.forward(days=-400)
    assert why(service, "Sokha") is None


def test_what_cannot_be_told_apart(service, clock, hashes):
    """Unknown names, wrong passwords, closed accounts, those not begun, wrong codes: the same words and work (A2)."""
    taken_in(service, "Sokha")
    taken_in(service, "Closed")
    staff.add(service, "Boss", Role.ADMIN, None)
    staff.disable(service, "Closed", "Boss")
    staff.add(service, "Invited", Role.VIEWER, "Boss")
    secret, _ = with_second(service, "Dara")
    tries = {
        "wrong password": ("Sokha", "guess"),
        "unknown": ("nobody", PASSWORD),
        "closed": ("Closed", PASSWORD),
        "invited": ("Invited", PASSWORD),
        "no code": ("Dara", PASSWORD),
        "wrong code": ("Dara", PASSWORD, "123456"),
        "password wrong, code right": ("Dara", "guess", digits(service, secret, 1)),
    }
    for what, typed in tries.items():
        hashes.clear()
        before = len(events(service))
        assert why(service, *typed, address=ELSEWHERE) is Why.WRONG, what
        assert len(hashes) == 1, what
        assert len(events(service)) == before + 1, what
    for kind in ("Sokha", "nobody"):
        said = []
        for _ in range(7):
            with pytest.raises(Refused) as refused:
                come(service, kind, "guess", address="192.0.2.200")
            said.append((refused.value.why, refused.value.wait))
        assert said[-1] == (Why.WAIT, 60_000)
        assert said.count((Why.WRONG, 0)) == 4  # one was tried above


def test_no_more_are_hashed_at_once_than_the_machine_bears(service):
    taken_in(service, "Sokha")
    with passwords.seat(), passwords.seat(), passwords.seat(), passwords.seat(), passwords.seat():
        assert why(service, "Sokha") is None
        with passwords.seat():
            assert why(service, "Sokha") is Why.BUSY
    assert why(service, "Sokha", "guess") is Why.WRONG  # being busy was not held against her


def test_a_token_ends_where_another_begins(service, clock):
    taken_in(service, "Sokha")
    first = come(service, "Sokha")
    again = login.log_in(service, Entry("Sokha", PASSWORD, "", HERE), first.token)
    assert login.current(service, first.token) is None
    proved = login.prove(service, again.token, PASSWORD, "", HERE)
    assert login.current(service, again.token) is None
    assert len({first.token, again.token, proved.token}) == 3
    assert len({first.session.csrf, again.session.csrf, proved.session.csrf}) == 3
    assert login.current(service, proved.token) == proved.session
    assert proved.session.until == again.session.until
    login.log_out(service, proved.token)
    assert login.current(service, proved.token) is None
    login.log_out(service, proved.token)
    assert events(service)[-4:] == [(event, "Sokha") for event in ("login", "login", "proved", "logout")]


def test_a_token_is_kept_as_a_hash_only(service, database_url, tmp_path):
    taken_in(service, "Sokha")
    token = come(service, "Sokha").token
    if database_url.startswith("sqlite"):
        held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert token.encode() not in held
        assert PASSWORD.encode() not in held


CHANGES = {
    "password": lambda service, token: login.change_password(
        service, token, PASSWORD, "", new="another way home", address=HERE
    ),
    "role": lambda service, token: staff.set_role(service, "Sokha", Role.EDITOR, "Boss"),
    "disable": lambda service, token: staff.disable(service, "Sokha", "Boss"),
    "invite": lambda service, token: staff.invite(service, "Sokha", "Boss"),
    "second": lambda service, token: second.confirm(
        service, token, digits(service, second.offer(service, token).secret)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_an_account_ends_its_sessions_and_no_others(service, change):
    staff.add(service, "Boss", Role.ADMIN, None)
    for name in ("Sokha", "Dara"):
        taken_in(service, name)
    tokens = [come(service, "Sokha").token for _ in range(3)]
    other = come(service, "Dara").token
    CHANGES[change](service, tokens[0])
    assert [login.current(service, token) for token in tokens] == [None] * 3
    assert login.current(service, other) is not None


def test_a_session_ends_by_itself(service, clock):
    taken_in(service, "Sokha")
    idle, used = come(service, "Sokha").token, come(service, "Sokha").token
    for _ in range(14):
        clock.forward(minutes=50)
        assert login.current(service, used) is not None
    assert login.current(service, idle) is None
    clock.forward(minutes=21)
    assert login.current(service, used) is None
    assert login.current(service, "no token") is None


def test_a_password_lets_in_until_it_is_changed(service):
    taken_in(service, "Sokha")
    token = come(service, "Sokha").token
    for old, new, refusal in ((PASSWORD, "short", Why.SHORT), ("guess", "another way home", Why.WRONG)):
        with pytest.raises(Refused) as refused:
            login.change_password(service, token, old, "", new=new, address=HERE)
        assert refused.value.why is refusal
    login.change_password(service, token, PASSWORD, "", new="another way home", address=HERE)
    assert why(service, "Sokha") is Why.WRONG
    assert why(service, "Sokha", "another way home") is None
    with pytest.raises(Refused) as refused:
        login.change_password(service, token, PASSWORD, "", new="and one more way", address=HERE)
    assert refused.value.why is Why.OUT


def test_a_session_is_fresh_for_a_few_minutes(service, clock):
    taken_in(service, "Sokha")
    signed = come(service, "Sokha")
    assert signed.session.fresh(service.now())
    clock.forward(minutes=6)
    assert not signed.session.fresh(service.now())
    taken_in(service, "Dara")
    with pytest.raises(Refused):  # her token with another's password
        login.prove(service, signed.token, "another way home", "", HERE)
    proved = login.prove(service, signed.token, PASSWORD, "", HERE)
    assert proved.session.fresh(service.now())


def test_a_role_that_sees_people_may_do_nothing_without_a_second_factor(service):
    token = come(service, taken_in(service, "Sokha", Role.CASEWORKER)).token
    assert not any(login.current(service, token).may(act) for act in Act)
    secret = second.offer(service, token).secret
    confirmed = second.confirm(service, token, digits(service, secret))
    assert confirmed.signed.session.may(Act.CONTACT_REVEAL)
    assert not confirmed.signed.session.may(Act.STAFF_EDIT)


def test_whatever_is_typed_is_answered(service):
    strange = ("", " ", "\0", "\ud800", "x" * 100_000, "\u202e", "'; --", "\u1780" * 50)
    for typed in strange:
        for entry in (Entry(typed, PASSWORD, "", HERE), Entry("Sokha", typed, typed, typed)):
            with pytest.raises(Refused):
                login.log_in(service, entry)
        with pytest.raises(Refused):
            login.accept(service, typed, typed, typed)
        assert login.current(service, typed) is None
        login.log_out(service, typed)
    assert audit.verify(service).broken is None
