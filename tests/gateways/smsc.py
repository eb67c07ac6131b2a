"""An operator's SMPP server, by the library smpp34: takes texts, sends texts and reports, and keeps what it saw."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Self

import smpp34

SESSION = smpp34.TLV_ITS_SESSION_INFO
OPERATION = smpp34.TLV_USSD_SERVICE_OP
DELIVERED, UNDELIVERABLE = ("DELIVRD", 2), ("UNDELIV", 5)


@dataclass(frozen=True)
class Submitted:
    """One submit_sm. `udh` is cut off from `body`; `text` is what a phone shows of it."""

    id: str
    sender: str
    recipient: str
    service: str
    coding: int
    udh: bytes
    body: bytes
    receipt: int
    tlvs: dict[int, bytes]

    @property
    def text(self) -> str:
        return self.body.decode("utf-16-be") if self.coding == 8 else self.body.decode("latin-1")


@dataclass
class Smsc:
    """Serves in a thread of its own while the block lasts. `refuse`: an error for each submit (0: take it)."""

    port: int
    refuse: int = 0
    refused: int = 0
    submitted: list[Submitted] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._esmes: list[smpp34.Esme] = []
        self._ids = count(1)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)

    def bound(self) -> bool:
        return bool(self._esmes)

    def deliver(
        self, text: str, *, coding: int = 8, udh: bytes = b"", tlvs: dict[int, bytes] | None = None, **more: Any
    ) -> bool:
        """A phone sends one part; True if it was taken."""
        body = udh + text.encode("utf-16-be" if coding == 8 else "latin-1")
        named = {"source_addr": "85512345678", "source_addr_ton": 1, "destination_addr": "1280", "dest_addr_ton": 0}
        sent = self._call(
            lambda esme: esme.deliver_sm(
                short_message=body,
                data_coding=coding,
                esm_class=0x40 if udh else 0,
                tlvs=[smpp34.Tlv(tag, value) for tag, value in (tlvs or {}).items()],
                **{**named, **more},
            )
        )
        return bool(sent.is_success)

    def report(self, text: Submitted, outcome: tuple[str, int] = DELIVERED) -> bool:
        """The delivery receipt of one part."""
        now = time.strftime("%y%m%d%H%M")
        said = f"id:{text.id} sub:001 dlvrd:001 submit date:{now} done date:{now} stat:{outcome[0]} err:000 text:"
        tlvs = [
            smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, text.id.encode() + b"\0"),
            smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, bytes([outcome[1]])),
        ]
        sent = self._call(
            lambda esme: esme.deliver_sm(
                source_addr=text.recipient,
                destination_addr=text.sender,
                short_message=said.encode(),
                esm_class=4,
                data_coding=0,
                tlvs=tlvs,
            )
        )
        return bool(sent.is_success)

    def _call(self, sending: Callable[[smpp34.Esme], Any]) -> Any:
        async def call() -> Any:
            return await sending(self._esmes[-1])

        future: Future[Any] = asyncio.run_coroutine_threadsafe(call(), self._loop)
        return future.result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._serve())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = smpp34.Server(host="127.0.0.1", port=self.port)
        await server.start()
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self._esmes.append(event)
            elif isinstance(event, smpp34.Unbound):
                self._esmes[:] = [esme for esme in self._esmes if esme.session_id != event.session_id]
            elif isinstance(event, smpp34.SubmitSmEvent):
                self._take(event)

    def _take(self, event: smpp34.SubmitSmEvent) -> None:
        if self.refuse:
            event.reject(self.refuse)
            self.refused += 1
            return
        body = bytes(event.short_message)
        tlvs = {tlv.tag: bytes(tlv.value) for tlv in event.tlvs}
        body = tlvs.get(smpp34.TLV_MESSAGE_PAYLOAD, body)
        head = body[0] + 1 if event.esm_class & 0x40 else 0
        text = Submitted(
            f"m{next(self._ids):06d}",
            event.source_addr,
            event.destination_addr,
            event.service_type,
            event.data_coding,
            body[:head],
            body[head:],
            event.registered_delivery,
            tlvs,
        )
        event.accept(text.id)
        self.submitted.append(text)
