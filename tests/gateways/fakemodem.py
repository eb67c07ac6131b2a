"""A GSM modem on a pseudo-terminal that refuses, hangs, is unplugged and reports as asked, and shows what went on air.

It speaks as much AT as the drivers of Gammu and Kannel want (PDU mode; 3GPP TS 27.005, 23.040).
"""

from __future__ import annotations

import os
import pty
import re
import select
import threading
import time
import tty
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

SMSC = "85512000000"
ANSWERS = {
    "+CSMS=?": "+CSMS: (0,1)",
    "+CGMI": "fakemodem",
    "+CGMM": "FAKE1",
    "+CGMR": "1.0",
    "+CIMI": "456010123456789",
    "+CPIN?": "+CPIN: READY",
    "+CBC": "+CBC: 0,87",
    "+CSCS?": '+CSCS: "GSM"',
    "+CSCS=?": '+CSCS: ("GSM","IRA","UCS2")',
    "+CMGF=?": "+CMGF: (0,1)",
    "+CSMS?": "+CSMS: 1,1,1,1",
    "+CREG?": '+CREG: 2,1,"0001","00000001"',
    "+CGREG?": '+CGREG: 2,1,"0001","00000001"',
    "+CGATT?": "+CGATT: 1",
    "+COPS?": '+COPS: 0,2,"45601"',
    "+CSCA?": f'+CSCA: "+{SMSC}",145',
    "+CNMI=?": "+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)",
    "+CNMI?": "+CNMI: 2,1,0,1,0",
    "+CMGD=?": "+CMGD: (0-50),(0-4)",
    "+CFUN?": "+CFUN: 1",
    "+CPMS=?": '+CPMS: ("SM"),("SM"),("SM")',
    "+CSDH?": "+CSDH: 0",
}
SETS = re.compile(
    r"(Z|&F|E\d|\+(IFC|CMEE|CNMI|CSMS|CLIP|CRC|CCWA|CUSD|CREG|CGREG|CMGF|CSMP|CSCS|COPS|CSDH|CFUN)=.*|\^.*|)"
)
GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}


@dataclass(frozen=True)
class Submitted:
    """One part as it went on air, or would have. `units`: septets or UTF-16 units, the header not counted."""

    to: str
    text: str
    header: bytes
    unicode: bool
    units: int
    wants_report: bool
    refused: int | str | None
    reference: int
    at: float = field(default_factory=time.monotonic)


