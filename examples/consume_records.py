"""Take up the records that wait for an agency, and say that they arrived: `python examples/consume_records.py HOST:PORT`."""

import asyncio
import sys

from hub.connectors.partner import PartnerClient, SeenFile


async def main(bootstrap: str, agency: str = "lancashire-cfw", seen: str = "seen.sqlite") -> None:
    """Print one line for each new record; with `follow=True` it would go on for ever."""
    async with PartnerClient(agency, bootstrap, seen=SeenFile(seen)) as client:
        async for record in client.records(follow=False):
            # Here your own system stores the record, under its record_id, before the next one is asked for.
            print(record.record_id, record.case_id, f"{record.part} of {record.parts}", record.sender, record.purpose)
            await client.receipt(record, "arrived")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
