"""Structured logs that cannot hold a number or a text: only names, ids and counts are ever handed to them.

What others log (libraries, uncaught errors) is reduced to who, what kind and where: its words may quote a person.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal

sys.modules["rich"] = None  # type: ignore[assignment]  # structlog would load it to paint tracebacks: 5 MB
import structlog  # noqa: E402

del sys.modules["rich"]  # whoever wants it later finds it

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger, Processor

log: Final[FilteringBoundLogger] = structlog.get_logger()


def set_up(form: Literal["json", "console"], least: int = logging.INFO) -> None:
    """Write one line for each event from this level on to stderr, libraries' warnings and uncaught errors included."""
    last: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), last],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
    logging.basicConfig(handlers=[Others()], level=logging.WARNING, force=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda hook: failure("thread stopped", hook.exc_value)


def failure(event: str, error: BaseException | None) -> None:
    """Log an error by its type and the places it passed, without its message."""
    trace = traceback.extract_tb(error.__traceback__ if error else None)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in trace]
    log.error(event, error=type(error).__name__, at=places[-6:])


class Others(logging.Handler):
    """Lines of libraries: who logged and where, never the words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on one line."""
        log.warning("library", logger=record.name, severity=record.levelname, at=f"{record.module}:{record.lineno}")


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:  # noqa: ARG001
    if isinstance(error, KeyboardInterrupt):
        return
    failure("stopped by an error", error)
