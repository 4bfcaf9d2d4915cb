"""The notices as councils publish them, beside those that are made from the policies: `tests/data/notices/<prefix>-sharing.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import yaml

from hub.councils.paper import PAGES
from hub.councils.paper.html import as_html
from hub.councils.paper.reading import measure_paper
from tests.support.policies import named

NOTICES: Final = Path(__file__).parents[1] / "data" / "notices"
PREFIXES: Final = ("LO", "LN", "LE", "CW", "CU")
_SILENT_TAGS: Final = frozenset({"style", "title", "sup"})
_SHARING: Final = re.compile(r"\b(shar(e|es|ed|ing)|disclos\w*|pass(ed)? on)\b", re.IGNORECASE)
_BULLET: Final = re.compile(r"^\s*(?:[-•*]|#+|\d+\.)\s+", re.MULTILINE)


@dataclass(frozen=True)
class Statement:
    """A sentence of the seed, with the words of the page, or the reason why the page does not say the same, or both."""

    seed: str
    page: tuple[str, ...]
    difference: str


@dataclass(frozen=True)
class Pairs:
    """What a file says: the policy and the day, the parts of the seed that speak of sharing, headings in them, and the statements."""

    notice: str
    policy: str
    day: str
    parts: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]
    statements: tuple[Statement, ...]


@cache
def pairs(prefix: str) -> Pairs:
    """Return what is written down for a notice."""
    found = yaml.safe_load((NOTICES / f"{prefix}-sharing.yaml").read_text("utf-8"))
    return Pairs(
        notice=found["notice"],
        policy=found["policy"],
        day=str(found["day"]),
        parts=tuple((part["from"], part["to"]) for part in found["parts"]),
        headings=tuple(found.get("headings", ())),
        statements=tuple(_statement(row) for row in found["statements"]),
    )


@cache
def seed(prefix: str) -> str:
    """Return the seed without bullets and with every run of white space as one space."""
    return flat(_BULLET.sub("", (NOTICES / f"{prefix}.txt").read_text("utf-8")))


@cache
def page(prefix: str) -> str:
    """Return the text of the generated notice as a person reads it: its HTML without tags and without the marks of footnotes."""
    told = pairs(prefix)
    reader = _Text()
    reader.feed(as_html(PAGES["notice"](named(told.policy), told.day)))
    return flat(" ".join(reader.found))


def flat(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())


def unlisted(told: Pairs) -> str:
    """Return what the parts of the seed that speak of sharing hold beyond the statements and headings that are written down."""
    text, left, begin = seed(told.notice), "", 0
    for start, end in told.parts:
        begin = text.index(start, begin) + len(start)
        until = text.index(end, begin)
        left += f" {_without(told, text[begin:until])}"
        begin = until
    return flat(left)


def unheard(told: Pairs) -> list[str]:
    """Return the lines of the seed that speak of sharing, wherever they stand, beyond what is written down."""
    lines = _BULLET.sub("", (NOTICES / f"{told.notice}.txt").read_text("utf-8")).splitlines()
    sentences = [flat(part) for line in lines for part in re.split(r"(?<=[.:;?])\s+(?=[A-Z])", line)]
    return [words for words in sentences if _SHARING.search(words) and _without(told, words)]


def as_markdown() -> str:
    """Return `docs/paper.md`: how each generated notice differs from the published one, and how hard each is to read."""
    lines = [_HEAD]
    lines += ["## How hard the pages are to read", "", *_ages(), ""]
    lines += ["## Where the page differs from the published notice", ""]
    for prefix in PREFIXES:
        told = pairs(prefix)
        there = sum(1 for row in told.statements if row.page)
        lines += [f"### {prefix}: {told.policy}", ""]
        lines += [
            f"{len(told.statements)} statements of the published notice; {there} have a counterpart on the page.",
            "",
        ]
        rows = [
            f"| {_cell(row.seed)} | {_cell('; '.join(row.page)) or 'nothing'} | {_cell(row.difference)} |"
            for row in told.statements
            if row.difference
        ]
        lines += (
            ["| the published notice says | the page says | why it differs |", "|---|---|---|", *rows, ""]
            if rows
            else []
        )
    return "\n".join(lines)


# Private functions
# -----------------

_HEAD: Final = """# The paper that comes from the policy

Made from the policies and from `tests/data/notices/*-sharing.yaml` by `make docs`; a test keeps it true.

`hub policy annex POLICY` writes, from the policy file that the hub enforces:

| file | what it is |
|---|---|
| `<policy>-annex` | the annex of a data sharing agreement: parties and agreements, purposes, data by kind and recipient, bases with their Acts as corrected, every sharing rule, instructions and overrides, duties, security, retention, rights, contacts, open points, review, signatures |
| `<policy>-article30` | the record of processing that UK GDPR Article 30 asks for |
| `<policy>-notice` | the sharing section of the privacy notice, in plain English, with its reading age |
| `<policy>-mais/<rule>.json` | a MAIS `SharingPolicy` (draft standard, version 0.1) for each sharing rule |

The first three come as Markdown and as one HTML file that needs no network; it fits a telephone, prints on A4, and follows the reader's
choice of light or dark. Every sentence and every row of a table carries a number. It leads to the rule of the policy file (`section.row`), and
from there to the sentences of the notice or the rules of law that the row cites. The same policy and the same `--on` day give the same bytes.

What may reach whom is not worked out from the text of the rules: the tables ask the engine for its routes on the day.

Points to know:

- An open end of a policy is its review day in MAIS, since the draft standard wants an end date and every message goes to a person after that day.
- The identifiers of MAIS files begin with `urn:x-information-sharing-hub`; a council that publishes them puts its own address in their place.
- The draft standard (`tests/data/standards/sharing-policy.json`) is published under the MIT licence. The test makes a JSON Schema from its field list.
- Syllables are counted by British hyphenation (pyphen), and by groups of vowels where those are more. Reading age is the Flesch-Kincaid grade and five.
"""


class _Text(HTMLParser):
    """Collects text outside of styles and footnote marks."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its base's shape
        self._silent += tag in _SILENT_TAGS

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT_TAGS

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def _without(told: Pairs, text: str) -> str:
    """Return what is left of a text when every statement and heading that is written down is taken out; "" for nothing but points."""
    for words in sorted((*(row.seed for row in told.statements), *told.headings), key=len, reverse=True):
        text = text.replace(words, " ")
    return flat(re.sub(r"[\W_]+", " ", text))


def _statement(row: dict[str, str | list[str]]) -> Statement:
    words = row.get("page", [])
    texts = [words] if isinstance(words, str) else words
    return Statement(flat(str(row["seed"])), tuple(flat(text) for text in texts), flat(str(row.get("difference", ""))))


def _ages() -> list[str]:
    rows = []
    for prefix in PREFIXES:
        told = pairs(prefix)
        paper = PAGES["notice"](named(told.policy), told.day)
        found, whole = measure_paper(paper), measure_paper(paper, names=True)
        rows.append(f"| {prefix} | {found.sentences} | {found.age:.1f} | {whole.age:.1f} |")
    return ["| page | sentences | reading age | with the names in its lists |", "|---|---|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
