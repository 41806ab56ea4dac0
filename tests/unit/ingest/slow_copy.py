"""A process that takes the one file of a card and says each buffer, to be killed: ``card vault kind``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ingest.copy import take_file
from ingest.listing import list_dock
from ingest.vault import Vault
from tests.unit.ingest.vaults import sealed_vault


def said(done: int) -> None:
    print(done, flush=True)
    time.sleep(0.001)


if __name__ == "__main__":
    card, root, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    vault = Vault(root) if kind == "Vault" else sealed_vault(root)
    (found,) = list_dock(card).files
    take_file(card, found, vault, progress=said)
