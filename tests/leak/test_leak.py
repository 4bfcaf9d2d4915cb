"""No leak: what is personal in a message is nowhere but in sealed bytes, in `subjects.v1`, and where a record lists it (INV-7)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from hub.agents.endings import EXIT_FAULT
from hub.flow.evaluation.periods import period_named
from hub.policy.facts import Consent, Facts
from hub.schemas.classify import classify
from hub.schemas.codec import decode
from hub.schemas.registry import packaged
from hub.schemas.topics import DEAD_LETTERS, DISCLOSURES, NOTICES, REVIEWS, SUBJECTS
from hub.wiring.evaluating import released
from hub.wiring.parts import load_policies
from hub.wiring.reading import existing_stores
from tests.leak.planting import MARK, Planted, needles
from tests.leak.stage import Stage, said_by
from tests.support.log_reader import Log, Row, read_log
from tests.support.whole_hub import WholeHub, WorkerProcess

Body = dict[str, Any]

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What there is to look through after everything was said. web: what the worker served."""

    hub: WholeHub
    stage: Stage
    log: Log
    worker: WorkerProcess
    web: str


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """A hub that logs all it can, was told everything, and has stopped."""
    with WholeHub(tmp_path_factory.mktemp("stage") / "hub", more={"HUB_LOG_LEVEL": "debug"}) as hub:
        stage, worker = Stage(hub), hub.worker()
        worker.wait_ready()
        stage.everything_good()
        hub.drain()
        stage.everything_unsure()
        stage.everything_bad()
        hub.drain()
        stage.answers()
        hub.drain()
        web = "".join(worker.get(path) for path in ("/metrics", "/ready", "/live"))
        assert 0 == worker.stop()
        yield Aftermath(hub, stage, read_log(hub.bootstrap, [topic.name for topic in hub.topics]), worker, web)


def found_in(after: Aftermath, data: bytes) -> list[bytes]:
    """Return what was planted and stands in the data, whatever the case of its letters."""
    lower = data.lower()
    return [needle for needle in needles(after.stage.planter.plants) if needle in lower]


def hub_rows(after: Aftermath) -> Iterator[Row]:
    """Every message that the hub wrote."""
    return (row for topic, rows in after.log.items() if not topic.endswith(".in.v1") for row in rows)


def bodies(after: Aftermath, topic: str) -> list[Body]:
    """The bodies in a topic."""
    return [decode(row.value).body for row in after.log[topic]]


def test_the_stage_was_full(after: Aftermath) -> None:
    """Every personal field of every message was planted; there were releases, reviews, rulings, refusals and burials."""
    planted = {(plant.name, one.path) for plant in after.stage.planter.plants for one in plant.planted}
    for name in ("Referral", "ShareRequest", "ShareResponse", "Control"):
        schema = packaged().by_name(name)
        for spec in classify(packaged(), schema.schema_id).fields:
            coded = spec.path.rsplit(".", 1)[-1] in CODED
            assert spec.envelope or coded or spec.path in SAID_APART or (name, spec.path) in planted, spec.path

    statuses = Counter(body["status"] for row in acks(after) for body in [decode(row.value).body])
    assert {"accepted", "refused", "held", "delivered"} == set(statuses)
    decisions = Counter(r["decision"] for body in bodies(after, DISCLOSURES) for r in body["records"])
    assert decisions["PERMIT"] > 30 and decisions["DENY"] and decisions["REVIEW"]
    assert {"referral", "share_request", "share_response"} == {
        decode(row.value).body["kind"] for row in releases(after)
    }
    assert any(body["ruled_review_id"] and body["records"] for body in bodies(after, DISCLOSURES))
    assert bodies(after, NOTICES)
    accepted = said_by(after.stage.said)
    refused = {body["message_id"] for row in acks(after) for body in [decode(row.value).body] if body["faults"]}
    assert not refused & set(accepted)
    assert len(after.stage.said) - len(accepted) == len(refused)
    assert len(bodies(after, DEAD_LETTERS)) > 4


CODED = {
    *("role", "kind", "about", "nhs_number_status", "level", "referral_type", "support", "code_set"),
    *("disability", "interpreter", "pregnancy", "safe_to_contact", "lives_in_home", "parental_responsibility"),
}
"""Fields that hold a code, an answer or a small number: nobody can be told by their values."""

SAID_APART = {"override.reason", "details.reasons[].text"}
"""Planted by the stage itself."""


def test_logs_and_metrics_hold_nothing_personal(after: Aftermath) -> None:
    """Neither what the worker logs at its most talkative, nor what it serves, nor what the broker logs."""
    assert '"event":"worker serves"' in after.worker.said()
    assert "hub_received_total" in after.web

    assert [] == found_in(after, after.worker.said().encode() + after.web.encode())
    for name in ("broker.log", "broker.out"):
        assert [] == found_in(after, (after.hub.broker.folder / name).read_bytes()), name


