"""The paper that comes from a policy: agreement annex, Article 30 record, the notice's sharing section, MAIS sharing policies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from hub.councils.paper.annex import annex
from hub.councils.paper.article30 import article30
from hub.councils.paper.html import as_html
from hub.councils.paper.mais import sharing_policies
from hub.councils.paper.markdown import as_markdown
from hub.councils.paper.model import Paper
from hub.councils.paper.notice import notice
from hub.policy.model import Policy

PAGES: Final[dict[str, Callable[[Policy, str], Paper]]] = {"annex": annex, "article30": article30, "notice": notice}
"""What makes each kind of page, from a policy and an ISO day."""

MAIS: Final = "mais"
KINDS: Final = (*PAGES, MAIS)
"""Everything that can be made from a policy."""


def files(policy: Policy, kinds: tuple[str, ...], on: str) -> dict[str, str]:
    """Return the text of every file by its name, sorted as they are made: the same policy and day give the same bytes."""
    name = f"{policy.id}-{policy.version}"
    found: dict[str, str] = {}
    for kind in kinds:
        if kind == MAIS:
            for rule, value in sharing_policies(policy, on).items():
                found[f"{name}-mais/{rule}.json"] = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
            continue
        paper = PAGES[kind](policy, on)
        found[f"{name}-{kind}.md"] = as_markdown(paper)
        found[f"{name}-{kind}.html"] = as_html(paper)
    return found
