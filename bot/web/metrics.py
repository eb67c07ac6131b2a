"""Counts for Prometheus: how many and how fast, never who or about what."""

from __future__ import annotations

import os
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
REASONS: Final = {400: "form", 403: "signature", 413: "size", 415: "type", 503: "not_set_up"}


class Metrics:
    """The counts of one process, or of all worker processes if PROMETHEUS_MULTIPROC_DIR is set."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        self.texts = Counter(
            "phlov_inbound", "Webhooks taken, by what came of them", ["channel", "outcome"], registry=own
        )
        self.refusals = Counter(
            "phlov_refused", "Webhooks refused, by what was wrong", ["channel", "reason"], registry=own
        )
        self.failures = Counter("phlov_failures", "Webhooks answered 5xx", ["channel", "kind"], registry=own)
        self.parts = Counter("phlov_reply_parts", "SMS parts of the replies given", ["channel"], registry=own)
        self.seconds = Histogram(
            "phlov_webhook_seconds", "Time from request to answer", ["channel"], buckets=SECONDS, registry=own
        )
        # To look a label up costs as much as to count; there are few of them.
        self.text = cache(self.texts.labels)
        self.part = cache(self.parts.labels)
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            self.registry = CollectorRegistry()
            MultiProcessCollector(self.registry)
        else:
            ProcessCollector(registry=own)

    def refused(self, channel: str, status: int) -> None:
        """Count a webhook that was not believed or not understood."""
        self.refusals.labels(channel, REASONS.get(status, "other")).inc()

    def page(self) -> bytes:
        """What `/metrics` shows."""
        return generate_latest(self.registry)
