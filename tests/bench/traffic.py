"""Referrals as a working day brings them: Lancashire's forms, one or two people, four to six agencies to be decided each.

Everything is made up and derived from a number: the same number gives the same family, form and recipients, so that two
sides of a comparison get the same messages. NHS numbers begin with 999 and have a valid check digit.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.schemas.codec import encode
from hub.schemas.topics import inbox
from tests.support.partner import filled

Body = dict[str, Any]


@dataclass(frozen=True)
class Sort:
    """One kind of referral: its share of a hundred, who sends it, and whom the sender may name beside the form's own."""

    form: str
    share: int
    senders: tuple[str, ...]
    named: tuple[str, ...]


HEALTH = ("lscft-school-nursing", "lscft-camhs", "lscft-health-visiting")
COUNCIL = ("lcc-childrens-social-care", "lcc-public-health", "lcc-youth-offending-service")
OTHERS = ("lancashire-constabulary", "lancashire-fire-and-rescue", "homestart", "burnley-housing")
SORTS = (
    Sort(
        "request_for_support",
        40,
        ("barnardos", "victim-support", "child-action-north-west", "example-high-school"),
        (*HEALTH, *COUNCIL, *OTHERS),
    ),
    Sort("early_help_assessment", 25, ("lancashire-cfw",), (*HEALTH, *COUNCIL, *OTHERS, "example-primary-school")),
    Sort(
        "safeguarding_referral",
        20,
        ("example-primary-school", "example-nursery", "lancashire-constabulary"),
        (*HEALTH, "lcc-childrens-social-care", "blackpool-council", "homestart"),
    ),
    Sort("registration", 15, ("lancashire-cfw-registration",), (*HEALTH, *OTHERS)),
)
RECIPIENTS = range(4, 7)
TWO_PEOPLE = 0.6
LEFT_EMPTY = 0.2
"""How many of the answers that a form does not insist on are left empty: hardly two forms are filled in alike."""
SEEN_BEFORE = 0.15
"""How many of the referrals are about a family that was referred before."""

OPTIONAL = ("characteristics", "contact", "health", "education", "send", "early_help")
NAMES = ("Ashworth", "Bolton", "Cross", "Duxbury", "Entwistle", "Fielden", "Greenhalgh", "Haworth", "Ingham", "Kershaw")
GIVEN = ("Maisie", "Kai", "Jude", "Toby", "Freya", "Robin", "Isla", "Noor", "Callum", "Amira")


@dataclass(frozen=True)
class Sent:
    """One referral ready to publish: its topic, its key and its bytes."""

    topic: str
    key: bytes
    value: bytes


def referrals(numbers: range, at: datetime | None = None) -> Iterator[Sent]:
    """Yield the referrals with these numbers, as sent at that moment (now, unless it is given)."""
    moment = at or datetime.now(UTC)
    for number in numbers:
        agency, body = referral(number, moment)
        yield Sent(inbox(agency), body["message_id"].encode(), encode("Referral", body))


def referral(number: int, at: datetime) -> tuple[str, Body]:
    """Return the sender and body of one referral."""
    rng = random.Random(number)
    sort = rng.choices(SORTS, [sort.share for sort in SORTS])[0]
    sender = rng.choice(sort.senders)
    family = rng.randrange(number + 1) if rng.random() < SEEN_BEFORE else number
    body = copy.deepcopy(_form(sort.form))
    body |= {
        "message_id": hashlib.sha256(b"referral %d" % number).hexdigest()[:32],
        "case_ref": f"BENCH-{number}",
        "sent_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "recipients": _named(rng, sort, sender),
        "persons": _people(rng, body["persons"], family),
    }
    body["awareness"]["covers"] = [person["person_id"] for person in body["persons"]]
    return sender, body


def nhs_number(number: int) -> str:
    """Return a made-up NHS number with a valid check digit for each number below half a million, none twice."""
    # Of two neighbours at most one has no check digit (it would be ten).
    return _checked(2 * number) or _checked(2 * number + 1)


def _checked(number: int) -> str:
    digits = f"999{number:06}"
    check = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
    return f"{digits}{check}" if check < 10 else ""


@functools.cache
def _form(name: str) -> Body:
    body = filled(name)
    body.pop("phone_first_at", None)
    return body


def _named(rng: random.Random, sort: Sort, sender: str) -> list[str]:
    own = {"request_for_support": 1, "safeguarding_referral": 1, "registration": 1}.get(sort.form, 0)
    fitting = [agency for agency in sort.named if agency != sender]
    return rng.sample(fitting, rng.choice(RECIPIENTS) - own)


def _people(rng: random.Random, persons: list[Body], family: int) -> list[Body]:
    kept = persons[: 2 if rng.random() < TWO_PEOPLE else 1]
    name, postcode = NAMES[family % len(NAMES)], f"BB{family % 9 + 1} 0AA"
    for place, person in enumerate(kept):
        person["identity"] |= {
            "family_name": f"{name}{_letters(family)}",
            "given_names": [GIVEN[(family + place) % len(GIVEN)]],
        }
        person.setdefault("address", {}).update(postcode=postcode, district="E07000117", line1=f"{family} Loom Lane")
        for section in filter(person.get, OPTIONAL):
            person[section] = {name: value for name, value in person[section].items() if rng.random() >= LEFT_EMPTY}
        person["identifiers"] = {"nhs_number": nhs_number(2 * family + place), "nhs_number_status": "traced"}
    return kept


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
