"""The metrics of one process: counts from the use cases, in a registry of their own, with closed label sets."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from hub.flow.outcome import Count
from hub.telemetry.catalogue import BY_NAME, METRICS, STATES, UNKNOWN, Metric

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class Metrics:
    """Counts by the catalogue; nothing outside it is ever shown.

    A count for an unlisted metric or label value is a fault in the hub, never a reason to stop sharing what keeps a child
    safe: it is counted in `hub_metric_errors_total`, a value outside the list as `unknown`. With `strict` (tests) it
    raises ValueError instead.

    closed: values of the labels that are closed at start: `topic`, `partition`, `recipient_class`.
    """

    def __init__(
        self,
        closed: Mapping[str, Collection[str]] | None = None,
        *,
        strict: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._closed = {name: frozenset(values) for name, values in (closed or {}).items()}
        self._strict = strict
        self._clock = clock
        self._registry = CollectorRegistry(auto_describe=False)
        self._families = {metric.name: self._family(metric) for metric in METRICS}
        self._children: dict[tuple[str, tuple[str, ...]], Callable[[float], None]] = {}

    def count(self, count: Count) -> None:
        """Add to a counter, set a gauge, observe a histogram; for a `since` metric the value is the moment it runs from."""
        child = self._children.get((count.metric, count.labels))
        if child is None:
            child = self._child(count)
        child(count.value)

    def count_all(self, counts: Iterable[Count]) -> None:
        """Take several counts, in order."""
        for count in counts:
            self.count(count)

    def state(self, state: str) -> None:
        """Say which state the worker is in: one of the catalogue's STATES."""
        for name in STATES:
            self.count(Count("hub_worker_state", (name,), float(name == state)))

    def forget(self, metric: str) -> None:
        """Drop every series of a gauge, such as the lag of partitions that went to another worker."""
        self._families[metric].clear()
        self._children = {key: child for key, child in self._children.items() if key[0] != metric}

    def unknown_now(self, metric: str) -> None:
        """Show that a gauge without labels cannot be known now (NaN), rather than its last value."""
        self.count(Count(metric, (), math.nan))

    def exposition(self) -> bytes:
        """Return all metrics in the Prometheus text format, with content type CONTENT_TYPE."""
        return generate_latest(self._registry)

    # Private functions
    # -----------------

    def _family(self, metric: Metric) -> Counter | Gauge | Histogram:
        labels = [label.name for label in metric.labels]
        if metric.kind == "counter":
            return Counter(metric.name, metric.help, labels, registry=self._registry)
        if metric.kind == "gauge":
            return Gauge(metric.name, metric.help, labels, registry=self._registry)
        return Histogram(metric.name, metric.help, labels, registry=self._registry, buckets=metric.buckets)

    def _child(self, count: Count) -> Callable[[float], None]:
        metric = BY_NAME.get(count.metric)
        if metric is None or len(count.labels) != len(metric.labels):
            return self._mistake(f"`{count.metric}` is not in the catalogue with {len(count.labels)} labels")
        values = tuple(self._known(metric, place, value) for place, value in enumerate(count.labels))
        child = self._use(metric, values)
        if values == count.labels:
            self._children[count.metric, count.labels] = child
        return child

    def _known(self, metric: Metric, place: int, value: str) -> str:
        label = metric.labels[place]
        allowed = self._closed.get(label.name, ()) if label.values is None else label.values
        if value in allowed or value == UNKNOWN:
            return value
        self._mistake(f"`{metric.name}` has no such value of `{label.name}`")(1.0)
        return UNKNOWN

    def _mistake(self, text: str) -> Callable[[float], None]:
        if self._strict:
            raise ValueError(text)
        return lambda _: self._use(BY_NAME["hub_metric_errors_total"], ())(1.0)

    def _use(self, metric: Metric, values: tuple[str, ...]) -> Callable[[float], None]:
        family = self._families[metric.name]
        child = family.labels(*values) if values else family
        if isinstance(child, Counter):
            return child.inc
        if isinstance(child, Gauge):
            return child.set
        if metric.kind == "since":
            return lambda moment: child.observe(max(0.0, self._clock() - moment))
        return child.observe
