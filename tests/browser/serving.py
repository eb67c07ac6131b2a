"""A house whose data are made beforehand, served as `phlov run` serves it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from ports import free_port
from pyotp import TOTP

from bot import app
from bot.config import Settings
from bot.services import login, second, staff
from bot.services.codes import STEP
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import gateways, messages

PASSWORD = "rice fields at dawn"
HERE = "203.0.113.7"
DAY = 86_400_000


@dataclass
class House:
    """One Phlov in a folder of its own."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "var", port=self.port)

    def prepare(self) -> Service:
        """Its tables, and the service to fill them with."""
        app.migrate(self.settings)
        return app.service(self.settings)

    def start(self) -> None:
        """Serve until `stop`."""
        mine = {"PHLOV_DATA_DIR": str(self.settings.data_dir), "PHLOV_PORT": str(self.port)}
        env = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")} | mine
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "bot", "run"]
            self.process = subprocess.Popen(command, cwd=self.folder, env=env, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


def taken_in(service: Service, name: str, role: Role) -> tuple[str, ...]:
    """Somebody with a password and a phone; their spare codes."""
    welcome = staff.add(service, name, role, "Boss")
    login.accept(service, welcome.code, PASSWORD, HERE)
    token = login.log_in(service, login.Entry(name, PASSWORD, "", HERE)).token
    secret = second.offer(service, token).secret
    return second.confirm(service, token, TOTP(secret).generate_otp(service.now() // STEP)).codes


def filled(service: Service) -> None:
    """Four weeks of texts, people who wait, a gateway in trouble: what a busy house sees in the morning."""
    today, now = service.clock().date(), service.now()
    topics = ("unpaid_wages", "job_offer", "passport_kept", "costs", "none", "sos", "agency_check", "contract",
              "greeting", "documents", "loans")  # fmt: skip
    spoken = ("km", "km_Latn", "km", "en")
    countries = ("KH", "TH", "KH", "MY", "KR", "", "KH", "ZW")

    def work(tx):
        for back in range(28):
            day = (today - timedelta(days=back)).isoformat()
            for number in range(40 + (back * 37) % 61):
                tx.run(
                    messages.COUNT,
                    day=day,
                    country=countries[number * 5 % 8],
                    language=spoken[number * 3 % 4],
                    topic=topics[number * 7 % 11],
                    shard=0,
                    texts=1,
                )
        for number in range(12):
            row = service.database.new_id(now, 1)
            tx.run(
                messages.ADD_CONTACT,
                id=row,
                number_key=b"%032d" % number,
                number_sealed=None,
                language="km",
                opted_out_at=None,
                created_at=now,
                seen_at=now,
                country="KH",
                network=None,
            )
            kind = "emergency" if number < 4 else "person"
            opened = now - (10 * 60_000, 5 * 3_600_000, 3 * DAY)[number % 3]
            tx.run(messages.ESCALATE, id=row, contact_id=row, kind=kind, opened_at=opened, closed_at=None)
        gateways.pause(tx, "gammu", now + 600_000, "the modem does not answer", now - 1_200_000)

    service.database.write(work)
