"""Counts for Prometheus: how many and how fast, never who or about what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from bot.services import health, recovery, results
from bot.services.service import Service
from bot.store.errors import StoreError

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
REASONS: Final = {400: "form", 403: "signature", 413: "size", 415: "type", 503: "not_set_up"}
PRIORITIES: Final = ("emergency", "reply", "broadcast")


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
        self.outcomes = Counter(
            "phlov_outbound", "Texts handed to gateways, by what came of them", ["channel", "outcome"], registry=own
        )
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

    def outcome(self, channel: str, outcome: str, times: int = 1) -> None:
        """Count what became of texts that were to go out."""
        self.outcomes.labels(channel, outcome).inc(times)

    def fetched(self, channel: str, outcome: str, parts: int = 0) -> None:
        """Count a text or a report that was fetched from a gateway."""
        self.text(channel, outcome).inc()
        if parts:
            self.part(channel).inc(parts)

    def watch(self, service: Service, pulse: health.Pulse) -> None:
        """Show the outbox and the gateways, too; they are looked at when somebody asks."""
        self.registry.register(Outlook(service, pulse))

    def page(self) -> bytes:
        """What `/metrics` shows."""
        return generate_latest(self.registry)


class Outlook:
    """What waits in the outbox and how the gateways are, at the moment of the question."""

    def __init__(self, service: Service, pulse: health.Pulse) -> None:
        self._service = service
        self._pulse = pulse

    def describe(self) -> tuple[()]:
        """Nothing to tell without a look."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Nothing if the database cannot be read: `/readyz` says so."""
        try:
            yield from self._queue()
            yield from self._paused()
            yield self._broadcasts()
        except StoreError:
            return
        yield from self._gauges()

    def _queue(self) -> Iterator[GaugeMetricFamily]:
        labels = ["channel", "priority", "state"]
        texts = GaugeMetricFamily("phlov_outbox_texts", "Texts that wait or are on their way", labels=labels)
        oldest = GaugeMetricFamily("phlov_outbox_age_seconds", "How long the first of them has been due", labels=labels)
        for each in recovery.depths(self._service):
            values = [each.channel, PRIORITIES[each.priority], each.state.name.lower()]
            texts.add_metric(values, each.texts)
            oldest.add_metric(values, each.age / 1000)
        yield from (texts, oldest)

    def _broadcasts(self) -> GaugeMetricFamily:
        """From the index alone: who has still to be given to the outbox is not counted."""
        texts = GaugeMetricFamily("phlov_broadcast_texts", "Texts of open broadcasts by outcome", labels=["outcome"])
        for outcome, count in sorted(results.under_way(self._service).items()):
            texts.add_metric([outcome], count)
        return texts

    def _paused(self) -> Iterator[GaugeMetricFamily]:
        paused = GaugeMetricFamily(
            "phlov_gateway_paused", "1 while a gateway that failed is left alone", labels=["channel"]
        )
        for name, is_paused in health.pauses(self._service):
            paused.add_metric([name], is_paused)
        yield paused

    def _gauges(self) -> Iterator[GaugeMetricFamily]:
        found: dict[str, GaugeMetricFamily] = {}
        for name, condition in sorted(self._pulse.conditions().items()):
            for gauge, value in condition.gauges:
                metric = f"phlov_gateway_{gauge}"
                family = found.setdefault(metric, GaugeMetricFamily(metric, "As the gateway says", labels=["channel"]))
                family.add_metric([name], value)
        yield from found.values()
