"""Write the answers of all stories and of the evenings in docs/ anew; expectations that do not hold are told.

Run as `PYTHONPATH=tests .venv/bin/python -m stories.retell`.
"""

from __future__ import annotations

import sys

from stories import evening
from stories.stage import stage
from stories.transcript import Line, play, stories, write


def main() -> int:
    broken = 0
    for path in stories():
        lines: list[Line] = []
        with stage() as player:
            try:
                lines.extend(play(path, player))
            except AssertionError as fault:
                broken += 1
                asked = player.heard[-1] if player.heard else ""
                sys.stderr.write(f"{path.name}: {asked!r}: {fault}\n")
                continue
        path.write_text(write(lines), encoding="utf-8")
    evening.main()
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
