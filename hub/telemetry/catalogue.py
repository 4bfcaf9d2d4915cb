"""The closed catalogue of metrics: names, types, labels with every value they may take, and what each one means.

`docs/metrics.md` is made from this file. No label ever holds anything about a person, a message or a sender's free text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from hub.policy.reasons import GROUPS
from hub.policy.vocabulary import CATEGORIES, DECISIONS

UNKNOWN: Final = "unknown"
"""The value every label has besides its own: what a value outside the list is counted as in production."""

AGENTS: Final = ("intake", "decide", "record")
STATES: Final = ("starting", "running", "retrying", "stopping")
FAULTS: Final = ("store", "broker", "other")
ACK_STATUSES: Final = ("accepted", "refused", "held", "delivered")
BURIALS: Final = ("unreadable", "refused", "too_large", "other")


@dataclass(frozen=True, slots=True)
class Label:
    """One label. values None: closed when the worker starts, by what it was given (topics, recipient classes)."""

    name: str
    values: tuple[str, ...] | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `since` is a histogram fed with the moment (seconds of the epoch) from which the time runs."""

    name: str
    kind: Literal["counter", "gauge", "histogram", "since"]
    help: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()


_AGENT: Final = Label("agent", AGENTS)
_TOPIC: Final = Label("topic", None, "the topics this worker reads")
_CLASS: Final = Label("recipient_class", None, "the recipient classes of the loaded policies")

_FAST: Final = (0.000_001, 0.000_01, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0)
_SLOW: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_SIZES: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0)

METRICS: Final[tuple[Metric, ...]] = (
    Metric("hub_received_total", "counter", "Messages taken from the log.", (_AGENT,)),
    Metric(
        "hub_decided_total",
        "counter",
        "Decisions, one for each subject and recipient, by the group of the reason that decided.",
        (Label("outcome", DECISIONS), _CLASS, Label("reason_group", GROUPS)),
    ),
    Metric(
        "hub_withheld_fields_total",
        "counter",
        "Fields withheld from a recipient, by data category.",
        (Label("category", (*CATEGORIES, "unclassified")),),
    ),
    Metric("hub_releases_total", "counter", "Filtered records released to recipients.", (_CLASS,)),
    Metric("hub_acks_total", "counter", "Acknowledgements to senders.", (Label("status", ACK_STATUSES),)),
    Metric("hub_dead_letters_total", "counter", "Messages buried as dead letters.", (_AGENT, Label("reason", BURIALS))),
    Metric("hub_reviews_waiting", "gauge", "Cases that wait for a person; NaN while the store does not answer."),
    Metric("hub_reviews_oldest_seconds", "gauge", "Age of the case that has waited longest; 0 when none waits."),
    Metric(
        "hub_decision_seconds",
        "histogram",
        "Time of an agent's handler for one message: a batch's mean.",
        (_AGENT,),
        _FAST,
    ),
    Metric("hub_batch_messages", "histogram", "Messages handled as one batch.", (_AGENT,), _SIZES),
    Metric("hub_emit_seconds", "histogram", "Time until the broker has accepted a stage.", (_AGENT,), _SLOW),
    Metric(
        "hub_publish_to_release_seconds",
        "since",
        "From the broker's time of the partner's message to the release being accepted.",
        (),
        _SLOW,
    ),
    Metric(
        "hub_withdrawal_to_effect_seconds",
        "since",
        "From the broker's time of a withdrawal, refusal, instruction or ended access to its being in force.",
        (),
        _SLOW,
    ),
    Metric(
        "hub_lag_messages",
        "gauge",
        "Messages of a partition that wait to be handled.",
        (_TOPIC, Label("partition", None, "the partitions this worker has")),
    ),
    Metric(
        "hub_retries_total",
        "counter",
        "Passing faults after which a batch was tried again.",
        (_AGENT, Label("fault", FAULTS)),
    ),
    Metric("hub_rebalances_total", "counter", "Times that partitions were taken from this worker."),
    Metric("hub_worker_state", "gauge", "1 for the state the worker is in, else 0.", (Label("state", STATES),)),
    Metric("hub_metric_errors_total", "counter", "Counts for an unlisted metric or label value: a fault in the hub."),
)

BY_NAME: Final[dict[str, Metric]] = {metric.name: metric for metric in METRICS}


def as_markdown() -> str:
    """Return `docs/metrics.md`: every metric with its type, labels, label values and meaning, in catalogue order."""
    lines = [
        "# Metrics",
        "",
        "Served on `/metrics`. Made from `hub/telemetry/catalogue.py` by `make docs`; a test keeps it true.",
        f"Every label can also be `{UNKNOWN}`: a value outside its list, counted in `hub_metric_errors_total` as well.",
        "",
        "| metric | type | labels | meaning |",
        "|---|---|---|---|",
        *(f"| `{m.name}` | {_kind(m)} | {_labels(m)} | {m.help} |" for m in METRICS),
        "",
        "## Label values",
        "",
        "| label | values |",
        "|---|---|",
        *(f"| `{label.name}` | {_values(label)} |" for label in _distinct()),
    ]
    return "\n".join(lines) + "\n"


# Private functions
# -----------------


def _kind(metric: Metric) -> str:
    return "histogram" if metric.kind == "since" else metric.kind


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{label.name}`" for label in metric.labels) or "none"


def _values(label: Label) -> str:
    return ", ".join(f"`{value}`" for value in label.values) if label.values is not None else label.source


def _distinct() -> list[Label]:
    return list({label.name: label for metric in METRICS for label in metric.labels}.values())
