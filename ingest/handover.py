"""An opened vault for another process of this program: where it is and, when it is encrypted, its keys.

The bytes are secret: they go over a pipe, never through an argument, the environment or a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest.object_storage import ObjectStorage, object_storage
from ingest.unlocking import Opened
from ingest.vault import Vault
from ingest.vault_keys import KeyRing, VaultKey


def hand_over(vault: Vault) -> bytes:
    """What ``taken_over`` opens the same vault with. Raises VaultLocked."""
    table: dict[str, Any] = {"root": str(vault.root), "storage": None, "ring": None}
    if isinstance(vault.storage, ObjectStorage):
        table["storage"] = {"url": vault.storage.place, "options": vault.storage.options}
    if vault.encrypted:
        ring = vault.keys.ring()
        keys = [{"secret": key.secret.hex(), "state": key.state} for key in ring.keys]
        table["ring"] = {"vault": ring.vault, "keys": keys}
    return json.dumps(table).encode()


def taken_over(data: bytes) -> Vault:
    """The vault another process handed over. Raises StorageUnreachable, VaultDamaged."""
    table = json.loads(data)
    stored, ring = table["storage"], table["ring"]
    keys = None
    if ring is not None:
        held = tuple(VaultKey(bytes.fromhex(one["secret"]), one["state"]) for one in ring["keys"])
        keys = Opened(KeyRing(ring["vault"], held))
    storage = object_storage(stored["url"], stored["options"]) if stored is not None else None
    return Vault(Path(table["root"]), storage=storage, keys=keys)
