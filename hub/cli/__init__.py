"""The command line of the hub; `main` is what the command `hub` runs."""

from __future__ import annotations

from hub.cli.app import main

__all__ = ["main"]
