"""The ten journeys of those who work here, each in Khmer and in English, on a laptop and on a phone of 360 pixels."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
from looking import SIZES, Looker
from peer import listening, says
from pyotp import TOTP
from seeding import ADMIN, CASEWORKER, EDITOR, OTHER, WRITER, Seeds, weeks
from serving import PASSWORD, House

from bot.services import audit, broadcasts, cases, content, people, staff, uploads
from bot.services.roles import Role
from bot.store.stages import Stage

WINDOWS = [("km", 360), ("en", 1280), ("km", 1280), ("en", 360)]
CLOSELY = WINDOWS[:2]
"""Each page is pictured and shown to axe in these; in the others it is looked at for what is broken."""
KHMER = "Phlov៖ ទុកលិខិតឆ្លងដែនជាប់ខ្លួនជានិច្ច។ ថៅកែគ្មានសិទ្ធិទុកទេ។ ផ្ញើ STOP ដើម្បីឈប់ទទួលសារ។"
LATIN = "Phlov: Tuk likhet chhlang den choap khluon chea nech. Thaoke kmean set tuk te. Phnhae STOP daembei chhop."
ENGLISH = "Phlov: Always keep your passport with you. No employer may keep it. To stop these texts send STOP."
CONTRACT = {"km": "សូមជួយអានកិច្ចសន្យានេះឱ្យខ្ញុំផង", "en": "can you read my contract, please?"}
HELLO = {"km": "សួស្តី", "en": "hello"}
LINES = ("th-1300", "my-999", "kr-1345", "th-1694")
pytestmark = pytest.mark.parametrize("window", range(4), ids=[f"{tongue}-{width}" for tongue, width in WINDOWS])


@dataclass
class Served:
    """A house that is served, and what is in it."""

    house: House
    seeds: Seeds
    danger: list[int]
    asking: list[int]
    members: list[int]
    waiting: list[int]

    @property
    def service(self):
        return self.seeds.service


def takes(line, peer):
    """A phone as gateway that takes whatever it is given."""
    asked = peer.asked[-1]
    given = asked.method == "POST"
    named = json.loads(asked.body)["id"] if given else asked.path.rpartition("/")[2]
    answer = json.dumps({"id": named, "state": "Pending"}).encode()
    says(202 if given else 200, answer, Content_Type="application/json")(line, peer)


DESKS = count(1)
"""Each window stands somewhere else."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One for all journeys, with a gateway that takes everything; each window has its own people in it."""
    folder = tmp_path_factory.mktemp("house")
    prices = folder / "prices.csv"
    prices.write_text("country,network,price,currency\nKH,,0.021,USD\nTH,,0.034,USD\n")
    with listening(takes) as gateway:
        phone = {"url": gateway.url, "user": "phone", "password": "a-password", "signing_key": "k" * 32}
        phone["number"] = "+85512000001"
        more = {f"smsgate_{name}": value for name, value in phone.items()}
        yield from _served(House(folder, more={"prices_file": prices, **more}))


def _served(house):
    seeds = Seeds(house.prepare())
    seeds.hire()
    weeks(seeds.service)
    danger, asking = [], []
    for nth in range(4):
        danger.append(seeds.case(f"+6681234567{nth}", "SOS", "my boss hits me and keeps my passport"))
        asking.append(seeds.case(f"+8551288800{nth}", "HUMAN", CONTRACT[WINDOWS[nth][0]]))
        seeds.text(f"+8551277700{nth}", "qwzx vbnm plok")
    seeds.office.people(120)
    members = [seeds.member(f"+8551266600{nth}", HELLO[WINDOWS[nth][0]]) for nth in range(4)]
    waiting = [seeds.waiting(f"Passport <b>news</b> {nth + 1}") for nth in range(4)]
    house.start()
    yield Served(house, seeds, danger, asking, members, waiting)
    house.stop()


