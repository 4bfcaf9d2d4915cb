"""The shared situations: one in plain words, played under each of the notices.

A situation names neutral actors, forms and purposes; `shared/cast.yaml` says what these are under each notice. What is `none` there is played
with a made-up name, which the hub must refuse as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import yaml

from hub.flow.judge import Judgement, kept
from hub.policy.engine import Decision
from hub.policy.facts import NOTHING_KNOWN
from hub.policy.route import NOBODY
from hub.schemas.classify import classify
from tests.corpus.fragments import Json
from tests.corpus.golden import Golden, Run
from tests.corpus.notice import CORPUS, Notice, notice
from tests.corpus.touched import touched

SHARED: Final = CORPUS / "shared"
UNKNOWN: Final = frozenset(
    {"FORM_UNKNOWN", "SENDER_UNKNOWN", "RECIPIENT_UNKNOWN", "PURPOSE_UNKNOWN", "RECIPIENT_NEVER_RECEIVES"}
)
"""The reasons with which a body, a form or a purpose that a notice does not name is refused."""
ALWAYS: Final = frozenset({"name", "household"})
"""Every sample message says who the person is; a cell speaks of the rest, and says where even the name stays."""
OBLIGATIONS: Final = frozenset({"NO_ONWARD_SHARING"})
_MADE_UP: Final = "not-named"


@dataclass(frozen=True)
class Cell:
    """What one notice makes of a situation: the decision, its reason or basis, the sentence behind it, what goes, what it obliges to."""

    decision: str
    fact: str
    because: str = ""
    basis: str = ""
    keeps: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    nameless: bool = False


@dataclass(frozen=True)
class Situation:
    """One situation as it stands in its file. difference: which sentence makes the difference, in words."""

    theme: str
    title: str
    given: Json
    expect: Mapping[str, Json]
    difference: str


@cache
def cast() -> Json:
    """Who plays whom."""
    return _load("cast.yaml")  # type: ignore[no-any-return]


@cache
def prefixes() -> tuple[str, ...]:
    """The notices, by the prefix of their sentences, in the order of the page."""
    return tuple(cast()["notices"])


def notice_of(prefix: str) -> Notice:
    """The notice with this prefix."""
    return notice(cast()["notices"][prefix]["policy"])


@cache
def situations() -> tuple[Situation, ...]:
    """Every situation, in the order of files and lines."""
    found: list[Situation] = []
    for path in sorted(path for path in SHARED.glob("*.yaml") if path.name != "cast.yaml"):
        content = _load(path.name)
        before: Json = {}
        for entry in content["situations"]:
            given = entry["given"]
            if given.pop("like before", "no") == "yes":
                given = {**before, **given}
            else:
                before = given
            found.append(Situation(content["theme"], **{**entry, "given": given}))
    return tuple(found)


def unnamed(situation: Situation, prefix: str) -> list[str]:
    """What of a situation the notice does not name: the words for its actors, form and purpose that are `none` in the cast."""
    given = situation.given
    words = [("forms", given["form"]), ("actors", given["from"]), ("purposes", given["purpose"])]
    words += [("actors", name) for name in (*given.get("to", ()), *([given["ask"]] if "ask" in given else []))]
    return [word for kind, word in words if cast()[kind][word][prefix] == "none"]


def recipient(situation: Situation) -> str:
    """The one actor whom a situation is about."""
    (found,) = situation.given.get("to") or [situation.given["ask"]]
    return str(found)


def reached(situation: Situation, prefix: str) -> frozenset[str]:
    """The facts behind the rows that the decisions of a situation went through under a notice."""
    notice, given = notice_of(prefix), _translated(situation.given, prefix)
    return touched(Golden(notice, situation.title, situation.difference, (), given, {}, (), "shared"))


def played(situation: Situation, prefix: str) -> tuple[Cell, list[str]]:
    """What the hub decides for the situation's recipient under a notice; and the faults that the front door finds in the message."""
    run = Run(notice_of(prefix), _translated(situation.given, prefix))
    judgement = run.judged(NOTHING_KNOWN)
    to = _name("actors", recipient(situation), prefix)
    # On a day without a policy nobody is decided by name: there is one decision, for all.
    decision = next(d for d in judgement.decisions if d.recipient in (to, NOBODY))
    return _cell(judgement, decision, run), run.refused


def stated(situation: Situation, prefix: str) -> Cell:
    """What the situation's file expects of a notice. A cell that says `not named` is a denial, whatever of the names is unknown."""
    told = dict(situation.expect[prefix])
    keeps = notice_of(prefix).categories(told.pop("keeps", [])) - ALWAYS
    nameless = told.pop("nameless", "no") == "yes"
    return Cell(keeps=tuple(sorted(keeps)), must=tuple(sorted(told.pop("must", []))), nameless=nameless, **told)


# Private functions
# -----------------


def _load(name: str) -> Any:
    return yaml.load((SHARED / name).read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  it makes text only


def _name(kind: str, word: str, prefix: str) -> str:
    found = str(cast()[kind][word][prefix])
    return f"{_MADE_UP}-{re.sub(r'[^a-z]+', '-', word.lower())}" if found == "none" else found


def _translated(given: Json, prefix: str) -> Json:
    """A situation in the names of one notice."""
    plain = {"form": "forms", "purpose": "purposes", "from": "actors", "ask": "actors"}
    found = {key: _name(plain[key], value, prefix) if key in plain else value for key, value in given.items()}
    for key in ("to", "working with"):
        if key in given:
            found[key] = [_name("actors", word, prefix) for word in given[key]]
    for key in ("consent", "informed"):
        if key in given:
            found[key] = {**given[key], **_scope(given[key], prefix)}
    if "override" in given:
        found["override"] = {**given["override"], "limb": _name("limbs", given["override"]["limb"], prefix)}
    if "about" in given:
        found["about"] = _about(given["about"], prefix)
    if "history" in given:
        found["history"] = [_line(line, prefix) for line in given["history"]]
    return found


def _scope(scope: Json, prefix: str) -> Json:
    return {
        "to": [_name("actors", word, prefix) for word in scope["to"]],
        "for": [_name("purposes", word, prefix) for word in scope["for"]],
    }


def _about(about: Json, prefix: str) -> Json:
    kinds = {"district": "districts", "school": "actors"}
    return {key: _name(kinds[key], value, prefix) if key in kinds else value for key, value in about.items()}


def _line(line: Any, prefix: str) -> Any:
    if isinstance(line, dict):
        return _translated(line, prefix)
    return re.sub(r"\[(\w+): ([^]]+)]", lambda found: _name(found[1], found[2], prefix), line)


def _cell(judgement: Judgement, decision: Decision, run: Run) -> Cell:
    outcome = decision.outcome
    if outcome.decision != "PERMIT":
        return Cell(outcome.decision, "", because=outcome.reasons[0])
    case = judgement.case
    of = {spec.path: str(spec.category) for spec in classify(run.registry, case.payload.schema_id).fields}
    keeps = {of[path] for path in kept(case, decision, run.registry)}
    told = (tuple(sorted(keeps - ALWAYS)), tuple(sorted(set(decision.obligations) - OBLIGATIONS)))
    return Cell("PERMIT", "", "", outcome.basis, *told, nameless="name" not in keeps)
