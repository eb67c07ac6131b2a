"""A house whose data are made beforehand, served as `phlov run` serves it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from ports import free_port

from bot import app
from bot.config import Settings
from bot.services.service import Service

PASSWORD = "rice fields at dawn"


@dataclass
class House:
    """One Phlov in a folder of its own. `more`: further settings."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    more: dict[str, object] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "var", port=self.port, **self.more)

    def prepare(self) -> Service:
        """Its tables, and the service to fill them with."""
        app.migrate(self.settings)
        return app.service(self.settings)

    def start(self) -> None:
        """Serve until `stop`."""
        mine = {"PHLOV_DATA_DIR": str(self.settings.data_dir), "PHLOV_PORT": str(self.port)}
        mine |= {f"PHLOV_{name.upper()}": str(value) for name, value in self.more.items()}
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
