"""The command `phlov`, also `python -m bot`."""

from __future__ import annotations

import sys

from bot import (
    app,
    desk,
    desk_broadcasts,
    desk_contacts,
    desk_duty,
    desk_example,
    desk_reports,
    desk_send,
    desk_series,
    desk_staff,
)
from bot.cli import Wiring, phlov


def main() -> None:
    """Run the command line; the exit status says how it went (0 done, 1 not done, 2 asked for wrongly)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    broadcasts = (desk_send.send, desk_broadcasts.broadcasts, desk_example.example, *desk_series.COMMANDS)
    staff = (*desk_staff.COMMANDS, *desk_duty.COMMANDS)
    for command in (*desk.COMMANDS, *desk_contacts.COMMANDS, *broadcasts, *desk_reports.COMMANDS, *staff):
        phlov.add_command(command)
    phlov(obj=Wiring(app.service, app.run, app.work, app.migrate, app.StartError), prog_name="phlov")


if __name__ == "__main__":
    main()
