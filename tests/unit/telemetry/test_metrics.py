"""The metrics: closed, counted once, and documented."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from hub.flow.outcome import Count
from hub.telemetry.catalogue import BY_NAME, METRICS, UNKNOWN, as_markdown
from hub.telemetry.metrics import Metrics

CLOSED = {"topic": ["subjects.v1"], "partition": ["0", "1"], "recipient_class": ["nhs"]}


def labels_of(name: str) -> tuple[str, ...]:
    """One allowed value for each label of a metric."""
    return tuple(
        label.values[0] if label.values is not None else CLOSED[label.name][0] for label in BY_NAME[name].labels
    )


def shown(metrics: Metrics) -> str:
    """The exposition as text."""
    return metrics.exposition().decode()


@pytest.mark.parametrize("name", BY_NAME)
def test_every_metric_of_the_catalogue_can_be_counted(name: str) -> None:
    """A catalogue entry that cannot be used would be found only when it is needed."""
    metrics = Metrics(CLOSED, strict=True)

    metrics.count(Count(name, labels_of(name), 1.0))

    assert name in shown(metrics)


@pytest.mark.parametrize(
    "count",
    [
        Count("hub_invented_total"),
        Count("hub_received_total"),
        Count("hub_received_total", ("decide", "more")),
        Count("hub_received_total", ("Canary-Quillfeather",)),
        Count("hub_lag_messages", ("partner.other.in.v1", "0")),
    ],
)
def test_a_count_outside_the_catalogue_is_a_fault_of_the_hub(count: Count) -> None:
    """In tests it raises; in production it is counted, its value never shown, and sharing goes on."""
    with pytest.raises(ValueError, match="`hub_"):
        Metrics(CLOSED, strict=True).count(count)

    metrics = Metrics(CLOSED)
    for _ in range(3):
        metrics.count(count)

    assert "hub_metric_errors_total 3.0" in shown(metrics)
    assert "Canary" not in shown(metrics)
    assert "invented" not in shown(metrics)


def test_a_value_outside_its_list_counts_as_unknown() -> None:
    """The event is not lost, only its label."""
    metrics = Metrics(CLOSED)

    metrics.count(Count("hub_received_total", ("nobody",), 2.0))

    assert f'hub_received_total{{agent="{UNKNOWN}"}} 2.0' in shown(metrics)


def test_a_since_metric_measures_from_the_moment_it_is_given() -> None:
    """The core reads no clock: it says when something began, the metric when it was counted."""
    metrics = Metrics(CLOSED, clock=lambda: 1000.0)

    metrics.count(Count("hub_publish_to_release_seconds", (), 997.0))
    metrics.count(Count("hub_publish_to_release_seconds", (), 1001.0))

    assert "hub_publish_to_release_seconds_count 2.0" in shown(metrics)
    assert "hub_publish_to_release_seconds_sum 3.0" in shown(metrics), "a clock that is behind counts as no time"


def test_the_worker_is_in_one_state() -> None:
    """A dashboard sees one state, whatever came before."""
    metrics = Metrics(CLOSED, strict=True)

    metrics.state("starting")
    metrics.state("retrying")

    states = [line for line in shown(metrics).splitlines() if line.startswith("hub_worker_state{")]
    assert ['hub_worker_state{state="retrying"} 1.0'] == [line for line in states if line.endswith("1.0")]


def test_what_is_forgotten_is_no_longer_shown() -> None:
    """The lag of a partition that went to another worker must not stand still here."""
    metrics = Metrics(CLOSED, strict=True)
    metrics.count(Count("hub_lag_messages", ("subjects.v1", "0"), 5.0))

    metrics.forget("hub_lag_messages")
    assert "hub_lag_messages{" not in shown(metrics)

    metrics.count(Count("hub_lag_messages", ("subjects.v1", "1"), 7.0))
    assert 'hub_lag_messages{partition="1",topic="subjects.v1"} 7.0' in shown(metrics)


def test_two_sets_of_metrics_share_nothing() -> None:
    """No global registry: two workers in one test do not count each other's work."""
    one, other = Metrics(CLOSED), Metrics(CLOSED)

    one.count(Count("hub_rebalances_total"))

    assert "hub_rebalances_total 1.0" in shown(one)
    assert "hub_rebalances_total 0.0" in shown(other)


def test_an_unknown_gauge_shows_that_it_is_unknown() -> None:
    """While the store is down nobody knows how many cases wait; the last number would be a lie."""
    metrics = Metrics(CLOSED, strict=True)
    metrics.count(Count("hub_reviews_waiting", (), 4.0))

    metrics.unknown_now("hub_reviews_waiting")

    value = next(line for line in shown(metrics).splitlines() if line.startswith("hub_reviews_waiting "))
    assert math.isnan(float(value.split()[1]))


def test_names_and_units_follow_prometheus() -> None:
    """Counters end in `_total`, times in `_seconds`; every metric says what it is and has a row on its page."""
    page = as_markdown()
    for metric in METRICS:
        assert metric.name.startswith("hub_")
        assert (metric.kind == "counter") == metric.name.endswith("_total")
        assert (metric.kind in ("histogram", "since")) == bool(metric.buckets)
        assert metric.kind != "since" or metric.name.endswith("_seconds")
        assert sorted(metric.buckets) == list(metric.buckets)
        assert metric.help.endswith(".")
        assert 1 == page.count(f"| `{metric.name}` |")


def test_no_label_is_open() -> None:
    """Each label lists its values, or says what closes it when the worker starts."""
    labels: Sequence[object] = [label for metric in METRICS for label in metric.labels if label.values is None]

    assert {"topic", "partition", "recipient_class"} == {getattr(label, "name", "") for label in labels}
    assert all(getattr(label, "source", "") for label in labels)
