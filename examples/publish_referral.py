"""Publish a referral, and wait for the hub's first word on it: `python examples/publish_referral.py HOST:PORT`."""

import asyncio
import sys

from hub.connectors.messages import Person, Referral
from hub.connectors.messages.parts import Awareness
from hub.connectors.messages.person import Address, Identity
from hub.connectors.partner import PartnerClient, new_id, now


async def main(bootstrap: str, agency: str = "east-lancashire-midwifery") -> None:
    """Tell the council's early help service, with her agreement, that a parent may be contacted."""
    mother = Person(
        person_id="p1",
        role="parent",
        identity=Identity(family_name="Haworth", given_names=("Leanne",), date_of_birth="1998-03-14"),
        address=Address(city="Preston", postcode="PR1 0AA", district="E07000123"),
    )
    referral = Referral(
        message_id=new_id(),
        council="lancashire",
        form="early_notification",
        purpose="contact",
        sent_at=now(),
        awareness=Awareness(signed="yes", giver="self", date="2026-11-12", text_version="ENF-2026-1"),
        persons=(mother,),
    )
    async with PartnerClient(agency, bootstrap) as client:
        await client.publish(referral)
        word = await client.wait_for(referral.message_id)
    print(referral.message_id, word.status)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
