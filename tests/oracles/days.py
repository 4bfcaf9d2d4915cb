"""Days as text, moved."""

from __future__ import annotations

from datetime import date, timedelta


def shifted(day: str, by: int) -> str:
    """The ISO day that many days later."""
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat()


def between(first: str, last: str) -> str:
    """The ISO day half way from one to the other."""
    return shifted(first, (date.fromisoformat(last) - date.fromisoformat(first)).days // 2)