@pytest.fixture
def look(chromium, served, window):
    """A window for somebody of staff who is in; what was wrong with any page fails the test at its end."""
    tongue, width = WINDOWS[window]
    opened: list[Looker] = []

    def look(name: str | None = None) -> Looker:
        context = chromium.new_context(
            viewport={"width": width, "height": SIZES[width]},
            locale="en-GB",
            extra_http_headers={"X-Forwarded-For": f"203.0.113.{next(DESKS)}"},  # from one desk it would be guessing
        )
        context.set_default_timeout(10_000)
        one = Looker(context, served.house.url, tongue, closely=(tongue, width) in CLOSELY)
        opened.append(one)
        if name is not None:
            one.come(served.seeds.token(name))
        one.go(f"/console/login?lang={tongue}")
        return one

    yield look
    for each in opened:
        each.close()
    assert [fault for each in opened for fault in each.faults] == []


def test_1_the_first_day_of_an_admin(served, look, window):
    name = f"ពេជ្រ Pich{'abcd'[window]}"
    welcome = staff.add(served.service, name, Role.ADMIN, "phlov")
    one = look()
    page = one.page
    one.see("login")
    one.follow("a[href='/console/welcome']")
    one.fill(code="wrong", password=PASSWORD, again=PASSWORD)
    one.press("welcome")
    one.fill(code=welcome.code, password=PASSWORD, again=PASSWORD)
    one.press("welcome")
    one.fill(name=name, password="not this one")
    one.press("login")
    one.see("login-refused")
    one.fill(name=name, password=PASSWORD)
    one.press("login")
    assert page.url.endswith("/console/account/second")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    one.fill(code="000000")
    one.press("account/second")
    one.see("second-refused")
    secret = page.locator("p.secret").inner_text().replace(" ", "")
    one.fill(code=TOTP(secret).at(int(time.time())))
    one.press("account/second")
    one.see("codes")
    assert page.locator("ul.codes li").count() == 10
    one.follow("main a.button")
    one.follow("nav a[href='/console/staff']")
    one.fill(name=f"ដារ៉ា{'abcd'[window]}")
    page.locator("#new-caseworker").check()
    one.press("staff/add")
    one.see("staff-code")
    one.follow("main a.button")
    page.locator("table summary").first.click()
    one.see("staff")
    one.follow("nav a[href='/console/account']")
    one.see("account")


def test_2_home_in_the_morning_without_a_mouse(served, look):
    one = look()
    page = one.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for typed in (ADMIN, PASSWORD, served.seeds.code(ADMIN)):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        page.keyboard.type(typed)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/console/")
    assert page.locator(".now .alarm").count() >= 1
    assert page.locator(".plot svg").count() > 10
    one.see("home")
    one.picture("home")


def test_3_somebody_who_asks_for_a_person_is_answered(served, look, window):
    one, case = look(CASEWORKER), served.asking[window]
    page = one.page
    one.go("/console/")
    one.follow("a[href='/console/cases?kind=person']")
    one.see("cases")
    one.follow(f"a[href='/console/cases/{case}']")
    assert page.locator(".talk .theirs bdi").last.inner_text() == CONTRACT[one.tongue]
    one.see("case")
    one.follow(f"form[action='/console/cases/{case}/assign'] button")
    page.locator("#text").fill("Is it safe to text you now? បើមិនទាន់ទេ ផ្ញើ 1។")
    page.wait_for_selector("[data-shown] .phone")
    one.see("case-writing")
    one.picture("case", "#talk")
    page.locator("button[name=do][value=send]").click()
    page.wait_for_url("**done=case_sent**")
    assert "Is it safe to text you now?" in page.locator(".talk .mine").last.inner_text()
    assert cases.case(served.service, case).assigned == CASEWORKER
    one.go(f"/console/cases/{case}")
    one.unfold("#note")
    page.locator("#note").fill("She sends a photo of it tomorrow.")
    one.press(f"cases/{case}/note")
    one.unfold("#days")
    one.press(f"cases/{case}/wait")
    one.see("case-waits")


