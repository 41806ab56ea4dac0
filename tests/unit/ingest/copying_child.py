"""A process that takes every file of a card again and again, to be killed at any moment: ``card vault``."""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.copy import take_file
from ingest.listing import list_dock
from ingest.vault import Vault

if __name__ == "__main__":
    card, vault = Path(sys.argv[1]), Vault(Path(sys.argv[2]))
    print("ready", flush=True)
    for found in list_dock(card).files:
        take_file(card, found, vault)
    print("done", flush=True)
