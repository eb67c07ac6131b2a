"""The public site: gateways' webhooks, health and counts. Nothing else can be reached from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from io import BytesIO
from threading import Lock
from time import perf_counter
from typing import Any, Final

import flask
from flask.sessions import SecureCookieSession, SessionInterface
from werkzeug.datastructures import Headers as Heads
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter

from bot.channels import Calling, Channel
from bot.config import Settings
from bot.log import failure, log
from bot.protocol import DeliveryReport, Event, Inbound, Refused, Request, Response
from bot.services import delivery, health, inbox, replies
from bot.services.rescue import rescue
from bot.services.service import Service
from bot.store.errors import StoreError
from bot.web import metrics as counts
from bot.web.patience import Patience
from bot.web.turns import Turns

Webhook = Callable[[dict[str, Any]], Response]
View = Callable[[], flask.typing.ResponseReturnValue]
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
Read = Callable[[Mapping[str, Any]], Request]
Headed = Iterable[tuple[str, str]]
LARGE: Final = {"/console/contacts/lists": 64_100_000}
"""Forms of the console that bring a file, and how many bytes they may have: they are read as they come, not before."""
RETRY_AFTER: Final = "5"
PLAIN: Final = "text/plain; charset=utf-8"
NOTHING: Final = SecureCookieSession()
UNWRITABLE: Final = Response(503, b"the database cannot be written now\n", headers=(("Retry-After", RETRY_AFTER),))
BROKEN: Final = Response(500, b"500 Internal Server Error\n")
PIECE: Final = 1 << 16
STATUS_LINES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
TURNS: Final = Turns()
SAFE: Final = (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"))


class NoSession(SessionInterface):
    """Gateways keep no cookies."""

    def open_session(self, _: flask.Flask, __: flask.Request) -> SecureCookieSession:
        return NOTHING

    def is_null_session(self, _: object) -> bool:
        return True


class Site(flask.Flask):
    """Flask, except that an uncaught error is logged without its words, and that no request costs what none needs.

    A webhook is found by its method and path alone and needs nothing of a request but what WSGI gives: it goes past
    Flask's routing and contexts, which cost a tenth of a text. Everything else, also a wrong method, is Flask's.
    """

    session_interface = NoSession()

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None, template_folder=None)
        self.webhooks: dict[tuple[str, str], Webhook] = {}
        self.console: Wsgi | None = None

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        webhook = self.webhooks.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if webhook is None:
            ours = self.console is not None and environ["PATH_INFO"].startswith("/console/")
            return (self.console if self.console and ours else super().wsgi_app)(environ, start_response)
        given = webhook(environ)
        headers = [("Content-Type", given.content_type), *SAFE, *given.headers]
        if given.status != 204:
            headers.append(("Content-Length", str(len(given.body))))
        start_response(STATUS_LINES[given.status], headers)
        return (given.body,)

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        """All routes are the same under every host name."""
        if request is None:
            return None
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def log_exception(self, exc_info: Any) -> None:
        """Called by Flask for whatever nobody expected; the answer is 500 and nothing was committed."""
        failure("webhook failed", exc_info[1])


class Headers(Mapping[str, str]):
    """The headers of a WSGI request by lower-case name, looked up when asked for."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        key = name.upper().replace("-", "_")
        return self._environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"]  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return (key[5:].lower().replace("_", "-") for key in self._environ if key.startswith("HTTP_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def create(
    service: Service,
    channels: Mapping[str, Channel],
    metrics: counts.Metrics,
    settings: Settings,
    *,
    look: Callable[[], health.Report] | None = None,
    console: Callable[[], Wsgi] | None = None,
) -> flask.Flask:
    """The WSGI application. Only the routes of `channels`, `/healthz`, `/readyz`, `/metrics` and the console exist.

    `look` says how the house is; by default only whether texts could be kept. `console` makes the pages of staff, when
    the first of them is asked for.
    """
    site = Site("bot.web")
    site.url_map.merge_slashes = False
    site.register_error_handler(HTTPException, _plain)
    patience = Patience(settings.port)
    patience.start()
    if console is not None:
        site.console = partial(_console, Once(console), patience, settings.max_body)
        _route(site, "GET", "/console", lambda: flask.redirect("/console/", 308))
    for channel in channels.values():
        webhook = _webhook(service, channel, metrics, partial(_request, patience, settings.max_body))
        for method, path in channel.routes:
            site.webhooks[method, path] = webhook
            _route(site, method, path, _not_by_head)
    _route(site, "GET", "/healthz", lambda: _answer("ok\n"))
    _route(site, "GET", "/readyz", partial(_ready, look or partial(health.look, service)))
    _route(site, "GET", "/metrics", lambda: _answer(metrics.page(), kind=counts.TYPE))
    return site


class Once:
    """Something that is made when it is first asked for, by one thread, and then stays."""

    def __init__(self, make: Callable[[], Wsgi]) -> None:
        self._make = make
        self._made: Wsgi | None = None
        self._lock = Lock()

    def get(self) -> Wsgi:
        """What was made. Raises what making it raises, each time anew."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


def _console(made: Once, patience: Patience, limit: int, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Give a request to the console, its body read as patiently as that of a gateway."""
    try:
        most = LARGE.get(environ["PATH_INFO"])
        if most is not None and environ["REQUEST_METHOD"] == "POST":
            environ["wsgi.input"] = Coming(patience, environ["wsgi.input"], _size(most, environ))
        else:
            environ["wsgi.input"] = BytesIO(_request(patience, limit, environ).body)
        with TURNS:
            return made.get()(environ, start)
    except Refused as refused:
        return _answer(f"{refused}\n", refused.status)(environ, start)
    except Exception as error:  # noqa: BLE001 - it could not be made: the next visitor tries again
        failure("the console failed", error)
        return _answer(BROKEN.body, BROKEN.status)(environ, start)


