"""The peer's own virtualenv, kept in the user's cache, so that nothing of it touches Phlov's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).parent / "rapidsms_peer"


def python() -> Path:
    """The interpreter of the peer's virtualenv; built on first use from the pinned requirements (about 20 s)."""
    wanted = PROJECT / "requirements.txt"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "phlov-benchmarks"
    home = cache / f"rapidsms-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]}"
    interpreter = home / "bin" / "python"
    if not (home / "complete").exists():
        print("Building the virtualenv of RapidSMS …", file=sys.stderr)
        venv.create(home, clear=True, with_pip=True)
        subprocess.run([interpreter, "-I", "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        (home / "complete").touch()
    return interpreter
