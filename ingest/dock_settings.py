"""Where a workstation looks for docks: the table ``[docks]`` of its settings, read and written.

``mount_roots``: folders below which cards are mounted, besides everything removable. ``drop_folders``: folders others
copy into, and ``rest_s``, how many seconds nothing in a sub-folder may have changed before it counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.docks import MOUNT_ROOTS, REST_S, DockPoller, DockSource, DropFolder, MountedTrees


@dataclass(frozen=True, slots=True)
class DockSettings:
    """The settings; without any, the places where systems mount cards."""

    mount_roots: tuple[str, ...] = ()
    drop_folders: tuple[str, ...] = ()
    rest_s: int = int(REST_S)

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any]) -> DockSettings:
        """Read the table. Raises ValueError for a key or a value it cannot have."""
        unknown = set(raw) - {"mount_roots", "drop_folders", "rest_s"}
        if unknown:
            raise ValueError(f"[docks] has no setting {sorted(unknown)[0]}")
        rest_s = raw.get("rest_s", int(REST_S))
        if not isinstance(rest_s, int) or not 1 <= rest_s <= 3600:
            raise ValueError("[docks] rest_s must be whole seconds from 1 to 3600")
        return cls(_paths(raw, "mount_roots"), _paths(raw, "drop_folders"), rest_s)

    def to_toml(self) -> list[str]:
        """The lines of the table; none where nothing was set."""
        if self == DockSettings():
            return []
        lists = (f"{name} = {json.dumps(list(getattr(self, name)))}" for name in ("mount_roots", "drop_folders"))
        return ["", "[docks]", *lists, f"rest_s = {self.rest_s}"]

    def poller(self, *, own: Path) -> DockPoller:
        """Begin to watch. ``own`` is the workspace, whose disk is never a card; the system's own never is either."""
        roots = tuple(Path(one) for one in self.mount_roots) or MOUNT_ROOTS
        sources: list[DockSource] = [MountedTrees(roots, own=(own.resolve(), Path(own.resolve().anchor)))]
        sources += [DropFolder(Path(one), rest_s=self.rest_s) for one in self.drop_folders]
        return DockPoller(sources)


def _paths(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and Path(one).is_absolute() for one in found):
        raise ValueError(f"[docks] {name} must be a list of whole paths")
    return tuple(found)
