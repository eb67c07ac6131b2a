"""The two phones that staff may try the house on, by finger and by keyboard."""

from __future__ import annotations

from serving import PASSWORD, taken_in

from bot.services.roles import Role


def test_both_phones_are_written_on(house, look):
    service = house.prepare()
    codes = list(taken_in(service, "Sokha", Role.EDITOR))
    house.start()
    window = look("en", 1280)
    window.go("/console/login?lang=en")
    window.fill(name="Sokha", password=PASSWORD, code=codes.pop())
    window.press("login")
    written_on(window, "My boss keeps my passport")
    window.become("km", 360)
    window.go("/console/?lang=km")
    written_on(window, "ថៅកែមិនបើកប្រាក់ខែ")


def written_on(window, text):
    page = window.page
    page.locator("nav a[href='/console/simulator']").click()
    page.wait_for_url("**/console/simulator")
    window.see("simulator-first")

    page.locator("#country").select_option("TH")
    with page.expect_navigation():
        page.locator("form[method=get] button").click()
    for each in ("SOS", text):
        page.locator("#sms-text").fill(each)
        with page.expect_navigation():
            page.locator("form[action$='#sms-now'] button").click()
        assert page.url.endswith("#sms-now")
    assert "191" in page.locator(".talk .theirs").all_inner_texts()[0]
    with page.expect_navigation():
        page.locator("form[action$='#ussd-now'] button").click()
    for key in ("9", "1"):
        page.locator("#ussd-text").fill(key)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert page.locator(".talk .screen").count() == 3
    assert page.evaluate("document.querySelector('#ussd-now').getBoundingClientRect().top < innerHeight")
    sms, ussd = (page.locator(f"section[aria-labelledby={phone}-title]").bounding_box() for phone in ("sms", "ussd"))
    assert (sms["y"] == ussd["y"]) is (window.width > 1000), "side by side where there is room"
    window.see("simulator")