class FakeModem:
    """Plug it in with `with`; SMSD finds it at `device`."""

    def __init__(self, device: Path, imei: str = "490154203237518") -> None:
        self.device = device
        self.submitted: list[Submitted] = []
        self.refuse: deque[int | str | None] = deque()
        """For each coming part: None to take it, a +CMS ERROR code, `hang` (no answer), `lost` (sent, no answer)."""
        self.always: int | str | None = None
        self.report: int | None = None
        """TP-ST of the delivery report that follows each part that wants one."""
        self.signal = 20
        self.seconds = 0.0
        """How long each part takes."""
        self._imei = imei
        self._slots: dict[int, bytes] = {}
        self._due: list[tuple[float, bytes]] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._master = self._slave = -1
        self._reference = 0

    def __enter__(self) -> FakeModem:
        self.plug_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def plug_in(self) -> None:
        """The device appears; the SIM still has what it had."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        tty.setraw(self._master)
        self.device.unlink(missing_ok=True)
        self.device.symlink_to(os.ttyname(self._slave))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(self._stop,), daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """The device is gone while somebody speaks to it."""
        if self._thread is None:
            return
        self._stop.set()
        self._thread.join(5)
        self._thread = None
        self.device.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def receive(self, sender: str, text: str, header: bytes = b"", at: datetime | None = None) -> None:
        """A part comes in over the air, in UCS-2."""
        with self._lock:
            slot = next(number for number in range(1, 60) if number not in self._slots)
            self._slots[slot] = _deliver(sender, text, header, at or datetime.now().astimezone())
            if self._thread:
                self._say(f'\r\n+CMTI: "SM",{slot}\r\n')

    @property
    def stored(self) -> int:
        """Texts that still lie on the SIM."""
        return len(self._slots)

    def on_air(self) -> list[Submitted]:
        """The parts that the network took."""
        return [part for part in self.submitted if part.refused in (None, "lost")]

    def texts(self) -> dict[str, list[str]]:
        """What each number would read, parts joined by their headers, in the order they came."""
        texts: dict[str, list[str]] = {}
        open_parts: dict[tuple[str, int], dict[int, str]] = {}
        for part in self.on_air():
            if not part.header:
                texts.setdefault(part.to, []).append(part.text)
                continue
            reference, total, position = part.header[-3:]
            parts = open_parts.setdefault((part.to, reference), {})
            parts[position] = part.text
            if len(parts) == total:
                texts.setdefault(part.to, []).append("".join(parts[place] for place in sorted(parts)))
                del open_parts[part.to, reference]
        return texts

    def _say(self, words: str) -> None:
        os.write(self._master, words.encode("latin-1"))

    def _serve(self, stop: threading.Event) -> None:
        pending, writing = b"", False
        while not stop.is_set():
            self._send_due_reports()
            ready, _, _ = select.select([self._master], [], [], 0.02)
            if not ready:
                continue
            pending += os.read(self._master, 4096)
            while True:
                end = b"\x1a" if writing else b"\r"
                if pending.startswith(b"\x1b"):
                    pending, writing = pending[1:], False
                    continue
                command, found, rest = pending.partition(end)
                if not found:
                    break
                pending = rest
                with self._lock:
                    if writing:
                        writing = False
                        self._submit(command.decode().strip())
                    else:
                        writing = self._obey(command.decode("latin-1").strip("\n\x1b "))

    def _send_due_reports(self) -> None:
        with self._lock:
            now = time.monotonic()
            due = [pdu for at, pdu in self._due if at <= now]
            self._due = [(at, pdu) for at, pdu in self._due if at > now]
            for pdu in due:
                self._say(f"\r\n+CDS: {len(pdu)}\r\n{_with_smsc(pdu)}\r\n")

    def _obey(self, line: str) -> bool:
        """Answer one command; True if a PDU follows it."""
        if not line:
            return False
        self._say(f"{line}\r")  # echo
        command = line.upper().removeprefix("AT")
        if command.startswith("+CMGS="):
            self._say("\r\n> ")
            return True
        answer = self._answer(command)
        self._say("\r\nERROR\r\n" if answer is None else answer)
        return False

    def _answer(self, command: str) -> str | None:
        used = len(self._slots)
        if command == "+CPMS?":
            return _ok("+CPMS: " + ",".join([f'"SM",{used},50'] * 3))
        if command.startswith("+CPMS=") and command != "+CPMS=?":
            return _ok("+CPMS: " + ",".join([f"{used},50"] * 3))
        if command.startswith("+CMGL"):
            lines = [f"+CMGL: {slot},0,,{len(pdu)}\r\n{_with_smsc(pdu)}" for slot, pdu in sorted(self._slots.items())]
            return _ok("\r\n".join(lines))
        if command.startswith("+CMGR="):
            pdu = self._slots.get(int(command[6:]))
            return "\r\n+CMS ERROR: 321\r\n" if pdu is None else _ok(f"+CMGR: 0,,{len(pdu)}\r\n{_with_smsc(pdu)}")
        if command.startswith("+CMGD=") and command != "+CMGD=?":
            self._slots.pop(int(command[6:].partition(",")[0]), None)
            return _ok()
        known = {**ANSWERS, "+CSQ": f"+CSQ: {self.signal},0", "+CGSN": self._imei}.get(command)
        if known is not None:
            return _ok(known)
        return _ok() if SETS.fullmatch(command) and not command.endswith("?") else None

    def _submit(self, pdu: str) -> None:
        refusal = self.refuse.popleft() if self.refuse else self.always
        if self.seconds:
            time.sleep(self.seconds)
        self._reference = (self._reference + 1) % 256
        part = _submitted(bytes.fromhex(pdu), refusal, self._reference)
        self.submitted.append(part)
        if isinstance(refusal, int):
            self._say(f"\r\n+CMS ERROR: {refusal}\r\n")
        elif refusal is None:
            self._say(f"\r\n+CMGS: {self._reference}\r\n\r\nOK\r\n")
            if part.wants_report and self.report is not None:
                self._due.append((time.monotonic() + 0.3, _status_report(self._reference, part.to, self.report)))


def _ok(words: str = "") -> str:
    return (f"\r\n{words}\r\n" if words else "") + "\r\nOK\r\n"


def _with_smsc(pdu: bytes) -> str:
    number = _swapped(SMSC)
    return (bytes([1 + len(number), 0x91]) + number + pdu).hex().upper()


def _swapped(digits: str) -> bytes:
    digits += "F" * (len(digits) % 2)
    return bytes(int(digits[at + 1] + digits[at], 16) for at in range(0, len(digits), 2))


def _address(number: str) -> bytes:
    if re.fullmatch(r"\+?\d+", number):
        digits = number.removeprefix("+")
        return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + _swapped(digits)
    bits = sum(GSM7.index(char) << (7 * place) for place, char in enumerate(number))
    packed = bits.to_bytes((7 * len(number) + 7) // 8, "little")
    return bytes([(7 * len(number) + 3) // 4, 0xD0]) + packed


def _stamp(at: datetime) -> bytes:
    offset = at.astimezone().utcoffset()
    quarters = int(offset.total_seconds()) // 900 if offset else 0
    zone = _swapped(f"{abs(quarters):02d}")[0] | (0x08 if quarters < 0 else 0)
    return _swapped(at.strftime("%y%m%d%H%M%S")) + bytes([zone])


def _deliver(sender: str, text: str, header: bytes, at: datetime) -> bytes:
    data = header + text.encode("utf-16-be")
    first = 0x44 if header else 0x04
    return bytes([first]) + _address(sender) + b"\x00\x08" + _stamp(at) + bytes([len(data)]) + data


def _status_report(reference: int, to: str, status: int) -> bytes:
    now = _stamp(datetime.now().astimezone())
    return bytes([0x06, reference]) + _address(to) + now + now + bytes([status])


def _submitted(pdu: bytes, refused: int | str | None, reference: int) -> Submitted:
    at = 1 + pdu[0]
    first, at = pdu[at], at + 2
    digits, kind = pdu[at], pdu[at + 1]
    at += 2 + (digits + 1) // 2
    number = "".join(f"{octet & 15:X}{octet >> 4:X}" for octet in pdu[at - (digits + 1) // 2 : at])[:digits]
    unicode = pdu[at + 1] & 0x0C == 0x08
    at += 2 + {0: 0, 1: 7, 2: 1, 3: 7}[first >> 3 & 3]
    length, data = pdu[at], pdu[at + 1 :]
    header = data[: data[0] + 1] if first & 0x40 else b""
    if unicode:
        text, units = data[len(header) : length].decode("utf-16-be"), (length - len(header)) // 2
    else:
        text, units = _unpacked(data, len(header), length)
    to = ("+" if kind == 0x91 else "") + number
    return Submitted(to, text, header, unicode, units, bool(first & 0x20), refused, reference)


def _unpacked(data: bytes, header: int, septets: int) -> tuple[str, int]:
    skipped = (header * 8 + 6) // 7
    bits = int.from_bytes(data, "little")
    codes = [bits >> (7 * place) & 0x7F for place in range(skipped, septets)]
    text, escaped = "", False
    for code in codes:
        if code == 0x1B and not escaped:
            escaped = True
            continue
        text += EXTENSION.get(code, " ") if escaped else GSM7[code]
        escaped = False
    return text, len(codes)
