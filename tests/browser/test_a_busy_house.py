"""The first page of a house where much happens, on each screen and in each language; and all of it without a mouse."""

from __future__ import annotations

from serving import PASSWORD, filled, taken_in

from bot.services.roles import Role

EVERY = [(tongue, width) for tongue in ("km", "en") for width in (360, 1280)]


def test_a_busy_morning(house, look):
    service = house.prepare()
    codes = list(taken_in(service, "Sokha", Role.ADMIN))
    filled(service)
    house.start()
    window = look("en", 1280)
    _come_by_keyboard(window, codes.pop())
    for tongue, width in EVERY:
        window.become(tongue, width)
        window.go(f"/console/?lang={tongue}")
        assert window.page.locator(".now .alarm").count() == 2
        window.see("home")
        window.go("/console/account")
        window.see("account-second-on")
        window.go("/console/staff")
        window.see("staff-one")
        window.go("/console/audit")
        window.see("audit-first")


def _come_by_keyboard(window, code):
    """From the top of the page, by Tab and Enter alone."""
    page = window.page
    window.go("/console/login?lang=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for typed in ("Sokha", PASSWORD, code):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        page.keyboard.type(typed)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/console/")
