"""From the text of a policy file to its top row: YAML without anchors, without depth, without guessing."""

from __future__ import annotations

from typing import Final

import yaml

from hub.councils.marks import Marks
from hub.councils.reader import Row

_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_DEEPEST: Final = 8
"""How deep a policy file nests at most; deeper input is refused before a parser recurses over it."""


def compose(text: str, marks: Marks) -> Row | None:
    """Return the file's top mapping, or None with a fault when it is not YAML or not a mapping."""
    node = None
    try:
        node = yaml.compose(text, Loader=_LOADER) if _is_flat(text, marks) else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        marks.fault("NOT_YAML", mark.line + 1 if mark else 1, f"this is not readable as YAML: {error.problem}")
    except yaml.YAMLError:
        marks.fault("NOT_YAML", 1, "this is not readable as YAML", "the file must be plain text in UTF-8")
    if marks.faults:
        return None
    if not isinstance(node, yaml.MappingNode):
        marks.fault("WRONG_TYPE", 1, "a policy file is a list of named sections", "start with the section `policy:`")
        return None
    return Row(marks, node, "file", "")


def _is_flat(text: str, marks: Marks) -> bool:
    """Whether the text nests no deeper than a policy does and says everything where it stands (no anchors)."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if depth > _DEEPEST:
            marks.fault("NOT_YAML", line, "this is nested deeper than any policy", "keep to sections, rows and lists")
            return False
        if isinstance(event, yaml.AliasEvent):
            marks.fault("NOT_YAML", line, f"`*{event.anchor}` points elsewhere", "write the value out where it stands")
            return False
    return True
