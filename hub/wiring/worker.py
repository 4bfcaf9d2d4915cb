"""One worker: intake, decide and record on one set of stores, and the gauges that only the store can tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

from hub.agents.loop import Route
from hub.agents.worker import Parts, run_worker
from hub.connectors.kafka_admin import cluster_id
from hub.errors import PassingFault
from hub.flow.burial import bury
from hub.flow.decide import Decide
from hub.flow.intake import Intake
from hub.flow.outcome import Count
from hub.flow.policies import Policies
from hub.flow.record import Record
from hub.flow.records import Writer
from hub.ledger.keys import Keyring
from hub.ledger.ports import ReviewStore, Stores
from hub.schemas.registry import packaged
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS, inbox
from hub.settings import Settings, load
from hub.telemetry.health import Refresh
from hub.telemetry.metrics import Metrics
from hub.wiring.parts import bootstrap, keyring, load_policies, stores, topics


def serve(settings: Settings) -> NoReturn:
    """Run one worker against the configured brokers and store until it is told to stop; never returns.

    Without configured brokers it joins the hub that runs on the data folder. Raises InputFault when none ever did.
    """
    joined = settings.model_copy(update={"bootstrap": bootstrap(settings)})
    run_worker(joined, partial(assemble, joined))


@asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[Parts]:
    """Open everything a worker needs. Raises KeyMissing, PolicyFault, StoreUnavailable or BrokerUnavailable."""
    policies, keys = load_policies(settings), keyring(settings)
    log_id = await cluster_id(settings.bootstrap)
    async with stores(settings) as opened:
        await opened.ping()
        yield _parts(settings, policies, keys, opened, log_id)


def _parts(settings: Settings, policies: Policies, keys: Keyring, opened: Stores, log_id: str) -> Parts:
    registry = packaged()
    metrics = _metrics(settings, policies)
    intake = Intake(policies, opened.identity, keys, registry)
    decide = Decide(policies, opened.events, Writer(registry, keys), log_id, settings.cache_size)
    record = Record(opened.register, opened.reviews, registry)
    routes = (
        Route("intake", tuple(inbox(agency) for agency in policies.agencies()), intake),
        Route("decide", (SUBJECTS,), decide),
        Route("record", (DISCLOSURES, REVIEWS), record),
    )

    async def store() -> str:
        await opened.ping()
        return ""

    return Parts(
        routes=routes,
        bury=lambda message, fault: bury(message, fault, keys, registry, settings.max_message_bytes),
        metrics=metrics,
        drop_caches=decide.forget,
        checks={"store": store},
        refresh=(_waiting(opened.reviews, metrics),),
    )


def _metrics(settings: Settings, policies: Policies) -> Metrics:
    catalogue = topics(settings, policies)
    return Metrics(
        {
            "recipient_class": {klass.id for policy in policies.all() for klass in policy.classes} | {"none"},
            "topic": {topic.name for topic in catalogue},
            "partition": {str(number) for number in range(max(topic.partitions for topic in catalogue))},
        }
    )


def _waiting(reviews: ReviewStore, metrics: Metrics) -> Refresh:
    async def refresh() -> None:
        try:
            number, oldest = await reviews.waiting()
        except PassingFault:
            # Nobody may read the last number as today's.
            for gauge in ("hub_reviews_waiting", "hub_reviews_oldest_seconds"):
                metrics.unknown_now(gauge)
            raise
        age = (datetime.now(UTC) - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0.0
        metrics.count(Count("hub_reviews_waiting", (), float(number)))
        metrics.count(Count("hub_reviews_oldest_seconds", (), max(0.0, age)))

    return refresh


if __name__ == "__main__":
    serve(load())
