"""The Family Hubs Information Sharing Service as a consumer of the hub: see README.md beside this file."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from examples.family_hubs.view import COLUMNS, View
from hub.connectors.partner import PartnerClient
from hub.errors import HubError


async def take_up(agency: str, bootstrap: str, view: View, *, follow: bool) -> int:
    """Store the records that wait for the agency, and those to come when following; return how many were new."""
    new = 0
    async with PartnerClient(agency, bootstrap) as client:
        async for record in client.records(follow=follow):
            if view.add(record):
                new += 1
                print(f"new: case {record.case_id[:8]}, part {record.part} of {record.parts}", flush=True)
            # Also for a record that was there already: it may have stopped before it could say so.
            await client.receipt(record, "arrived")
    return new


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return the rows as text under their headings."""
    cells = [
        tuple(column.replace("_", " ") for column in COLUMNS),
        *(tuple(cell or "-" for cell in row) for row in rows),
    ]
    widths = [max(len(row[number]) for row in cells) for number in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def main() -> int:
    """Run the service; 0 when all went well, 1 with a line that says what did not."""
    parser = argparse.ArgumentParser(prog="family-hubs", description="Take up the Family Hubs service's records.")
    parser.add_argument("--bootstrap", default=os.environ.get("HUB_BOOTSTRAP"), help="Kafka brokers, host:port")
    parser.add_argument("--agency", default="lancashire-family-hubs", help="the id in the council's register")
    parser.add_argument("--view", type=Path, default=Path("family-hubs.sqlite"), help="the SQLite file to keep")
    parser.add_argument("--follow", action="store_true", help="go on until stopped with Ctrl-C")
    chosen = parser.parse_args()
    if not chosen.bootstrap:
        parser.error("name the brokers with --bootstrap or HUB_BOOTSTRAP")
    with View(chosen.view) as view:
        try:
            new = asyncio.run(take_up(chosen.agency, chosen.bootstrap, view, follow=chosen.follow))
            print(f"{new} new")
        except KeyboardInterrupt:
            print("stopped")
        except HubError as error:
            print(f"family-hubs: {error}", file=sys.stderr)
            return 1
        print(table(view.rows()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