def test_keys_and_headers_hold_nothing_personal(after: Aftermath) -> None:
    """Not even where the sender put it into its own key and headers."""
    for row in hub_rows(after):
        found = found_in(after, row.key + b"".join(name.encode() + value for name, value in row.headers))
        assert [] == found, (row.topic, row.offset)


def test_what_the_hub_says_holds_nothing_personal(after: Aftermath) -> None:
    """Acknowledgements with every fault, records, notices; reviews and dead letters are sealed where they hold a message."""
    quiet = {DISCLOSURES, REVIEWS, NOTICES, DEAD_LETTERS}
    for row in hub_rows(after):
        if row.topic in quiet or row.topic.endswith(".ack.v1"):
            assert [] == found_in(after, row.value), (row.topic, row.offset)


def test_the_store_holds_nothing_personal(after: Aftermath) -> None:
    """No table, no index, no free page and no write-ahead log of it, and nothing else in the hub's folder.

    An extract for evaluation is among it: of this very month, as it would be released once the month has ended.
    """
    extract = asyncio.run(_extract(after))
    assert [] == found_in(after, extract)
    with closing(sqlite3.connect(after.hub.settings.sqlite_path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert all(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)  # noqa: S608

    files = [path for path in after.hub.folder.rglob("*") if path.is_file()]
    kept = [path for path in files if after.hub.broker.folder not in path.parents]
    assert after.hub.settings.sqlite_path in kept
    for path in kept:
        assert [] == found_in(after, path.read_bytes()), path.name


async def _extract(after: Aftermath) -> bytes:
    now = datetime.now(UTC)
    async with existing_stores(after.hub.settings) as stores:
        period, later = period_named(now.strftime("%Y-%m")), now + timedelta(days=40)
        found = await released(stores.evaluation, load_policies(after.hub.settings), "lancashire", period, later)
    return found.extract.body


def test_a_release_holds_what_its_record_lists_and_nothing_else(after: Aftermath) -> None:
    """Every planted value in a release stood in a listed field of that person's message, and every listed value is there."""
    sent = said_by(after.stage.said)
    checked = 0
    for body in bodies(after, DISCLOSURES):
        for record in body["records"]:
            if record["record_id"] is None:
                continue
            [release] = [row for row in releases(after) if decode(row.value).body["record_id"] == record["record_id"]]
            plant = sent[body["message_id"]].plant
            own = [one for one in plant.planted if one.person in (None, body["part"] - 1) and still(plant.body, one)]
            listed = {one.value for one in own if one.path in record["fields"]}
            told = decode(release.value).body
            leaves = list(values(told))
            assert listed == {leaf for leaf in leaves if is_planted(after, leaf)}
            assert sum(MARK in str(leaf) for leaf in leaves) == release.value.count(MARK.encode())
            checked += len(listed)
    assert checked > 100


def test_a_crash_logs_nothing_personal(after: Aftermath) -> None:
    """An error that nobody foresaw ends the worker; its line says where it was, never what it was about."""
    with closing(sqlite3.connect(after.hub.settings.sqlite_path, isolation_level=None)) as connection:
        connection.execute("UPDATE subject_events SET facts_after = ?", (ODD_FACTS.to_json(),))
    first = next(one for one in after.stage.said if one.plant.name == "Referral")
    again = after.stage.planter.template("mini_membership", "Referral")
    again.body["persons"] = first.plant.body["persons"]
    after.stage.say("lscft-health-visiting", again)

    worker = after.hub.worker()

    assert EXIT_FAULT == worker.wait_ended()
    assert '"error":"TypeError"' in worker.said()
    assert [] == found_in(after, worker.said().encode())


ODD_FACTS = Facts(consents=(Consent("given", cast("tuple[str, ...]", None), ("*",), ("*",)),))
"""Facts that can be read, and break what works with them."""


def still(body: Body, one: Planted) -> bool:
    """Whether a planted value still stands in the body; the stage writes over some."""
    return one.value in set(values(body))


def is_planted(after: Aftermath, leaf: Any) -> bool:
    """Whether a value was planted anywhere."""
    planted = {one.value for plant in after.stage.planter.plants for one in plant.planted}
    return leaf in planted or MARK in str(leaf)


def values(node: Any) -> Iterator[Any]:
    """Yield every leaf of a body."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
    if inner is None:
        yield node
        return
    for one in inner:
        yield from values(one)


def acks(after: Aftermath) -> list[Row]:
    """Every acknowledgement."""
    return [row for topic, rows in after.log.items() if topic.endswith(".ack.v1") for row in rows]


def releases(after: Aftermath) -> list[Row]:
    """Every filtered record."""
    return [row for topic, rows in after.log.items() if topic.endswith(".out.v1") for row in rows]


def test_subject_messages_are_where_the_values_are(after: Aftermath) -> None:
    """The search finds what is there: the one inner topic that carries messages holds every accepted value."""
    assert found_in(after, b"".join(row.value for row in after.log[SUBJECTS]))
