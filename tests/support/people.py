"""Synthetic families with valid identifiers that belong to nobody (NHS numbers begin with 999)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from hub.schemas import identifiers

Body = dict[str, Any]

_CHILDREN = ("Ava", "Kai", "Jude", "Maisie", "Toby", "Zayd", "Freya", "Noor", "Ellis", "Orla")
_PARENTS = ("Leanne", "Donna", "Sana", "Helen", "Tracey", "Amir", "Carly", "Gareth")
_DISTRICTS = ("E07000117", "E07000118", "E07000121", "E07000122", "E07000123", "E07000128")
SCHOOLS = ("example-primary-school", "example-high-school", "example-nursery")


@dataclass(frozen=True, slots=True)
class Human:
    """One person, as every sender would describe them."""

    family_name: str
    given_name: str
    date_of_birth: str
    nhs_number: str
    upn: str
    postcode: str
    district: str
    school: str

    def fill(self, person: Body) -> None:
        """Make a person of a template this one."""
        person["identity"] = {
            **(person.get("identity") or {}),
            "family_name": self.family_name,
            "given_names": [self.given_name],
            "date_of_birth": self.date_of_birth,
        }
        person["identifiers"] = {"nhs_number": self.nhs_number, "nhs_number_status": "traced", "upn": self.upn or None}
        address = {"postcode": self.postcode, "district": self.district}
        person["address"] = {**(person.get("address") or {}), **address}
        if self.school:
            person["education"] = {**(person.get("education") or {}), "school_id": self.school}

    def query(self, *, number: bool = True) -> Body:
        """Describe the person as a query does; without a number the name has to do."""
        described: Body = {
            "family_name": self.family_name,
            "given_names": [self.given_name],
            "date_of_birth": self.date_of_birth,
            "postcode": self.postcode,
            "school_id": self.school or None,
        }
        return {**described, "nhs_number": self.nhs_number} if number else described


@dataclass(frozen=True, slots=True)
class Family:
    """A child and a parent."""

    child: Human
    parent: Human


def families(count: int, dice: random.Random) -> list[Family]:
    """Return so many families; each tenth child has the name, birthday and postcode of the one before (not the number)."""
    found: list[Family] = []
    for number in range(count):
        name = f"{dice.choice(('Haw', 'Pilk', 'Dux', 'Ash', 'Cross'))}{dice.choice(('worth', 'ington', 'bury', 'ley'))}"
        home = (f"PR{1 + number % 9} 0{_letters(number)}", dice.choice(_DISTRICTS))
        child = Human(
            name,
            dice.choice(_CHILDREN),
            f"20{10 + number % 14}-0{1 + number % 9}-1{number % 10}",
            _nhs_number(2 * number),
            _upn(number),
            *home,
            dice.choice(SCHOOLS),
        )
        if number % 10 == 9:
            twin = found[-1].child
            child = Human(
                twin.family_name,
                twin.given_name,
                twin.date_of_birth,
                child.nhs_number,
                child.upn,
                twin.postcode,
                twin.district,
                child.school,
            )
        born = f"19{70 + number % 30}-1{number % 3}-0{1 + number % 9}"
        parent = Human(name, dice.choice(_PARENTS), born, _nhs_number(2 * number + 1), "", *home, "")
        found.append(Family(child, parent))
    return found


# Private functions
# -----------------


def _nhs_number(number: int) -> str:
    """Return a valid number beginning with 999; those whose check digit would be ten do not exist."""
    found = (
        f"999{stem:06}{digit}"
        for stem in range(200_000 + number * 40, 200_040 + number * 40)
        for digit in range(10)
        if identifiers.nhs_number(f"999{stem:06}{digit}")
    )
    return next(found)


def _upn(number: int) -> str:
    digits = f"888{4001 + number:04}26{number % 1000:03}"
    return next(letter + digits for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" if identifiers.upn(letter + digits))


def _letters(number: int) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return letters[number // len(letters) % len(letters)] + letters[number % len(letters)]
