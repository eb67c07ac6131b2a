#!/usr/bin/python3
"""While Phlov is away, let the operator keep the texts.

What smsbox could not bring to Phlov it tries again, but holds it in its memory alone: if smsbox or the machine ends
before Phlov is back, the text is gone, and the operator believes that it was taken. So Kannel is told to `isolate`: it
refuses new texts with "not now" (ESME_RX_T_APPN) and the operator brings them later. What goes out still goes out.

Settings by environment: KANNEL_URL and PHLOV_URL, such as http://127.0.0.1:13000 and http://127.0.0.1:8000, and
KANNEL_ADMIN_PASSWORD. `--once` looks once and ends.
"""

import os
import sys
import time
import urllib.error
import urllib.request

PAUSE = 5.0
"""Seconds between two looks."""


def page(url: str) -> str:
    """What is said there, whatever the status; nothing if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - an address of our own
            return str(answer.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            return str(error.read().decode("utf-8", "replace"))
    except OSError:
        return ""


def takes_texts(ready: str) -> bool:
    """Whether Phlov would keep a text now. That answers cannot leave, or that another gateway is silent, is no reason
    to leave texts with the operator; where nothing can be kept, Phlov says that alone."""
    return ready.startswith("ready") or "emergency answer" in ready or "nothing was fetched" in ready


def look(before: str) -> str:
    """Tell Kannel what to do, and say so in one line if it is something new."""
    wish = "resume" if takes_texts(page(f"{os.environ['PHLOV_URL']}/readyz")) else "isolate"
    said = page(f"{os.environ['KANNEL_URL']}/{wish}?password={os.environ['KANNEL_ADMIN_PASSWORD']}")
    now = f"{wish}: {said.strip() or 'Kannel does not answer'}"
    if wish not in before or "Denied" in now:
        print(now, flush=True)
    return now


def main() -> None:
    """Look until stopped."""
    before = look("")
    while "--once" not in sys.argv:
        time.sleep(PAUSE)
        before = look(before)


if __name__ == "__main__":
    main()
