"""A response as it is kept, for a gateway that asks again."""

from __future__ import annotations

from bot.protocol import Response


def packed(response: Response) -> bytes:
    """One line for the head, its fields with a tab between them, as none can hold one; then the body."""
    fields = (f"{response.status} {response.content_type}", *map(": ".join, response.headers))
    return "\t".join(fields).encode() + b"\n" + response.body


def unpacked(stored: bytes) -> Response:
    """What was packed."""
    head, _, body = stored.partition(b"\n")
    first, *more = head.decode().split("\t")
    status, _, content_type = first.partition(" ")
    named = (field.partition(": ") for field in more)
    return Response(int(status), body, content_type, tuple((name, value) for name, _, value in named))
