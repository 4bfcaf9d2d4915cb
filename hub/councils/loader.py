"""Loading a policy file: read, check, and only then a `Policy`; or every fault at once with its line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hub.councils import register, rights, sections
from hub.councils.checks import check
from hub.councils.document import compose
from hub.councils.marks import Marks
from hub.councils.reader import Row
from hub.councils.rules import rule_texts
from hub.errors import PolicyFault
from hub.policy.model import Policy
from hub.policy.vocabulary import CONTROL_KINDS


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_RowT = TypeVar("_RowT", bound=_Named)


def load(source: Path | str, name: str = "") -> Policy:
    """Return the policy in a file (a `Path`) or in a text (a `str`), whole and checked.

    name: what places are called in faults (`name:line`); by default the file's name. Raises PolicyFault with every fault that
    was found; nothing is ever loaded in part.
    """
    marks = Marks(name or (source.name if isinstance(source, Path) else "policy"))
    top = compose(_text(source, marks), marks)
    policy = _policy(top) if top is not None else None
    if policy is not None:
        check(policy, marks)
    if marks.faults or policy is None:
        raise PolicyFault(*sorted(marks.faults, key=lambda fault: int(fault.place.rpartition(":")[2])))
    return replace(policy, digest=digest_of(policy))


def digest_of(policy: Policy) -> str:
    """Return the SHA-256 (hex) of the policy's canonical JSON: the same for any order of keys and any comments."""
    body = asdict(replace(policy, digest=""))
    return hashlib.sha256(
        json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def _text(source: Path | str, marks: Marks) -> str:
    if isinstance(source, str):
        return source
    try:
        return source.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PolicyFault.of("NO_FILE", "there is no such policy file", f"{marks.name}:1") from None
    except (OSError, UnicodeDecodeError):
        raise PolicyFault.of(
            "NOT_READABLE", "the policy file cannot be read as UTF-8 text", f"{marks.name}:1"
        ) from None


def _policy(top: Row) -> Policy:
    marks = top.marks
    for kind, names in (
        ("setting name", sections.SETTINGS),
        ("control kind", CONTROL_KINDS),
        ("basis that the hub can test", sections.BASES),
        ("condition that the hub can test", sections.CONDITIONS),
    ):
        for known in names:
            marks.define(kind, known, 1)
    head = _head(top)
    quotes = _quotes(top, head["notice"])
    row_facts: sections.RowFacts = {"policy": head.pop("facts")}
    settings, reasons = sections.read_settings(top, row_facts)
    legislation = sections.read_legislation(top)
    quotes |= {act.id: act.corrected for act in legislation}
    policy = Policy(
        **head,
        digest="",
        settings=settings,
        override=sections.read_override(top),
        groups=_sorted(sections.read_groups(top)),
        purposes=_sorted(sections.read_purposes(top)),
        forms=_sorted(sections.read_forms(top)),
        classes=_sorted(register.read_classes(top)),
        agencies=tuple(sorted(register.read_agencies(top), key=lambda row: (row.id, row.valid_from))),
        bases=_sorted(sections.read_bases(top, legislation)),
        sharing=_sorted(register.read_sharing(top)),
        controls=tuple(sorted(sections.read_controls(top, row_facts))),
        retention=_sorted(rights.read_retention(top)),
        quotes=tuple(sorted(quotes.items())),
        roles=_sorted(sections.read_roles(top)),
        districts=_districts(top),
        legislation=_sorted(legislation),
        conditions=_sorted(sections.read_conditions(top)),
        rights=_sorted(rights.read_rights(top)),
        contacts=_sorted(rights.read_contacts(top)),
        choices=_sorted(rights.read_choices(top)),
        setting_reasons=tuple(sorted(reasons.items())),
        row_facts=tuple(sorted(row_facts.items())),
        informative=_informative(top),
        silent=tuple(sorted(set(marks.silent))),
    )
    top.done()
    marks.check_wanted()
    return policy


def _head(top: Row) -> dict[str, Any]:
    row = top.child("policy")
    if row is None:
        texts = ("id", "version", "council", "title", "notice", "controller", "service", "valid_from", "valid_to")
        return {**dict.fromkeys(texts, ""), "facts": ()}
    top.marks.define("section", "policy", row.line)
    start, end = row.days()
    head: dict[str, Any] = {
        key: row.text(key) for key in ("id", "version", "council", "title", "notice", "controller", "service")
    }
    head |= {"valid_from": start, "valid_to": end, "facts": row.because()}
    row.done()
    return head


def _quotes(top: Row, notice: str) -> dict[str, str]:
    """Return the sentences of the notice and the texts of the rules behind every notice, by id; each may be cited."""
    quotes = rule_texts()
    for name in quotes:
        top.marks.define("citation", name, 1)
    for name, text, line in top.pairs("facts"):
        if not name.startswith(f"{notice}-"):
            remedy = f"begin its name with `{notice}-`; rules are written once, for all notices"
            top.marks.fault("WRONG_PLACE", line, f"`{name}` is no fact of this notice", remedy)
        top.marks.define("citation", name, line)
        top.marks.define("facts", name, line)
        quotes[name] = text
    return quotes


def _informative(top: Row) -> tuple[tuple[str, str], ...]:
    found = top.pairs("informative", required=False)
    for name, _, line in found:
        top.marks.define("informative", name, line)
        top.marks.want("facts", name, line)
    return tuple(sorted((name, reason) for name, reason, _ in found))


def _districts(top: Row) -> tuple[tuple[str, str], ...]:
    found = top.pairs("districts", required=False)
    for code, _, line in found:
        top.marks.define("district", code, line)
    return tuple(sorted((code, name) for code, name, _ in found))


def _sorted(rows: Iterable[_RowT]) -> tuple[_RowT, ...]:
    return tuple(sorted(rows, key=lambda row: row.id))
