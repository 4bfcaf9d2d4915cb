"""What the loader promises: a digest of meaning, text read by type, files found by name, and no faulty file ever loaded."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import yaml

from hub.councils.loader import digest_of, load
from hub.councils.packaged import packaged, policies_in
from hub.errors import PolicyFault

DATA = Path(__file__).parents[2] / "data"
SMALL = (DATA / "small-policy.yaml").read_text(encoding="utf-8")
LARGE = packaged()["lancashire-cfw-001"].read_text(encoding="utf-8")
BECAUSE = re.compile(r",? *because: \[[^\]]*\]")


def codes(text: str) -> list[str]:
    """Return the codes of the faults with which a text is refused, or nothing when it loads."""
    try:
        load(text)
    except PolicyFault as error:
        return [fault.code for fault in error.faults]
    return []


def shuffled(node: object, rng: random.Random) -> object:
    """Return a parsed text with the order of every mapping's keys changed; lists keep theirs."""
    if isinstance(node, dict):
        keys = list(node)
        rng.shuffle(keys)
        return {key: shuffled(node[key], rng) for key in keys}
    return [shuffled(item, rng) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize("text", [SMALL, LARGE], ids=["small", "lancashire"])
def test_the_digest_is_of_the_meaning(text: str) -> None:
    """Comments, layout and the order of keys do not change a policy's digest; two loads give equal policies."""
    plain = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes text only
    other = yaml.safe_dump(shuffled(plain, random.Random(1)), sort_keys=False, default_style='"')

    assert load(text) == load(other)
    assert load(text).digest == digest_of(load(text))


def test_the_digest_changes_with_any_word() -> None:
    """Whatever the file says is in the digest: a setting, a reason, a sentence, a date."""
    changes = [
        ("value: 60", "value: 61"),
        ("reason: short", "reason: shorter"),
        ("We ring you up", "We ring"),
        ("2027-12-31", "2027-12-30"),
    ]
    digests = {load(SMALL).digest, *(load(SMALL.replace(*change)).digest for change in changes)}

    assert len(changes) + 1 == len(digests)


def test_text_stays_text() -> None:
    """A version `1` or `001`, a `no` and a date keep their characters: nothing is turned into a number or a truth value."""
    assert "001" == load(LARGE).version
    assert (
        "no"
        == load(SMALL.replace("      sends_as: [staff]", "      in_duty: no\n      sends_as: [staff]"))
        .agencies[1]
        .in_duty
    )
    assert "2026-09-30" == load(SMALL).settings.duty_16la_from


def test_open_dates_are_empty() -> None:
    """`open` and a date that is left out both mean no end; the model holds them as an empty text."""
    policy = load(SMALL)

    assert "" == policy.valid_to
    assert ("", "") == next((r.valid_from, r.valid_to) for r in policy.sharing if r.id == "support")


def test_unknown_is_no_number() -> None:
    """A retention that the notice leaves open is kept as unknown (empty), never as zero (D-22)."""
    assert ("6 years", "") == (load(SMALL).retention[0].minimum, load(SMALL).retention[0].maximum)


@pytest.mark.parametrize("text", [SMALL, LARGE], ids=["small", "lancashire"])
def test_no_citation_can_be_dropped(text: str) -> None:
    """Every single row must cite: with all citations gone, each is missed by itself."""
    count = len(BECAUSE.findall(text))

    assert count > 10
    assert count == codes(BECAUSE.sub("", text)).count("NO_CITATION")


def test_dropping_one_citation_is_enough_to_be_refused() -> None:
    """A file loads only when every row cites, so one row without a citation stops it."""
    for found in BECAUSE.finditer(SMALL):
        text = SMALL[: found.start()] + SMALL[found.end() :]
        assert "NO_CITATION" in codes(text), found.group()


def test_a_rule_that_limits_opens_nothing_by_itself() -> None:
    """S-06: data off the shared list goes by a sentence of the notice, or by a choice in which the council owns to it."""
    limited = SMALL.replace(
        "    categories: [contact]\n    because: [SN-05]", "    categories: [contact]\n    because: [SN-05, D-01]"
    )
    limited = limited.replace(
        "    groups: [who, phone]\n    because: [SN-05]", "    groups: [who, phone]\n    because: [D-01]"
    )
    owned = "choices:\n  phone:\n    question: Who adds it?\n    answer: We do.\n    reason: To call back.\n    because: [D-01]\n\n"

    assert ["NO_CITATION"] == codes(limited)
    assert [] == codes(limited.replace("facts:\n", owned + "facts:\n", 1))


def test_renaming_any_field_is_refused() -> None:
    """A field that is spelt otherwise is never taken for absent: no mutated file loads silently."""
    parts = list(re.finditer(r"(?m)^ {4,}(?:- )?[a-z_]+:|[{,] *[a-z_]+:", SMALL))

    assert len(parts) > 150
    for found in parts:
        end = found.end() - 1
        assert codes(SMALL[:end] + "x" + SMALL[end:]), found.group()


def test_dropping_any_section_is_refused() -> None:
    """A section that is lost is missed, save those that a notice may not need, whose names are then not defined."""
    for name in re.findall(r"(?m)^([a-z_]+):", SMALL):
        text = re.sub(rf"(?ms)^{name}:.*?(?=^\S|\Z)", "", SMALL)
        assert codes(text), name


def test_packaged_policies_load_and_are_called_after_themselves() -> None:
    """Every policy file that comes with the hub loads, and its name says which policy and version it is."""
    for name, path in packaged().items():
        policy = load(path)
        assert name == f"{policy.id}-{policy.version}"


def test_a_folder_gives_all_its_policies_or_all_its_faults(tmp_path: Path) -> None:
    """A folder is read whole: two versions stand side by side, and a fault in any file refuses them all, with every file's faults."""
    (tmp_path / "sample-families-1.yaml").write_text(SMALL)
    (tmp_path / "sample-families-2.yaml").write_text(SMALL.replace("version: 1", "version: 2"))
    assert ["1", "2"] == [policy.version for policy in policies_in(tmp_path)]

    (tmp_path / "another.yaml").write_text(SMALL)
    (tmp_path / "broken.yaml").write_text("policy: no")
    with pytest.raises(PolicyFault) as caught:
        policies_in(tmp_path)
    assert {"another.yaml", "broken.yaml"} == {fault.place.partition(":")[0] for fault in caught.value.faults}


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    """A hub without a policy says so at the start, instead of running on nothing."""
    with pytest.raises(PolicyFault, match="there is no policy file in this folder"):
        policies_in(tmp_path)


def test_every_section_and_field_is_in_the_guide() -> None:
    """Whoever writes a policy finds each section, field and setting of the format in `docs/policy-files.md`."""
    guide = (Path(__file__).parents[3] / "docs" / "policy-files.md").read_text(encoding="utf-8")
    settings = re.search(r"(?ms)^settings:\n.*?^(?=\S)", LARGE)
    assert settings
    fields = set(re.findall(r"(?m)^([a-z_]+):|^    (?:- |  )?([a-z_0-9]+):", LARGE)) | set(
        re.findall(r"(?m)^()  ([a-z_0-9]+):", settings[0])
    )

    assert not {name for pair in fields for name in pair if name and f"`{name}`" not in guide}