def _answer(body: str | bytes, status: int = 200, kind: str = PLAIN, more: Headed = ()) -> flask.Response:
    """Every answer, errors included, says how it may be used."""
    return flask.Response(body, status, Heads([("Content-Type", kind), *SAFE, *more]))


def _route(site: flask.Flask, method: str, path: str, view: View) -> None:
    site.add_url_rule(path, f"{method} {path}", view, methods=[method], provide_automatic_options=False)


def _ready(look: Callable[[], health.Report]) -> flask.Response:
    """200 if a text could be taken, kept and answered now; else 503 and what is wrong."""
    report = look()
    return _answer(report.lines(), 503 if report.broken else 200)


def _not_by_head() -> flask.Response:
    """Only HEAD comes here, which Flask lets in beside GET: it must not do what GET does."""
    raise MethodNotAllowed(["GET"])


def _webhook(service: Service, channel: Channel, metrics: counts.Metrics, read: Read) -> Webhook:
    """One channel's webhook: read, do, answer; the gateway hears 200 only after the commit."""
    seconds = metrics.seconds.labels(channel.name)

    def webhook(environ: dict[str, Any]) -> Response:
        began = perf_counter()
        try:
            return _take(service, channel, metrics, read(environ))
        except Refused as refused:
            metrics.refused(channel.name, refused.status)
            log.warning("refused", channel=channel.name, status=refused.status, reason=str(refused))
            return Response(refused.status, f"{refused}\n".encode())
        except StoreError as error:
            metrics.failures.labels(channel.name, type(error).__name__.lower()).inc()
            failure("store failed", error)
            return UNWRITABLE
        except Exception as error:  # noqa: BLE001 - nobody expected it: 500, and nothing was committed
            failure("webhook failed", error)
            return BROKEN
        finally:
            seconds.observe(perf_counter() - began)

    return webhook


def _take(service: Service, channel: Channel, metrics: counts.Metrics, request: Request) -> Response:
    told = channel.read(request)
    if not isinstance(told, tuple):
        return _done(service, channel, metrics, told)
    for event in told:
        _done(service, channel, metrics, event)
    return channel.render((), 0)


def _done(service: Service, channel: Channel, metrics: counts.Metrics, event: Event) -> Response:
    """Keep what a gateway told, and give the answer to it."""
    if isinstance(event, Inbound):
        return _answered(service, channel, metrics, event)
    if isinstance(event, DeliveryReport):
        delivery.record(service, event)
        metrics.text(channel.name, "report").inc()
    return channel.traits.thanks


def _answered(service: Service, channel: Channel, metrics: counts.Metrics, text: Inbound) -> Response:
    render = channel.answering(text) if isinstance(channel, Calling) else channel.render
    traits = channel.traits
    try:
        received = inbox.receive(
            service, text, render, inline=traits.inline, reports=traits.reports, display=traits.display
        )
    except StoreError as error:
        screen = rescue(service, channel, text, render)
        if screen is None:
            raise
        failure("a screen was shown that could not be kept", error)
        return screen
    outcome = "duplicate" if received.duplicate else "muted" if received.muted else "answered"
    metrics.text(channel.name, outcome).inc()
    if received.replies and not received.duplicate and text.medium == "sms":
        metrics.part(channel.name).inc(sum(replies.parts(reply.text) for reply in received.replies))
    return received.response


def _request(patience: Patience, limit: int, environ: Mapping[str, Any]) -> Request:
    """The framework-free request, its body read once and never beyond `limit` bytes."""
    stated = environ.get("CONTENT_LENGTH")
    size = _size(limit, environ) if stated else limit + 1 if environ.get("wsgi.input_terminated") else 0
    try:
        body = patience.read(environ, size) if size else b""
    except OSError:
        raise Refused("the body did not come", status=400) from None
    if len(body) > limit:
        raise Refused(f"the body is longer than {limit} bytes", status=413)
    if stated and len(body) < size:
        raise Refused("the body is shorter than it was said to be", status=400)
    return Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], Headers(environ), body)


def _size(limit: int, environ: Mapping[str, Any]) -> int:
    """How many bytes the body is said to have."""
    stated = environ.get("CONTENT_LENGTH") or ""
    if not (stated.isascii() and stated.isdigit()):
        raise Refused("the length of the body is no number", status=400 if stated else 411)
    size = int(stated[:20])
    if size > limit:
        raise Refused(f"the body is longer than {limit} bytes", status=413)
    return size


class Coming:
    """A body that is read piece by piece, as patiently as one that is read at once."""

    def __init__(self, patience: Patience, body: Any, size: int) -> None:
        self._patience = patience
        self._body = {"wsgi.input": body}
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `PIECE`; raises OSError where the connection ends before."""
        wanted = min(PIECE, self._left, size if size >= 0 else PIECE)
        piece = self._patience.read(self._body, wanted) if wanted else b""
        self._left -= len(piece)
        return piece


def _plain(error: HTTPException) -> flask.Response:
    answer = _answer(f"{error.code} {error.name}\n", error.code or 500)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer
