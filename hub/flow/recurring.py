"""What recurs in the records and releases of a case, encoded once: field lists, and the content that several recipients are left."""

from __future__ import annotations

from typing import Any

from hub.flow.case import Case
from hub.flow.judge import content, kept, withheld
from hub.policy.engine import Decision
from hub.schemas.parts import Part
from hub.schemas.registry import Registry
from hub.schemas.writer import Encoded


class FieldLists:
    """Which filled fields go and which stay; what it keeps is bounded by the fields of the schemas and the reasons."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._fields = Part(registry, "Disclosures", "records[].fields[]")
        self._withheld = Part(registry, "Disclosures", "records[].withheld[]")
        self._paths: dict[str, bytes] = {}
        self._pairs: dict[tuple[str, str], bytes] = {}

    def fields(self, case: Case, decision: Decision) -> Encoded:
        """Return `fields` of a disclosure record: the paths that go."""
        return self._fields.listed([self._path(path) for path in kept(case, decision, self._registry)])

    def withheld(self, case: Case, decision: Decision) -> Encoded:
        """Return `withheld` of a disclosure record: the paths that stay, each with its reason."""
        return self._withheld.listed([self._pair(pair) for pair in withheld(case, decision, self._registry)])

    def _path(self, path: str) -> bytes:
        found = self._paths.get(path)
        if found is None:
            found = self._paths[path] = self._fields.data(path)
        return found

    def _pair(self, pair: tuple[str, str]) -> bytes:
        found = self._pairs.get(pair)
        if found is None:
            found = self._pairs[pair] = self._withheld.data({"field": pair[0], "reason": pair[1]})
        return found


class Content:
    """The content of filtered records."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._parts = {name: Part(registry, "FilteredRecord", name) for name in ("person", "details")}

    def of(self, case: Case, decision: Decision, made: dict[int, dict[str, Any]]) -> dict[str, Any]:
        """Return the content fields of one release. made: those of the case so far, by what was kept."""
        found = made.get(decision.kept)
        if found is None:
            found = made[decision.kept] = content(case, decision, self._registry)
            for name, part in self._parts.items():
                if found[name] is not None:
                    found[name] = part.encoded(found[name])
        return found
