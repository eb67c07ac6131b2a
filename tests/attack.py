"""wapiti looks for holes in the console for a minute, as an admin who is in: `make attack`.

The house is full of things to click on (`busy_house`), and served as `phlov run` serves it. What wapiti cannot judge is
left out: `csrf` (it knows our tokens by no name of its own; tests/console/test_matrix.py tries every form without),
`ssrf` (it asks a machine of its makers; tests/channels/test_http.py), `cookieflags` and `https_redirect` (this house
speaks plain HTTP; tests/console/test_doors.py).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError

from busy_house import BOSS, WORKER, WRITER, Village
from console.crawling import PAYLOADS
from console.visiting import HERE, PASSWORD, Moving
from faults.house import House
from pyotp import TOTP

from bot import app
from bot.config import Settings
from bot.services import login, second, staff
from bot.services.codes import STEP
from bot.services.roles import Role
from bot.services.service import Service

SECONDS = 60
MODULES = ("backup", "crlf", "csp", "exec", "file", "htaccess", "http_headers", "ldap", "methods", "permanentxss",
           "redirect", "shellshock", "sql", "timesql", "upload", "xss", "xxe")  # fmt: skip
AWAY = ("logout", "account/password", "login", "welcome")
"""Where it would show itself out."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m attack", description=__doc__)
    asked.add_argument("--seconds", type=int, default=SECONDS)
    asked.add_argument("--out", type=Path, help="a file for what wapiti reports, as JSON")
    given = asked.parse_args()
    program = shutil.which("wapiti")
    if program is None:
        print("wapiti is missing; `make attack` gets it", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="phlov-attack-") as name:
        house = House(Path(name), more={"PHLOV_CONSOLE_PLAIN": "true"})
        cookie = f"phlov={filled(house)}"
        with house.running():
            assert status(house, cookie) == 200, "the admin is in before"
            report = attacked(program, house, cookie, Path(name), given.seconds)
            assert status(house, cookie) == 200, "the admin is in after"
        log = house.log.read_text(encoding="utf-8")
    if given.out:
        given.out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    broken = log.count("a page failed")
    kinds = {**report["vulnerabilities"], **report["anomalies"]}
    found = {kind: len(cases) for kind, cases in kinds.items() if cases}
    print(f"wapiti {report['infos']['version']}: {report['infos'].get('crawled_pages_nbr', 'many')} addresses; "
          f"found {found or 'nothing'}; pages that failed: {broken}")  # fmt: skip
    return 1 if found or broken else 0


def filled(house: House) -> str:
    """Fill the house; the session of an admin."""
    clock = Moving()
    clock.time = datetime.now(UTC) - timedelta(days=5)
    settings = Settings(data_dir=house.data)
    app.migrate(settings)
    served = app.service(settings)
    service = replace(served, clock=clock)
    for name, role in ((WORKER, Role.CASEWORKER), (WRITER, Role.CAMPAIGNER)):
        admitted(service, name, role)
    admitted(service, BOSS, Role.ADMIN)
    Village(service, house.folder, PAYLOADS[::10]).fill()
    token = admitted(served, "Visitor", Role.ADMIN)
    served.database.close()
    return token


def admitted(service: Service, name: str, role: Role) -> str:
    """Somebody with a password and a second factor; their session."""
    login.accept(service, staff.add(service, name, role, "attack").code, PASSWORD, HERE)
    token = login.log_in(service, login.Entry(name, PASSWORD, "", HERE)).token
    secret = second.offer(service, token).secret
    code = TOTP(secret).generate_otp(service.now() // STEP)
    return second.confirm(service, token, code).signed.token


def attacked(
    program: str, house: House, cookie: str, folder: Path, seconds: int
) -> Mapping[str, dict[str, list[object]]]:
    """What wapiti says of it."""
    base, out = f"http://127.0.0.1:{house.port}/console/", folder / "report.json"
    command = [
        program, "-u", base, "--scope", "folder", "-H", f"Cookie: {cookie}; phlov-lang=en", "-m", ",".join(MODULES),
        "--max-links-per-page", "60", "--max-files-per-dir", "60", "--max-scan-time", str(seconds // 3),
        "--max-attack-time", str(max(3, 2 * seconds // 3 // len(MODULES))), "--no-bugreport", "--flush-session",
        "--store-session", str(folder / "session"), "--store-config", str(folder / "config"),
        "-f", "json", "-o", str(out), "-v", "0",
    ]  # fmt: skip
    for path in AWAY:
        command += ["-x", f"{base}{path}"]
    subprocess.run(command, check=True, timeout=10 * seconds, stdout=subprocess.DEVNULL)
    return json.loads(out.read_text(encoding="utf-8"))


def status(house: House, cookie: str) -> int:
    """Of the first page; who is not in is sent elsewhere."""
    request = urllib.request.Request(f"http://127.0.0.1:{house.port}/console/staff", headers={"Cookie": cookie})
    with suppress(HTTPError), urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status if answer.url.endswith("/staff") else 303
    return 0


if __name__ == "__main__":
    sys.exit(main())
