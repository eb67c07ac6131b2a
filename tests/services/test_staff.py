"""Accounts: taken in, invited again, given another role, closed; none begins with a password."""

import pytest
from services.staffing import ELSEWHERE, HERE, PASSWORD, come, events, taken_in, why, with_second

from bot.services import login, staff
from bot.services.roles import ACTS, FRESH, Act, Role, may, needs_second
from bot.services.staff_rules import Refused, Why


def refusal(work, *given, **more):
    with pytest.raises(Refused) as refused:
        work(*given, **more)
    return refused.value.why


def test_a_welcome_code_is_good_once(service, clock):
    welcome = staff.add(service, "Sokha", Role.VIEWER, None)
    assert why(service, "Sokha") is Why.WRONG
    assert len(welcome.code.replace("-", "")) == 24
    assert refusal(login.accept, service, welcome.code, "too short", HERE) is Why.SHORT
    assert login.accept(service, f" {welcome.code.lower()} ", PASSWORD, HERE) == "Sokha"
    assert refusal(login.accept, service, welcome.code, PASSWORD, HERE) is Why.BAD_WELCOME
    assert why(service, "Sokha") is None
    assert events(service) == [
        ("staff.added", None),
        ("login.failed", None),
        ("welcomed", "Sokha"),
        ("login.failed", None),
        ("login", "Sokha"),
    ]


def test_a_welcome_code_ends_after_three_days(service, clock):
    welcome = staff.add(service, "Sokha", Role.VIEWER, None)
    clock.forward(hours=72)
    assert refusal(login.accept, service, welcome.code, PASSWORD, HERE) is Why.BAD_WELCOME
    again = staff.invite(service, "sokha", None)
    clock.forward(hours=71)
    assert login.accept(service, again.code, PASSWORD, HERE) == "Sokha"


def test_welcome_codes_are_not_guessed_quickly(service):
    tries = [refusal(login.accept, service, f"code {turn}", PASSWORD, ELSEWHERE) for turn in range(20)]
    assert tries == [Why.BAD_WELCOME] * 15 + [Why.WAIT] * 5


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("rice field", None),
        ("ស្រែស្រូវពណ៌បៃតង", None),
        ("rice!", Why.SHORT),
        ("x" * 201, Why.SHORT),
        ("aaaaaaaaaaaaaaa", Why.PLAIN),
        ("012 345 678 9", Why.PLAIN),
        ("០១២៣៤៥៦៧៨៩", Why.PLAIN),
        ("my name is Sokha", Why.PLAIN),
    ],
)
def test_a_password_is_not_soon_guessed(service, password, why):
    welcome = staff.add(service, "Sokha", Role.VIEWER, None)
    if why:
        assert refusal(login.accept, service, welcome.code, password, HERE) is why
    login.accept(service, welcome.code, PASSWORD if why else password, HERE)


def test_a_password_is_the_same_on_every_keyboard(service):
    taken_in(service, "Sokha", password="caf\u00e9 au lait")
    assert why(service, "Sokha", "cafe\u0301 au lait") is None


def test_a_name_is_somebodys(service):
    staff.add(service, "Sok  Dara", Role.VIEWER, None)
    for name in ("Sok Dara", "sokdara", " SOK DARA "):
        assert refusal(staff.add, service, name, Role.ADMIN, None) is Why.TAKEN
    for name in ("", "  ", "Phlov", "x" * 41, "Dara 012345678"):
        assert refusal(staff.add, service, name, Role.ADMIN, None) is Why.BAD_NAME
    assert [member.name for member in staff.everybody(service)] == ["Sok Dara"]


def test_nobody_unknown_is_changed(service):
    changes = (staff.invite, staff.disable, staff.enable)
    for change in changes:
        assert refusal(change, service, "nobody", "Boss") is Why.UNKNOWN
    assert refusal(staff.set_role, service, "nobody", Role.ADMIN, "Boss") is Why.UNKNOWN


def test_the_last_admin_stays(service):
    staff.add(service, "Boss", Role.ADMIN, None)
    assert refusal(staff.disable, service, "Boss", None) is Why.LAST_ADMIN
    assert refusal(staff.set_role, service, "Boss", Role.VIEWER, None) is Why.LAST_ADMIN
    staff.add(service, "Chief", Role.ADMIN, None)
    staff.disable(service, "Boss", "Chief")
    assert refusal(staff.disable, service, "Chief", None) is Why.LAST_ADMIN


def test_who_is_closed_out_is_let_in_again_by_a_new_code(service):
    taken_in(service, "Sokha")
    assert refusal(staff.enable, service, "Sokha", "Boss") is Why.UNKNOWN
    staff.disable(service, "Sokha", "Boss")
    staff.disable(service, "Sokha", "Boss")
    assert refusal(staff.invite, service, "Sokha", "Boss") is Why.UNKNOWN
    welcome = staff.enable(service, "Sokha", "Boss")
    assert why(service, "Sokha") is Why.WRONG
    login.accept(service, welcome.code, PASSWORD, HERE)
    assert why(service, "Sokha") is None
    assert [event for event, _ in events(service)].count("staff.disabled") == 1


def test_a_welcome_of_somebody_closed_out_is_worth_nothing(service):
    welcome = staff.add(service, "Sokha", Role.VIEWER, None)
    staff.disable(service, "Sokha", None)
    assert refusal(login.accept, service, welcome.code, PASSWORD, HERE) is Why.BAD_WELCOME


def test_everybody_is_listed(service):
    staff.add(service, "Dara", Role.EDITOR, None)
    taken_in(service, "Sokha")
    with_second(service, "Maly", Role.CASEWORKER)
    taken_in(service, "Vibol")
    staff.disable(service, "Vibol", None)
    staff.set_language(service, "Dara", "km")
    shown = [(each.name, each.role, each.language, each.state, each.has_second) for each in staff.everybody(service)]
    assert shown == [
        ("Dara", "editor", "km", "invited", False),
        ("Maly", "caseworker", None, "active", True),
        ("Sokha", "viewer", None, "active", False),
        ("Vibol", "viewer", None, "disabled", False),
    ]
    signed = come(service, "Sokha")
    seen = {each.name: each.seen_at for each in staff.everybody(service)}
    assert seen["Sokha"] == signed.session.seen_at
    assert seen["Dara"] is None


def test_each_role_has_its_acts():
    assert all(may(Role.ADMIN, act) for act in Act)
    assert set(ACTS) == set(Role)
    assert set().union(*(ACTS[role] for role in Role if role is not Role.ADMIN)) == set(Act) - {
        Act.STAFF_EDIT,
        Act.AUDIT_READ,
        Act.CONTACT_EXPORT,
        Act.DUTY_EDIT,
    }
    watching = ACTS[Role.VIEWER]
    assert not watching & FRESH
    assert not {act for act in watching if act.startswith("contact")}
    assert [role for role in Role if not needs_second(role)] == [Role.VIEWER]
    assert not may(Role.CAMPAIGNER, Act.CONTACT_REVEAL)
    assert not may(Role.CASEWORKER, Act.BROADCAST_APPROVE)
