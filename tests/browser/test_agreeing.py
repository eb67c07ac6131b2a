"""Broadcasts as somebody sees them who is to agree to one, and who holds one; the page goes on by itself."""

from __future__ import annotations

import pytest
from services.campaigning import Office
from serving import PASSWORD, taken_in

from bot.services import broadcasts
from bot.services.audience import Audience
from bot.services.broadcasts import Words
from bot.services.roles import Role
from bot.store.stages import Stage

WINDOWS = [("km", 360), ("en", 1280)]
KHMER = "ទូរស័ព្ទនេះមិនប្រាប់អ្នកណាទេ។ ពាក្យ STOP បញ្ឈប់សារ។ " * 2
TEXTS = {"km": Words(KHMER), "en": Words("Phlov: keep your passport with you. To stop send STOP. " * 4)}


@pytest.mark.parametrize(("tongue", "width"), WINDOWS, ids=["km-360", "en-1280"])
def test_somebody_agrees_to_one_and_holds_it(house, look, tongue, width):
    service = house.prepare()
    codes = list(taken_in(service, "Dara", Role.CAMPAIGNER))
    window = look(tongue, width)
    page = window.page
    office = Office(service)
    held, one = _made(office)
    house.start()
    window.go(f"/console/login?lang={tongue}")
    window.fill(name="Dara", password=PASSWORD, code=codes.pop())
    window.press("login")
    page.locator("nav a[href='/console/broadcasts/']").click()
    page.wait_for_url("**/console/broadcasts/")
    window.see("broadcasts")
    window.go(f"/console/broadcasts/{held}")
    window.see("broadcast-held")
    with page.expect_response("**/progress"):
        page.evaluate("document.querySelector('[data-follow]').textContent = ''")
    page.wait_for_selector("[data-follow] .counts")
    window.go(f"/console/broadcasts/{one}/approve")
    page.wait_for_selector("#counted form")
    window.see("broadcast-approve")
    window.press(f"broadcasts/{one}/approve")
    assert broadcasts.get(service, one).approver == "Dara"
    page.locator("#why").fill("a wrong day")
    window.press(f"broadcasts/{one}/pause")
    assert broadcasts.get(service, one).state == Stage.PAUSED
    window.see("broadcast-paused")


def _made(office: Office) -> tuple[int, int]:
    """One that is held though it has begun, and one that waits for somebody to agree."""
    stopped = office.people(7)
    office.tell(stopped, opted_out_at=office.now())
    office.people(120)
    held = office.scheduled(title="News of the border", texts=TEXTS)
    office.rounds(until=lambda: office.stage(held) >= Stage.CANARY)
    broadcasts.pause(office.service, held, "Bopha", "too many asked for help")
    one = broadcasts.create(
        office.service,
        office.draft(
            title="Passport <b>news</b>", texts=TEXTS, audience=Audience(languages=("km",), countries=("KH",))
        ),
    )
    broadcasts.submit(office.service, one, "Sokha")
    return held, one
