"""The first day of an admin: from the welcome code to colleagues who can come in."""

from __future__ import annotations

import time

import pytest
from pyotp import TOTP
from serving import PASSWORD

from bot.services import audit, staff
from bot.services.roles import Role

WINDOWS = [("km", 360), ("en", 1280)]


@pytest.mark.parametrize(("tongue", "width"), WINDOWS, ids=["km-360", "en-1280"])
def test_the_first_day(house, look, tongue, width):
    service = house.prepare()
    welcome = staff.add(service, "សុខា Sokha", Role.ADMIN, "phlov")
    house.start()
    window = look(tongue, width)
    page = window.page

    window.go(f"/console/?lang={tongue}")
    assert page.url.split("?")[0].endswith("/console/login")
    window.go(f"/console/login?lang={tongue}")
    window.see("login")
    page.locator("a[href='/console/welcome']").click()
    window.see("welcome")
    window.fill(code="wrong", password=PASSWORD, again=PASSWORD)
    window.press("welcome")
    window.see("welcome-refused")
    window.fill(code=welcome.code, password=PASSWORD, again=PASSWORD)
    window.press("welcome")
    window.see("welcomed")

    window.fill(name="សុខា Sokha", password="not this one")
    window.press("login")
    window.see("login-refused")
    window.fill(name="សុខា Sokha", password=PASSWORD)
    window.press("login")
    assert page.url.endswith("/console/account/second")
    window.see("second")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    window.fill(code="000000")
    window.press("account/second")
    window.see("second-refused")
    secret = page.locator("p.secret").inner_text().replace(" ", "")
    window.fill(code=TOTP(secret).at(int(time.time())))
    window.press("account/second")
    window.see("codes")
    spare = page.locator("ul.codes li").all_inner_texts()
    assert len(spare) == 10

    page.locator("main a.button").click()
    window.see("home-empty")
    page.locator("nav a[href='/console/staff']").click()
    window.see("staff-alone")
    window.fill(name="ដារ៉ា")
    page.locator("#new-caseworker").check()
    window.press("staff/add")
    window.see("staff-code")
    assert "-" in page.locator("ul.codes").inner_text()
    page.locator("main a.button").click()
    page.locator("table summary").first.click()
    window.see("staff")
    page.locator("nav a[href='/console/account']").click()
    window.see("account")
    page.locator("nav a[href='/console/audit']").click()
    window.press("audit/verify")
    window.see("audit")
    assert audit.verify(service).broken is None

    window.press("logout")
    window.see("logged-out")
    window.fill(name="សុខា sokha", password=PASSWORD, code=spare[0])
    window.press("login")
    assert page.url.endswith("/console/")
    window.go("/console/prove")
    window.see("prove")
    window.go("/console/nothing")
    window.see("no-such-page")
