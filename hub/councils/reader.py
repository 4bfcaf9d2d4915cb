"""Reading a policy file: typed access to YAML nodes that keeps the line of everything and collects every fault.

Scalars are always text, read by the type of the field: `yes` and `no`, days, whole numbers, names. Nothing is guessed, so
`001` stays `001` and `no` is never a false.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

import yaml

from hub.councils.marks import Marks, nearest

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Row:
    """One mapping of the file. Every key must be asked for; `done` notes those that nobody asked for as unknown."""

    def __init__(self, marks: Marks, node: yaml.MappingNode, kind: str, name: str) -> None:
        self.marks, self.kind, self.name = marks, kind, name
        self.line = node.start_mark.line + 1
        self._asked: set[str] = set()
        self._faults_before = len(marks.faults)
        self._nodes: dict[str, tuple[yaml.Node, int]] = {}
        for key, value in node.value:
            self._take(key, value)

    def _take(self, key: yaml.Node, value: yaml.Node) -> None:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            self.marks.fault("WRONG_TYPE", line, "a key must be a plain word")
        elif key.value in self._nodes:
            self.marks.fault("DUPLICATE", line, f"`{key.value}` is given twice", "keep one of the two")
        else:
            self._nodes[key.value] = (value, line)

    @property
    def entries(self) -> list[tuple[str, yaml.Node, int]]:
        """(key, node, line) of every entry, in the file's order, for mappings whose keys are names of their own."""
        self._asked.update(self._nodes)
        return [(key, node, line) for key, (node, line) in self._nodes.items()]

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def line_at(self, key: str) -> int:
        """Return the line of a key, or of the row when the key is not there."""
        return self._nodes[key][1] if key in self._nodes else self.line

    def fault(self, code: str, key: str, text: str, remedy: str = "") -> None:
        """Note a fault at a key of this row."""
        self.marks.fault(code, self.line_at(key), text, remedy)

    def _node(self, key: str, *, required: bool) -> yaml.Node | None:
        self._asked.add(key)
        if key in self._nodes:
            return self._nodes[key][0]
        if required:
            label = f"{self.kind} `{self.name}`" if self.name else f"the {self.kind}"
            self.marks.fault("MISSING", self.line, f"{label} has no `{key}`", f"add `{key}:`")
        return None

    def text(self, key: str, *, required: bool = True, default: str = "") -> str:
        """Return a value as one line of text, white space normalised; empty is a fault."""
        node = self._node(key, required=required)
        if node is None:
            return default
        return _scalar(node, self.marks, f"`{key}`") or default

    def stated(self, key: str) -> str:
        """Return the key to read a value from: its own, or its `<key>_default` where the notice is silent (`unknown`)."""
        node = self._nodes.get(key, (None, 0))[0]
        if not isinstance(node, yaml.ScalarNode) or node.value.strip() != "unknown":
            return key
        self._asked.add(key)
        self.marks.silent.append(f"{self.kind}.{self.name}" if self.name else f"{self.kind}.{key}")
        return f"{key}_default"

    def choice(self, key: str, allowed: tuple[str, ...], *, required: bool = True, default: str = "") -> str:
        """Return one of the allowed words."""
        value = self.text(key, required=required, default=default)
        if value and value != default and value not in allowed:
            remedy = nearest(value, allowed) or f"known: {', '.join(f'`{each}`' for each in sorted(allowed))}"
            self.fault("WRONG_TYPE", key, f"`{key}` cannot be `{value}`", remedy)
            return default
        return value

    def yes(self, key: str, *, default: bool = False, required: bool = False) -> bool:
        """Return whether the value is `yes`; anything but `yes` and `no` is a fault."""
        word = self.choice(key, ("yes", "no"), required=required)
        return word == "yes" if word else default

    def number(self, key: str, *, default: int) -> int:
        """Return a whole number, not negative."""
        value = self.text(key, required=False)
        if not value:
            return default
        if not (value.isascii() and value.isdigit()):
            self.fault("WRONG_TYPE", key, f"`{key}` must be a whole number, not `{value}`")
            return default
        return int(value)

    def day(self, key: str, *, required: bool = False) -> str:
        """Return an ISO day, or "" for `open` and for a key that is not there."""
        value = self.text(key, required=required)
        return "" if value in ("", "open") else self._checked_day(key, value)

    def _checked_day(self, key: str, value: str) -> str:
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
        self.fault("WRONG_TYPE", key, f"`{key}` must be a day, not `{value}`", "write it as `2026-09-30`, or `open`")
        return ""

    def days(self, *, required: bool = True) -> tuple[str, str]:
        """Return (`from`, `until`), both days included; `until` before `from` is a fault."""
        start, end = self.day(self.stated("from"), required=required), self.day("until")
        if start and end and end < start:
            self.fault("DATES_REVERSED", "until", f"`until` ({end}) is before `from` ({start})")
        return start, end

    def span(self, key: str) -> str:
        """Return a length of time such as `12 months`, or "" for `unknown` and `none`."""
        value = self.text(key)
        if value in ("", "unknown", "none"):
            return ""
        if not re.fullmatch(r"\d+ (day|month|year)s?", value):
            self.fault(
                "WRONG_TYPE", key, f"`{key}` must be a length of time, not `{value}`", "write `12 months` or `unknown`"
            )
            return ""
        return value

    def names(self, key: str, kind: str, *, required: bool = True) -> tuple[str, ...]:
        """Return a list of names, each of which must be defined as that kind; doubles are a fault."""
        found = self._list(key, required=required)
        for value, line in found:
            self.marks.want(kind, value, line)
        return tuple(value for value, _ in found)

    def all_or_names(self, key: str, kind: str) -> tuple[str, ...]:
        """Return a list of names as `names` does, or () for the single word `all`."""
        node = self._node(key, required=True)
        if isinstance(node, yaml.ScalarNode) and node.value == "all":
            return ()
        found = self.names(key, kind) if node is not None else ()
        if isinstance(node, yaml.SequenceNode) and not found:
            self.fault("WRONG_TYPE", key, f"`{key}` is an empty list", f"write `{key}: all`, or name some")
        return found

    def words(self, key: str, allowed: tuple[str, ...], *, required: bool = True) -> tuple[str, ...]:
        """Return a list of words of a closed set; doubles are a fault."""
        found = self._list(key, required=required)
        for value, line in found:
            if value not in allowed:
                self.marks.fault("UNKNOWN_NAME", line, f"`{key}` cannot hold `{value}`", nearest(value, allowed))
        return tuple(value for value, _ in found if value in allowed)

    def because(self) -> tuple[str, ...]:
        """Return the row's citations; a row without any is refused (every rule says which sentence it comes from)."""
        if "because" not in self._nodes:
            self._asked.add("because")
            label = f"{self.kind} `{self.name}`" if self.name else f"the {self.kind}"
            self.marks.fault(
                "NO_CITATION", self.line, f"{label} cites nothing", "add `because:` with a fact, a rule or an Act"
            )
            return ()
        return self.names("because", "citation")

    def _list(self, key: str, *, required: bool) -> list[tuple[str, int]]:
        node = self._node(key, required=required)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault("WRONG_TYPE", key, f"`{key}` must be a list", f"write `{key}: [one, two]`")
            return []
        found: list[tuple[str, int]] = []
        for item in node.value:
            value, line = _scalar(item, self.marks, f"an entry of `{key}`"), item.start_mark.line + 1
            if value in [v for v, _ in found]:
                self.marks.fault("DUPLICATE", line, f"`{value}` is given twice in `{key}`", "keep one of the two")
            elif value:
                found.append((value, line))
        if not node.value and key == "because":
            self.fault("NO_CITATION", key, "`because` is empty", "cite a fact, a rule or an Act")
        return found

    def pairs(self, key: str, *, required: bool = True) -> list[tuple[str, str, int]]:
        """Return (name, text, line) for each entry of a mapping of plain texts."""
        inner = self.child(key, required=required)
        if inner is None:
            return []
        return [(name, inner.text(name), inner.line_at(name)) for name, _, _ in inner.entries]

    def child(self, key: str, *, required: bool = True) -> Row | None:
        """Return the mapping under a key, or None with a fault noted where one is due."""
        node = self._node(key, required=required)
        if node is None:
            return None
        return self._mapping(node, key, key, "")

    def rows(self, key: str, kind: str, *, required: bool = True) -> Iterator[Row]:
        """Yield the rows of a section, each defined under its id as that kind; `done` is called on each after its turn."""
        section = self.child(key, required=required)
        if section is None:
            return
        for name, node, line in section.entries:
            if self._good_name(name, kind, line):
                self.marks.define(kind, name, line)
                row = self._mapping(node, f"{kind} `{name}`", kind, name)
                if row is not None:
                    row.line = line
                    yield row
                    row.done()

    def dated_rows(self, key: str, kind: str) -> Iterator[Row]:
        """Yield the rows of a section in which each id holds a list of dated rows."""
        section = self.child(key)
        if section is None:
            return
        for name, node, line in section.entries:
            if not self._good_name(name, kind, line):
                continue
            self.marks.define(kind, name, line)
            if not isinstance(node, yaml.SequenceNode) or not node.value:
                self.marks.fault(
                    "WRONG_TYPE", line, f"{kind} `{name}` must be a list of dated rows", "start its row with `- name:`"
                )
                continue
            for item in node.value:
                row = self._mapping(item, f"a row of `{name}`", kind, name)
                if row is not None:
                    yield row
                    row.done()

    def _good_name(self, name: str, kind: str, line: int) -> bool:
        if _NAME.fullmatch(name):
            return True
        self.marks.fault(
            "WRONG_TYPE", line, f"`{name}` cannot be the name of a {kind}", "use letters, digits, `-`, `_` and `.`"
        )
        return False

    def _mapping(self, node: yaml.Node, label: str, kind: str, name: str) -> Row | None:
        if isinstance(node, yaml.MappingNode):
            return Row(self.marks, node, kind, name)
        self.marks.fault(
            "WRONG_TYPE",
            node.start_mark.line + 1,
            f"{label} must hold named values",
            "write `name: value` lines below it",
        )
        return None

    def done(self) -> None:
        """Note every key that was not asked for; mark the row as broken if it had any fault."""
        for key, (_, line) in self._nodes.items():
            if key not in self._asked:
                label = f"{self.kind} `{self.name}`" if self.name else f"the {self.kind}"
                self.marks.fault(
                    "UNKNOWN_KEY", line, f"{label} has no field `{key}`", nearest(key, sorted(self._asked))
                )
        if len(self.marks.faults) > self._faults_before:
            self.marks.broken.add((self.kind, self.name))


def _scalar(node: yaml.Node, marks: Marks, label: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        marks.fault("WRONG_TYPE", node.start_mark.line + 1, f"{label} must be a single value, not a list or a group")
        return ""
    text = " ".join(node.value.split())
    if not text:
        marks.fault("WRONG_TYPE", node.start_mark.line + 1, f"{label} is empty")
    return text
