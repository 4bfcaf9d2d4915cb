"""What every command and every worker is put together from: policies, schemas, keys, stores. Nothing here runs by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from hub.connectors.broker.config import address_of
from hub.councils.loader import load
from hub.councils.packaged import packaged as packaged_policies
from hub.councils.packaged import policies_in
from hub.errors import ConfigurationFault, InputFault
from hub.flow.policies import Policies
from hub.ledger.keys import Keyring
from hub.ledger.ports import Stores
from hub.ledger.postgres import open_postgres
from hub.ledger.sqlite import open_sqlite
from hub.policy.model import Policy
from hub.schemas.topics import Topic, catalogue
from hub.settings import Settings


def load_policies(settings: Settings) -> Policies:
    """Return the policies of the councils that this hub serves.

    Raises PolicyFault with every fault of every file, ConfigurationFault when a served council has no policy at all, or when two
    councils mean different bodies by one agency id.
    """
    if settings.policy_folder is None:
        every = tuple(load(path) for path in packaged_policies().values())
    else:
        every = policies_in(settings.policy_folder)
    served = [policy for policy in every if policy.council in settings.councils]
    for council in settings.councils:
        if not any(policy.council == council for policy in served):
            raise ConfigurationFault.of(
                "NO_POLICY", f"no policy file for the council `{council}`", "HUB_COUNCILS", "see `hub policy list`"
            )
    _one_body_for_each_id(served)
    return Policies(served)


def topics(settings: Settings, policies: Policies) -> tuple[Topic, ...]:
    """Return the catalogue of topics for every agency of every council served."""
    return catalogue(policies.agencies(), settings.subject_partitions)


def keyring(settings: Settings) -> Keyring:
    """Return the hub's keys from their file. Raises KeyMissing."""
    return Keyring.load(settings.keys_path)


def ensure_keyring(settings: Settings) -> Keyring:
    """Return the hub's keys, made on the very first start of an embedded hub.

    Only a data folder without a store may get new keys: a store whose keys are gone must not go on under others.
    """
    if not settings.keys_path.exists() and not settings.sqlite_path.exists():
        settings.keys_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Keyring.create(settings.keys_path)
    return Keyring.load(settings.keys_path)


@asynccontextmanager
async def stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open the configured store: PostgreSQL where an address is set, else SQLite in the data folder."""
    address = settings.database.get_secret_value()
    if address:
        opened: Stores = await open_postgres(address)
    else:
        settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = await open_sqlite(settings.sqlite_path)
    try:
        yield opened
    finally:
        await opened.close()


def broker_folder(settings: Settings) -> Path:
    """Return the folder of the embedded broker."""
    return settings.data_folder / "broker"


def bootstrap(settings: Settings) -> str:
    """Return the brokers' address: the configured one, else that of the embedded broker of the data folder.

    Raises InputFault when neither is there.
    """
    if settings.bootstrap:
        return settings.bootstrap
    address = address_of(broker_folder(settings))
    if not address:
        raise InputFault.of(
            "NO_BROKER",
            "no hub runs on this data folder",
            str(settings.data_folder),
            "run `hub up`, or set HUB_BOOTSTRAP",
        )
    return address


# Private functions
# -----------------


def _one_body_for_each_id(served: Sequence[Policy]) -> None:
    """Refuse registers that call different bodies by one id: they would share their topics, and read each other's records."""
    names: dict[str, dict[str, set[str]]] = {}
    for policy in served:
        for row in policy.agencies:
            names.setdefault(row.id, {}).setdefault(policy.council, set()).add(row.name)
    for agency, by_council in sorted(names.items()):
        if not set.intersection(*by_council.values()):
            listed = ", ".join(f"`{council}`" for council in by_council)
            raise ConfigurationFault.of(
                "AGENCY_AMBIGUOUS",
                f"`{agency}` is not the same body in the registers of {listed}",
                "HUB_COUNCILS",
                "give each body its own id, or the one body the same name: agencies of one id share their topics",
            )
