"""How a worker and its store grow with the number of subjects.

Subjects are made in steps: most by a consent about a person not met before, as a registration desk sends them, a few by a
referral. After each step the worker's resident memory is read, and the size of the store.
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from hub.schemas.codec import encode
from hub.schemas.topics import inbox
from tests.bench.job import Numbers, by_workers
from tests.bench.rig import Rig
from tests.bench.traffic import Sent, nhs_number
from tests.support.partner import filled

SENDER = "lancashire-cfw"
FIRST = 250_000
"""Numbers of people from here on are not those of the referrals."""
REFERRALS_IN = 50
"""One in so many subjects comes by a referral."""
SETTLE_SECONDS = 1.0
STUCK_SECONDS = 240.0


@dataclass(frozen=True)
class Step:
    """What was read after a step. memory and store in megabytes; rate: subjects a second in this step."""

    subjects: int
    memory: float
    store: float
    rate: float


async def grow(rig: Rig, numbers: Numbers, step: int, steps: int) -> list[Step]:
    """Have the running worker meet so many new subjects in each step, and return what was read before and after each."""
    worker = psutil.Process(rig.workers[0].pid)
    found = [Step(0, _megabytes(worker.memory_info().rss), _megabytes(rig.store()), 0.0)]
    for number in range(steps):
        consents = list(_consents(range(FIRST + number * step, FIRST + (number + 1) * step)))
        known = rig.count("subject_events")
        began = time.monotonic()
        await rig.publish(consents)
        while rig.count("subject_events") < known + step:
            if time.monotonic() > began + STUCK_SECONDS:
                raise RuntimeError("the worker does not get on; see its log")
            await asyncio.sleep(0.1)
        rate = step / (time.monotonic() - began)
        await by_workers(rig, numbers.take(step // REFERRALS_IN))
        await asyncio.sleep(SETTLE_SECONDS)
        found.append(Step((number + 1) * step, _megabytes(worker.memory_info().rss), _megabytes(rig.store()), rate))
    return found


def _consents(numbers: range) -> Iterator[Sent]:
    now = datetime.now(UTC)
    for number in numbers:
        body = copy.deepcopy(filled("consent"))
        body["message_id"] = hashlib.sha256(b"consent %d" % number).hexdigest()[:32]
        body["sent_at"] = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        body["subject"]["nhs_number"] = nhs_number(number)
        body["subject"]["family_name"] = f"Haworth{''.join(chr(ord('a') + int(digit)) for digit in str(number))}"
        yield Sent(inbox(SENDER), body["message_id"].encode(), encode("Control", body))


def _megabytes(size: int) -> float:
    return size / 1e6