def test_4_an_emergency_is_seen_and_comes_to_its_end(served, look, window):
    one, case = look(CASEWORKER), served.danger[window]
    page = one.page
    one.go("/console/")
    one.follow("a[href='/console/cases?kind=emergency']")
    one.follow(f"a[href='/console/cases/{case}']")
    one.see("emergency")
    assert cases.case(served.service, case).acknowledged_at is not None
    one.unfold("#to")
    one.press(f"cases/{case}/refer")
    one.unfold("#why")
    page.locator("#why").fill("the rescuers need it, she said yes")
    one.press(f"cases/{case}/reveal")
    assert f"+6681234567{window}" in page.locator(".secret").inner_text().replace(" ", "")
    one.see("case-revealed")
    one.unfold("input[name=outcome]")
    page.locator("#outcome-referred").check()
    one.press(f"cases/{case}/close")
    one.see("case-closed")
    assert cases.case(served.service, case).outcome == "referred"
    noted = [row.event for row in audit.page(served.service, who=CASEWORKER)]
    assert {"case.read", "contact.reveal", "case.referred", "case.closed"} <= set(noted)


def test_5_a_text_to_many_is_written_and_handed_in(served, look, window):
    one = look(WRITER)
    page = one.page
    one.follow("nav a[href='/console/broadcasts/']")
    one.see("broadcasts")
    one.follow("a[href='/console/broadcasts/new']")
    one.see("write-empty")
    page.locator("#km").fill(KHMER)
    page.locator("#km_Latn").fill(LATIN)
    page.locator("#en").fill(ENGLISH)
    page.locator("#title").fill(f"Keep your passport {window}")
    one.unfold("#languages-1")
    page.locator("#languages-1").check()
    page.wait_for_selector("#phones .phone >> nth=2")
    page.locator("#count").click()
    page.wait_for_selector("#counted .card")
    one.see("write")
    one.picture("write", "#phones")
    page.locator("button[value=keep]").click()
    page.wait_for_url("**done=broadcast_kept")
    one.see("send")
    page.locator("#count").click()
    people = page.wait_for_selector("#counted label[for=recipients]").inner_text()
    page.locator("#recipients").fill("".join(filter(str.isdecimal, people)))
    one.see("send-counted")
    page.locator("form:has(#recipients) button").click()
    page.wait_for_url("**done=broadcast_waits")
    one.see("broadcast-waits")


def test_6_a_second_person_agrees_and_then_holds_it(served, look, window):
    one, made = look(OTHER), served.waiting[window]
    page = one.page
    page.clock.install()
    one.go("/console/")
    one.follow(f"a[href='/console/broadcasts/{made}']")
    one.follow(f"a[href='/console/broadcasts/{made}/approve']")
    page.wait_for_selector("#counted form")
    one.see("approve")
    one.press(f"broadcasts/{made}/approve")
    assert broadcasts.get(served.service, made).approver == OTHER
    with page.expect_response("**/progress"):
        page.clock.run_for(6_000)
    page.wait_for_selector("[data-follow] .tag")
    page.locator("#why").fill("a wrong day")
    one.press(f"broadcasts/{made}/pause")
    assert broadcasts.get(served.service, made).state == Stage.PAUSED
    one.see("broadcast-paused")
    one.unfold("#sure")
    page.locator("#sure").check()
    one.press(f"broadcasts/{made}/cancel")
    assert broadcasts.get(served.service, made).state == Stage.CANCELLED


def test_7_a_list_of_people_comes_in(served, look, window):
    one = look(WRITER)
    page = one.page
    one.go("/console/contacts/lists")
    one.see("lists")
    rows = [f"Chan {nth},0125550{window}{nth:02},Siem Reap,{window}{nth}" for nth in range(30)]
    sheet = "\n".join(["Name,Phone,Province,Age", *rows, "<b>Nobody</b>,not a number,Atlantis,7"]).encode()
    page.locator("#list").set_input_files({"name": "ភូមិ village.csv", "mimeType": "text/csv", "buffer": sheet})
    page.locator("#campaign").select_option("KYA12")
    page.locator("#how").select_option("paper")
    page.locator("#wording").fill("May Phlov send you texts about work abroad?")
    one.fill(given_by="Sister Chan", on=(served.service.clock().date() - timedelta(days=9)).isoformat())
    one.press("contacts/lists")
    assert page.locator(".bad").all_inner_texts() == []
    upload = int(page.url.rpartition("/")[2])
    _until({"ready"}, served.service, upload)
    page.reload()
    assert page.locator("[aria-labelledby=wrong] tbody tr").count() >= 1
    one.see("list")
    one.press(f"contacts/lists/{upload}/confirm")
    _until({"done"}, served.service, upload)
    page.reload()
    assert people.find(served.service, f"+85512555{window:02}29", "Boss") is not None
    one.see("list-done")


