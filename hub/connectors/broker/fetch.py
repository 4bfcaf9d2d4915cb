"""Fetches and verifies the broker's jars ahead of the first start: `python -m hub.connectors.broker.fetch`."""

from __future__ import annotations

import sys

from hub.connectors.broker.jars import cache_folder, ensure_jars
from hub.errors import HubError


def main() -> int:
    """Fetch what is missing, say what is wrong, and return the exit code: 0, or 1 when a jar cannot be trusted."""
    try:
        ensure_jars(cache_folder())
    except HubError as error:
        sys.stderr.writelines(f"error: {fault}\n" for fault in error.faults)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
