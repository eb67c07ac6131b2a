"""Gammu SMSD: a daemon that does with its own tables what SMSD does, on the schema that its package brings."""

from __future__ import annotations

import gzip
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zlib import crc32

import pytest
from conformance.gateway import Fault, Taken

from bot.text.sms import segments

SCHEMAS = Path("/usr/share/doc/gammu-smsd/examples")
PHONE = "MODEM1"
CODES = {Fault.NOT_WANTED: ("SendingError", 1), Fault.ERROR_AFTER: ("SendingError", -1)}
"""+CMS ERROR 1 is a number that nobody has; -1 is no answer of the modem: the part may have gone."""


class Smsd:
    """As much of a gateway as the tables are. Its fault is that the modem refuses, or that the tables are gone."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.script: deque[Fault] = deque()
        self.taken: list[Taken] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    @contextmanager
    def away(self) -> Iterator[None]:
        """The modem is pulled out, and SMSD knows of none."""
        self.close()
        with closing(self.connect()) as tables:
            tables.execute("DELETE FROM phones")
        yield
        self.plug()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.open()

    def plug(self) -> None:
        """A modem is there."""
        with closing(self.connect()) as tables:
            tables.execute(
                "INSERT INTO phones (ID, IMEI, IMSI, Client, Send, Receive, Signal)"
                " VALUES (?, '350000000000001', '456000000000001', 'Gammu', 'yes', 'yes', 80)",
                (PHONE,),
            )

    def to(self, recipient: str) -> list[Taken]:
        return [taken for taken in self.taken if taken.recipient == recipient]

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, 30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    def _run(self) -> None:
        with closing(self.connect()) as tables:
            while not self._stop.wait(0.01):
                tables.execute("UPDATE phones SET Battery = 100")
                rows = tables.execute("SELECT * FROM outbox ORDER BY Priority DESC, ID LIMIT 1").fetchall()
                for row in rows:
                    self._send(tables, row)

    def _send(self, tables: sqlite3.Connection, row: sqlite3.Row) -> None:
        """One text onto the air, part by part, as SMSD with `maxretries = 0` does it."""
        fault = self.script.popleft() if self.script else Fault.NONE
        more = tables.execute("SELECT * FROM outbox_multipart WHERE ID = ? ORDER BY SequencePosition", (row["ID"],))
        parts = [row, *more.fetchall()]
        texts = []
        tables.execute("BEGIN IMMEDIATE")
        for position, part in enumerate(parts, 1):
            status, code = CODES.get(fault, ("SendingOK", -1))
            tables.execute(
                "INSERT INTO sentitems (ID, SequencePosition, Text, DestinationNumber, Coding, UDH, TextDecoded,"
                " SenderID, CreatorID, Status, StatusCode) VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)",
                (row["ID"], position, row["DestinationNumber"], part["Coding"], part["UDH"] or "",
                 part["TextDecoded"], PHONE, row["CreatorID"], status, code),
            )  # fmt: skip
            texts.append((part["TextDecoded"], part["Coding"]))
            if fault is Fault.NOT_WANTED:
                break
        tables.execute("DELETE FROM outbox WHERE ID = ?", (row["ID"],))
        tables.execute("DELETE FROM outbox_multipart WHERE ID = ?", (row["ID"],))
        if fault is not Fault.NOT_WANTED:
            units = tuple(len(text.encode("utf-16-be")) // 2 for text, coding in texts if coding.startswith("Unicode"))
            said = "".join(_on_air(text, coding) for text, coding in texts)
            self.taken.append(Taken(row["CreatorID"], row["DestinationNumber"], said, None, units))
        tables.execute("COMMIT")


class SmsdWire:
    """A modem on this box."""

    name: ClassVar[str] = "gammu"
    number: ClassVar[str] = "+85512000002"
    called: ClassVar[bool] = False
    inline: ClassVar[bool] = False
    renames: ClassVar[bool] = False
    dedupes: ClassVar[bool] = True
    faults: ClassVar[frozenset[Fault]] = frozenset({Fault.NONE, Fault.REFUSED, Fault.NOT_WANTED, Fault.ERROR_AFTER})
    references: ClassVar[bool] = True
    unsure: ClassVar[frozenset[Fault]] = frozenset({Fault.ERROR_AFTER})
    statuses: ClassVar[Mapping[str, tuple[str, int]]] = {
        "sent": ("SendingOK", -1),
        "delivered": ("DeliveryOK", 0),
        "failed": ("DeliveryFailed", 70),
    }

    def __init__(self, folder: Path) -> None:
        self.file = folder / "smsd.db"
        self.gateway = Smsd(self.file)
        with closing(self.gateway.connect()) as tables:
            tables.executescript(schema())
            tables.execute("PRAGMA journal_mode = WAL")
        self.gateway.plug()

    def settings(self) -> Mapping[str, Any]:
        return {"gammu_database": f"sqlite:///{self.file}", "gammu_number": self.number}

    def put(self, words: str, sender: str, name: str) -> None:
        """A text as SMSD writes it: whole in the row of its first part, the others empty. Its time is its name."""
        at = datetime(2026, 11, 2, 10) + timedelta(seconds=crc32(name.encode()) % 1_000_000)  # noqa: DTZ001 - local
        found = segments(words)
        coding = "Unicode_No_Compression" if found.encoding == "UCS-2" else "Default_No_Compression"
        total = len(found.parts)
        with closing(self.gateway.connect()) as tables:
            tables.execute("BEGIN IMMEDIATE")
            for position, part in enumerate(found.parts, 1):
                udh = f"0500035A{total:02X}{position:02X}" if total > 1 else ""
                tables.execute(
                    "INSERT INTO inbox (ReceivingDateTime, Text, SenderNumber, Coding, UDH, TextDecoded, RecipientID)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (str(at), part.encode("utf-16-be").hex().upper(), sender, coding, udh,
                     words if position == 1 else "", PHONE),
                )  # fmt: skip
            tables.execute("COMMIT")

    def report(self, name: str, reference: int | None, status: str) -> None:
        """What the network says of all parts of a text of ours."""
        word, error = self.statuses[status]
        with closing(self.gateway.connect()) as tables:
            tables.execute("UPDATE sentitems SET Status = ?, StatusError = ? WHERE CreatorID = ?", (word, error, name))


def schema() -> str:
    """SMSD's own tables."""
    found = sorted(SCHEMAS.glob("sqlite.sql*"))
    if not found and not os.environ.get("CI"):
        pytest.skip("SMSD's tables are not here; do: apt install gammu-smsd")
    content = found[0].read_bytes()
    return (gzip.decompress(content) if found[0].suffix == ".gz" else content).decode()


def _on_air(text: str, coding: str) -> str:
    """The wrong coding makes question marks of what it lacks, and nobody is told."""
    if coding == "Default_No_Compression" and segments(text).encoding != "GSM-7":
        return "?" * len(text)
    return text
