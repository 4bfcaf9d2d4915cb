"""Identifiers of people and places in one written form, with their check digits verified.

Each function returns the normal form, or None when the text is not a valid identifier; none says whether it was issued.
"""

from __future__ import annotations

import re
from typing import Final

_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""Check letters of the UPN: no I, O or S."""

_ULN_REMAINDER: Final = 10
_GAPS: Final = re.compile(r"[\s-]+")
_TEN_DIGITS: Final = re.compile(r"[0-9]{10}")
_UPN: Final = re.compile(rf"[{_LETTERS}][0-9]{{11}}[0-9{_LETTERS}]")
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|GIR0AA")


def nhs_number(text: str) -> str | None:
    """Return an NHS number as ten digits.

    Weights 10 to 2 on the first nine digits; eleven minus the sum modulo 11 is the tenth, 11 counts as 0 and 10
    is never used (NHS Data Dictionary).
    """
    digits = _GAPS.sub("", text)
    if not _TEN_DIGITS.fullmatch(digits):
        return None
    return digits if _weighted(digits) % 11 == 0 else None


def uln(text: str) -> str | None:
    """Return a unique learner number as ten digits: the weighted sum modulo 11 is 10 (HESA), so it is no NHS number."""
    digits = _GAPS.sub("", text)
    if not _TEN_DIGITS.fullmatch(digits) or digits[0] == "0":
        return None
    return digits if _weighted(digits) % 11 == _ULN_REMAINDER else None


def upn(text: str) -> str | None:
    """Return a unique pupil number, permanent or temporary, as thirteen capitals and digits.

    Characters 2 to 13 are weighted by their place; the sum modulo 23 names the check letter (GDSC UniquePupilNumber).
    The last letter of a temporary number counts by the same table.
    """
    code = _GAPS.sub("", text).upper()
    if not _UPN.fullmatch(code):
        return None
    total = sum(place * _upn_value(code[place - 1]) for place in range(2, 14))
    return code if code[0] == _LETTERS[total % len(_LETTERS)] else None


def postcode(text: str) -> str | None:
    """Return a postcode in capitals with one space before its last three characters."""
    code = _GAPS.sub("", text).upper()
    return f"{code[:-3]} {code[-3:]}" if _POSTCODE.fullmatch(code) else None


# Private functions
# -----------------


def _weighted(digits: str) -> int:
    """Return the sum of ten digits with weights 10 to 1; the check digit's own weight is 1."""
    return sum((10 - place) * int(digit) for place, digit in enumerate(digits))


def _upn_value(character: str) -> int:
    return int(character) if character.isdigit() else _LETTERS.index(character)
