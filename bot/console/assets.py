"""What pages ask for besides themselves: style, icon, font, pictures of the guide. All from here, none from afar."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import flask

HERE: Final = Path(__file__).parent / "static"
FONTS: Final = Path(__file__).resolve().parents[1] / "fonts"
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
KEPT: Final = "public, max-age=31536000, immutable"
"""For addresses that name the content; the fonts' names never mean another font."""


class Asset(NamedTuple):
    """A file as it is sent. `mark` changes with its content."""

    content: bytes
    kind: str
    mark: str


@cache
def assets() -> dict[str, Asset]:
    """Every file there is, by the end of its address."""
    found = {path.name: path for path in HERE.iterdir()}
    found |= {f"guide/{path.name}": path for path in (HERE / "guide").glob("*.webp")}
    found |= {f"fonts/{path.name}": path for path in FONTS.glob("*.woff2")}
    return {name: _read(path) for name, path in sorted(found.items()) if path.suffix in KINDS}


def address(name: str) -> str:
    """Where a page finds a file as it is now. Raises `KeyError` if there is no such file."""
    return f"/console/static/{name}?v={assets()[name].mark}"


def send(name: str) -> flask.Response:
    """Answer with a file."""
    asset = assets().get(name)
    if asset is None:
        flask.abort(404)
    answer = flask.Response(asset.content, content_type=asset.kind)
    answer.headers["Cache-Control"] = KEPT
    answer.set_etag(asset.mark)
    answer.make_conditional(flask.request)
    return answer


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(content, KINDS[path.suffix], sha256(content).hexdigest()[:12])
