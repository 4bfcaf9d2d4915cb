"""What the report shows, worked out before a template sees it."""

from __future__ import annotations

from hub.cli.demo.page.content import Page, page_of

__all__ = ["Page", "page_of"]
