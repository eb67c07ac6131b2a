"""Kannel itself (bearerbox and smsbox), with the shipped configuration moved to a folder and ports of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote_from_bytes, unquote_to_bytes, urlsplit

import pytest
from ports import free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "operator" / "kannel.conf"
PASSWORD, SECRET, STATUS, ADMIN = "sendsms-password-1", "webhook-secret-1", "status-password-1", "admin-password-1"
CODE = "1280"
FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
PATIENCE = 60.0
Answer = tuple[int, list[tuple[str, str]], bytes]
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def needed() -> None:
    """Skip where Kannel is not installed; in CI that is a failure."""
    missing = shutil.which("bearerbox", path=PATH) is None or not FAKESMSC.exists()
    if missing and os.environ.get("CI"):
        pytest.fail("Kannel is missing: apt install kannel kannel-extras")
    if missing:
        pytest.skip("Kannel is not installed here; do: apt install kannel kannel-extras")


def wait_until(holds: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"not within {within:.0f} s: {what}")
        time.sleep(0.02)


def listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@dataclass
class Kannel:
    """One Kannel. `phlov` is the port it brings texts to; `operator` and `ussd` those of SMPP servers.

    Without an operator there is the modem at this device, or fakesmsc.
    """

    folder: Path
    phlov: int
    operator: int | None = None
    ussd: int | None = None
    modem: Path | None = None
    boxes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.admin, self.box, self.sendsms, self.fake = (free_port() for _ in range(4))
        (self.folder / "spool").mkdir(parents=True)
        self.file = self.folder / "kannel.conf"
        self.file.write_text(self._moved(SHIPPED.read_text()))
        if self.ussd:
            beside = self.folder / "kannel-ussd.conf"
            beside.write_text(self._moved(SHIPPED.with_name(beside.name).read_text()))
            include = f'include = "{beside}"'
            self.file.write_text(self.file.read_text().replace('# include = "/etc/kannel/kannel-ussd.conf"', include))

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._end)
            self.start("bearerbox")
            self.start("smsbox")
            self.wait("smsbox:")
            stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for name in list(self.boxes):
            self.kill(name)

    def start(self, name: str) -> None:
        """Start a box and see it listen."""
        program = shutil.which(name, path=PATH)
        with (self.folder / f"{name}-journal.log").open("ab") as journal:
            command = [program, "-v", "4", str(self.file)]  # as the units have it
            self.boxes[name] = subprocess.Popen(command, cwd=self.folder, stdout=journal, stderr=journal)
        ports = [self.admin, self.box] if name == "bearerbox" else [self.sendsms]
        wait_until(lambda: all(map(listening, ports)), f"{name} listens")

    def kill(self, name: str) -> None:
        """As a power cut does."""
        box = self.boxes.pop(name)
        box.kill()
        box.wait(PATIENCE)

    def wait(self, said: str) -> None:
        """Until the status page says so."""
        wait_until(lambda: said in self.status(), f"the status page says {said}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms"

    def status(self) -> str:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.admin}/status.txt?password={STATUS}", timeout=PATIENCE
        ) as answer:
            return str(answer.read().decode())

    def logs(self) -> str:
        """Everything that Kannel wrote about what it did."""
        return "\n".join(file.read_text("utf-8", "replace") for file in sorted(self.folder.glob("*.log")))

    def _moved(self, text: str) -> str:
        """A shipped file with other places, ports and passwords; with fakesmsc unless there is an operator."""
        if not self.operator:
            line = f"group = smsc\nsmsc = fake\nsmsc-id = OPERATOR\nport = {self.fake}\nconnect-allow-ip = 127.0.0.1\n"
            if self.modem:
                line = SHIPPED.with_name("kannel-modem.conf").read_text()
                line = line.replace("/dev/serial/by-id/CHANGE", str(self.modem)).replace(
                    "throughput = 1", "throughput = 20"
                )
            text = re.sub(r"^group = smsc\n.*?(?=^group)", f"{line}\n", text, flags=re.M | re.S)
        for old, new in {
            "CHANGE-status": STATUS,
            "CHANGE-admin": ADMIN,
            "CHANGE-sendsms": PASSWORD,
            "CHANGE-secret": SECRET,
            "127.0.0.1:8000": f"127.0.0.1:{self.phlov}",
            "/run/kannel": str(self.folder),
            "/var/spool/kannel": str(self.folder / "spool"),
            "smpp.operator.example": "127.0.0.1",
            "ussd.operator.example": "127.0.0.1",
            "port = 2775": f"port = {self.operator}",
            "port = 2776": f"port = {self.ussd}",
            "CHANGE-password": "smpppass",
            "CHANGE-ussd": "ussdpass",
        }.items():
            text = text.replace(old, new)
        changed = {
            ("core", "admin-port"): self.admin,
            ("core", "smsbox-port"): self.box,
            ("core", "sms-resend-freq"): 1,
            ("smsc", "reconnect-delay"): 1,
            ("smsbox", "sendsms-port"): self.sendsms,
            ("smsbox", "http-queue-delay"): 1,
        }
        return "\n\n".join(_group(group, changed) for group in re.split(r"\n\n+", text)) + "\n"


def _group(text: str, changed: Mapping[tuple[str, str], object]) -> str:
    name = re.search(r"^group = (.*)", text, flags=re.M)
    for (group, key), value in changed.items():
        if name and name[1] == group:
            text = re.sub(rf"^{key} = .*", f"{key} = {value}", text, flags=re.M)
    return text


@dataclass
class Phone:
    """A phone at fakesmsc: sends one text, and hears what comes back."""

    kannel: Kannel
    number: str = "+85512345678"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate(timeout=PATIENCE)

    def __enter__(self) -> Self:
        self.heard = self.kannel.folder / "phone.txt"
        return self

    def text(self, words: str) -> None:
        """Text the bot in UCS-2, and stay."""
        encoded = quote_from_bytes(words.encode("utf-16-be"), safe="")
        message = f"{self.number} {CODE} ucs2 {encoded}"
        command = [str(FAKESMSC), "-H", "127.0.0.1", "-r", str(self.kannel.fake), "-m", "1", "-i", "0.01", message]
        with self.heard.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=self.kannel.folder, stdout=log, stderr=log)

    def parts(self) -> list[tuple[bytes, str]]:
        """Header and words of each part that came, as fakesmsc prints them."""
        pattern = r"Got message \d+: <\S+ \S+ (?:udh (\S+) )?(data|text|ucs2)[^%]* ?(\S*)>"
        found = re.findall(pattern, self.heard.read_text("utf-8", "replace"))
        return [
            (unquote_to_bytes(udh), unquote_to_bytes(data.replace("+", " ")).decode("utf-16-be"))
            for udh, _, data in found
        ]


@dataclass
class Between:
    """Stands between Kannel and Phlov, passes everything on, and keeps what was asked. `meddle` may change an answer,
    or hold one back: it is given the path with its query and a function that asks Phlov."""

    phlov: int
    meddle: Callable[[str, Callable[[], Answer]], Answer] = lambda target, ask: ask()
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = outer.meddle(self.path, lambda: outer.ask(self.path))
                outer.asked.append((self.path, status))
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def ask(self, target: str) -> Answer:
        line = HTTPConnection("127.0.0.1", self.phlov, timeout=PATIENCE)
        try:
            line.request("GET", target)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, HTTPException):
            return 503, [], b""
        finally:
            line.close()

    def fetches(self, of: str) -> list[dict[str, list[str]]]:
        """The queries of what was asked of a path, in order."""
        return [parse_qs(urlsplit(target).query) for target, _ in self.asked if urlsplit(target).path == of]
