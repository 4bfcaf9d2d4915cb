"""Identifiers: the vectors of the standards, and a public library as the oracle."""

from __future__ import annotations

import nhs_number as oracle  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.schemas.identifiers import nhs_number, postcode, uln, upn

ten_digits = st.text("0123456789", min_size=10, max_size=10)


@pytest.mark.parametrize("number", ["9434765919", "9990000018", "9990000026", "999 000 0018", "999-000-0026"])
def test_valid_nhs_numbers_are_taken_in_any_spacing(number: str) -> None:
    """Spaces and hyphens do not matter; the normal form is ten digits."""
    assert nhs_number(number) == number.replace(" ", "").replace("-", "")


@pytest.mark.parametrize("number", ["9434765918", "999000001", "99900000180", "", "999000001X", "٩٩٩٠٠٠٠٠١٨"])
def test_invalid_nhs_numbers_are_not_taken(number: str) -> None:
    """A wrong check digit, length or character is no NHS number."""
    assert nhs_number(number) is None


def test_generated_test_numbers_are_valid() -> None:
    """The 999 range that synthetic people use passes the check."""
    numbers = oracle.generate(for_region=oracle.REGION_SYNTHETIC, quantity=200)

    assert numbers == [nhs_number(number) for number in numbers]


@given(ten_digits)
def test_nhs_check_digit_agrees_with_the_oracle(digits: str) -> None:
    """The check digit is that of the public library, for any ten digits."""
    expected = oracle.calculate_checksum(digits[:9]) == int(digits[9])

    assert expected == (nhs_number(digits) is not None)


@given(ten_digits)
def test_no_number_is_both_learner_and_patient(digits: str) -> None:
    """A ULN cannot be mistaken for an NHS number."""
    assert uln(digits) is None or nhs_number(digits) is None


def test_uln_vectors() -> None:
    """The published example passes; one digit off or a leading zero does not."""
    assert (uln("9276308686"), uln("9276308687"), uln("0276308686")) == ("9276308686", None, None)


@pytest.mark.parametrize("number", ["B801200005001", "b801200005001", "P207000016049"])
def test_valid_upns_are_taken(number: str) -> None:
    """The check letter is recomputed, in either case of letters."""
    assert upn(number) == number.upper()


@pytest.mark.parametrize("number", ["Q207000016049", "A801200005001", "B80120000500", "I801200005001", "B80120000500O"])
def test_invalid_upns_are_not_taken(number: str) -> None:
    """A wrong letter, length or a letter that is never used is no UPN."""
    assert upn(number) is None


@given(st.text("0123456789", min_size=11, max_size=11), st.sampled_from("ABCDEFGHJKLMNPQRTUVWXYZ"))
def test_one_check_letter_fits_a_temporary_upn(digits: str, last: str) -> None:
    """Exactly one of the 23 letters is right."""
    fits = [letter for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" if upn(f"{letter}{digits}{last}")]

    assert len(fits) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pr10aa", "PR1 0AA"),
        (" PR1  0AA ", "PR1 0AA"),
        ("sw1a0aa", "SW1A 0AA"),
        ("gir 0aa", "GIR 0AA"),
        ("B1 1BB", "B1 1BB"),
    ],
)
def test_postcodes_have_one_form(text: str, expected: str) -> None:
    """Capitals, and one space before the last three."""
    assert expected == postcode(text)


@pytest.mark.parametrize("text", ["", "PR1", "PR1 0A", "1PR 0AA", "PR1 AAA", "PRR1 0AA"])
def test_what_is_no_postcode_is_none(text: str) -> None:
    """An outward part alone, or a wrong pattern, is not guessed at."""
    assert postcode(text) is None
