"""What wires over HTTP share: a server of their own, and what goes on the air."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from conformance.gateway import Fault, Gateway, Heard, Said, Taken

from bot.protocol import Request, Response
from bot.text.sms import segments


class HttpWire:
    """A gateway that is called over HTTP and calls back."""

    name: ClassVar[str]
    number: ClassVar[str]
    called: ClassVar[bool] = True
    inline: ClassVar[bool] = False
    renames: ClassVar[bool] = False
    dedupes: ClassVar[bool] = False
    signs: ClassVar[bool] = False
    """The secret proves every byte of a webhook; else it only stands in it."""
    faults: ClassVar[frozenset[Fault]] = frozenset(Fault)
    unsure: ClassVar[frozenset[Fault]] = frozenset()
    """Faults after which the gateway does not know itself, however it is asked."""
    references: ClassVar[bool] = True
    """Its reports name our id too, and not its own alone."""
    ignores: ClassVar[tuple[int, ...]] = (200, 204)
    """How we answer a report of a text that is none of ours."""
    unknown: ClassVar[str] = "another-text"
    """A name it might give a text that is none of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateway = Gateway(self.hear)

    def settings(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def text(self, words: str, sender: str, name: str) -> Request:
        raise NotImplementedError

    def again(self, words: str, sender: str, name: str) -> Request:
        """The same text once more, under the gateway's new name for it where it gives one."""
        return self.text(words, sender, name)

    def unsigned(self, request: Request) -> Request:
        raise NotImplementedError

    def report(self, name: str, reference: int | None, status: str) -> Request:
        raise NotImplementedError

    def heard(self, response: Response, request: Request) -> Sequence[Taken]:
        """Nothing: the texts go by themselves."""
        return ()

    def hear(self, heard: Heard, fault: Fault) -> Said:
        raise NotImplementedError

    def take(self, taken: Taken) -> bool:
        """The gateway keeps a text to send it; False where it knows the reference again."""
        known = self.dedupes and any(taken.reference == before.reference for before in self.gateway.taken)
        if not known:
            self.gateway.taken.append(taken)
        return not known

    def on_air(self, name: str, recipient: str, text: str, reference: int | None = None) -> Taken:
        """As a gateway that cuts by itself sends it."""
        found = segments(text)
        sizes = tuple(len(part.encode("utf-16-be")) // 2 for part in found.parts) if found.encoding == "UCS-2" else ()
        return Taken(name, recipient, text, reference, sizes)