def _until(stages, service, upload):
    """The worker has done its part."""
    until = time.monotonic() + 30
    while uploads.look(service, upload).stage not in stages:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_8_a_person_is_found_and_forgotten(served, look, window):
    one, member = look(CASEWORKER), served.members[window]
    page = one.page
    one.follow("nav a[href='/console/contacts']")
    one.see("people")
    one.fill(number="not a number")
    one.press("contacts/find")
    one.see("people-no-number")
    one.fill(number=f"012 666 00{window}")
    one.press("contacts/find")
    assert page.url.endswith(f"/console/contacts/{member}")
    assert "KYA12" in page.locator("main").inner_text()
    one.fill(add="met at the border")
    one.press(f"contacts/{member}/tags")
    one.see("person")
    one.picture("people")
    one.unfold("input[name=word]")
    one.fill(word="ERASE")
    one.press(f"contacts/{member}/erase")
    assert people.look(served.service, member, "Boss").erased


def test_9_a_helpline_is_called_and_the_change_taken_back(served, look, window):
    one, line = look(EDITOR), LINES[window]
    page = one.page
    one.go("/console/content/helplines")
    one.see("helplines")
    one.picture("numbers")
    one.go(f"/console/content/helplines/{line}")
    one.see("helpline")
    page.locator("#called-source").fill("the operator said so")
    one.press(f"content/helplines/{line}/called")
    assert content.current(served.service, content.Kind.HELPLINE)[line]["checked_on"]
    one.see("helpline-called")
    one.press("content/changes/undo")
    assert line not in content.current(served.service, content.Kind.HELPLINE)
    for name in ("", "/notices", "/answers", "/campaigns", "/agencies", "/topics", "/changes"):
        one.go(f"/console/content{name}")
        one.see(f"content{name.replace('/', '-')}")


def test_10_what_was_not_understood_is_tried_and_what_staff_did_is_looked_at(served, look, window):
    one = look(ADMIN)
    page = one.page
    one.go("/console/content/unmatched")
    assert "qwzx vbnm plok" in page.locator("main").inner_text()
    one.see("unmatched")
    one.follow("nav a[href='/console/simulator']")
    page.locator("#country").select_option("TH")
    one.follow("form[method=get] button")
    page.locator("#sms-text").fill("SOS")
    with page.expect_navigation():
        page.locator("form[action$='#sms-now'] button").click()
    assert "191" in page.locator(".talk .theirs").first.inner_text()
    with page.expect_navigation():
        page.locator("form[action$='#ussd-now'] button").click()
    page.locator("#ussd-text").fill("9")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    sms, ussd = (page.locator(f"section[aria-labelledby={phone}-title]").bounding_box() for phone in ("sms", "ussd"))
    assert (sms["y"] == ussd["y"]) is (one.width > 1000), "side by side where there is room"
    one.see("simulator")
    one.picture("try", "#sms-title")
    one.follow("nav a[href='/console/audit']")
    one.press("audit/verify")
    one.see("audit")
    one.follow("a[href='/console/audit/month']")
    one.see("audit-month")
    one.follow("nav a[href='/console/guide']")
    one.see("guide")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2, "on two sheets of paper"
    one.go("/console/prove")
    one.see("prove")
    one.press("logout")
    one.see("logged-out")
    one.go("/console/nothing")
    one.see("no-such-page")
