"""Tasks of the media child that came after the first ones, and which modules each task needs before it is shut in.

A sealed child cannot open a file, so it could not import either (``ingest.sealing``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, BinaryIO

ENGINES: Mapping[str, str] = {
    "probe": "ingest.examine",
    "embedded": "ingest.embedded ingest.embedded_streams",
    "frame-index": "ingest.index",
    "pcm": "ingest.audio",
    "still": "ingest.stills",
    "proxy": "ingest.sealed_proxy",
    "sprite": "ingest.sprite ingest.image",
    "setup": "ingest.salvage",
    "salvage": "ingest.salvage",
    "salvage-label": "ingest.salvage",
}


def load_engine(task: str) -> None:
    """Import what ``task`` will run. Raises KeyError for a task nobody knows.

    PyAV imports some of its modules only when it meets a stream of their kind, which would be too late.
    """
    for name in ENGINES[task].split():
        import_module(name)
    av = import_module("av")
    for found in walk_packages(av.__path__, "av."):
        if not found.name.endswith("__main__"):
            import_module(found.name)


def _sprite(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.sprite import sprite_of

    out.write(sprite_of(recording).to_bytes())


def _setup(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.salvage import setup_of

    out.write(json.dumps(setup_of(recording).to_plain()).encode())


def _salvage(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.salvage import Setup, write_salvage

    write_salvage(recording, Setup.from_plain(wanted["setup"]), str(wanted["parent"]), out)


def _salvage_label(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.salvage import label_of

    out.write(label_of(recording))


MORE_TASKS: Mapping[str, Callable[[BinaryIO, Mapping[str, Any], BinaryIO], None]] = {
    "sprite": _sprite,
    "setup": _setup,
    "salvage": _salvage,
    "salvage-label": _salvage_label,
}
