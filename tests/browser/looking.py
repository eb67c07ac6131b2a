"""One window of a browser. Every page it looks at is pictured and searched for what would keep people from using it."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.console.guide import SIZE

HERE = Path(__file__).parent
SHOTS = HERE.parents[1] / "build" / "screenshots"
"""Where the pictures stay, to be looked at. Git does not keep them."""
SIZES = {1280: 800, 360: 740}
"""A laptop and a small phone."""
PICTURES = "PHLOV_PICTURES"
"""Set while pictures for the guide are made: `make pictures`."""
GUIDE = HERE.parents[1] / "bot" / "console" / "static" / "guide"
AS_WEBP = """async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.8);
}"""
GRAVE = ("serious", "critical")


@cache
def script(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


class Looker:
    """Goes through pages as one person does, in one language and one size of window. `closely`: pages are also pictured
    and shown to axe; in other windows only what is broken is looked for."""

    def __init__(self, context: Any, url: str, tongue: str, *, closely: bool = True) -> None:
        self.closely = closely
        self.url, self.tongue = url, tongue
        self.faults: list[str] = []
        self.context = context
        self.page = context.new_page()
        self.width = self.page.viewport_size["width"]
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", lambda request: self._asked(request.url))

    def come(self, token: str) -> None:
        """Be somebody who has come in."""
        cookie = {"name": "__Host-phlov", "value": token, "url": self.url.replace("http", "https")}
        self.context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Strict"}])

    def close(self) -> None:
        self.context.close()

    def go(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(f"{self.url}{path}")

    def see(self, name: str) -> None:
        """Picture the page that is shown, and look for faults."""
        page = self.page
        page.evaluate("document.fonts.ready")
        where = f"{name}-{self.tongue}-{self.width}"
        shown = page.locator("html").get_attribute("lang")
        if shown != self.tongue:
            self.faults.append(f"{where}: it is in {shown}")
        self.faults += [f"{where}: {fault}" for fault in page.evaluate(script("broken.js"))]
        if self.closely:
            self._look_closely(where)

    def _look_closely(self, where: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{where}.png", full_page=True)
        self.page.evaluate(script("axe/axe.min.js"))
        rules = {"color-contrast": {"enabled": self.width == SIZE[0]}}  # colours are the same everywhere, and slow
        found = self.page.evaluate("rules => axe.run(document, {resultTypes: ['violations'], rules})", rules)
        self.faults += [
            f"{where}: {each['id']}: {each['nodes'][0]['html'][:120]}"
            for each in found["violations"]
            if each["impact"] in GRAVE
        ]

    def picture(self, name: str, top: str = "h1") -> None:
        """Make a picture for the guide of what a phone shows from here on, if that is what the tests are run for."""
        if not os.environ.get(PICTURES) or self.width != SIZE[0]:
            return
        self.page.evaluate("document.fonts.ready")
        self.page.evaluate(f"scrollTo(0, document.querySelector({top!r}).getBoundingClientRect().top + scrollY - 12)")
        shown = self.page.screenshot(clip={"x": 0, "y": 0, "width": SIZE[0], "height": SIZE[1]})
        canvas = self.context.new_page()
        made = canvas.evaluate(AS_WEBP, f"data:image/png;base64,{b64encode(shown).decode()}")
        canvas.close()
        GUIDE.mkdir(exist_ok=True)
        (GUIDE / f"{name}-{self.tongue}.webp").write_bytes(b64decode(made.partition(",")[2]))

    def fill(self, **fields: str) -> None:
        """Write into the fields of the form in the middle of the page."""
        for name, value in fields.items():
            self.page.locator(f"main form input[name={name}]:visible").first.fill(value)

    def unfold(self, field: str) -> None:
        """Open what a field is folded into."""
        self.page.locator(f"details:has({field}) > summary").last.click()

    def follow(self, place: str) -> None:
        """Click there, and wait for the page that comes: until then the one before would be looked at."""
        with self.page.expect_navigation():
            self.page.locator(place).first.click()

    def press(self, action: str) -> None:
        """Send the form with this address, and wait for the page that comes."""
        with self.page.expect_navigation():
            self.page.locator(f"form[action='/console/{action}'], form[action^='/console/{action}#']").locator(
                "button:visible"
            ).first.click()

    def _heard(self, said: Any) -> None:
        """A form that was refused is an answer of 4xx, which the browser calls an error, and is none."""
        refused = "Failed to load resource" in said.text and "/console/" in said.location["url"] and "40" in said.text
        if said.type in ("error", "warning") and not refused:
            self.faults.append(f"console: {said.text}")

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme != "data" and not url.startswith(self.url):
            self.faults.append(f"asked elsewhere: {url}")
