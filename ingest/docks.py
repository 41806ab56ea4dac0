"""The docks: where cards turn up. A port with its implementations, and the poller that says what came and went.

A dock source only looks. Mounted trees are cards and camera disks; a drop folder is a folder (of a network share,
say) whose sub-folders count once nothing in them has changed for a while. Contract: ``tests/contract/test_docks.py``.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Protocol

from ingest.devices import DeviceFacts, Identify, Mount, Protection, facts_of, mount_of, mounts, protection_of
from ingest.errors import NotADock, SourceUnreadable
from ingest.listing import MAX_DEPTH, MAX_ENTRIES
from ingest.names import FoundName, shown_text
from ingest.source import scan

POLL_S = 1.0
REST_S = 10.0
MOUNT_ROOTS = (Path("/media"), Path("/run/media"), Path("/mnt"), Path("/Volumes"))


class DockKind(StrEnum):
    """How a dock came to be one."""

    DISK = "disk"
    DROP_FOLDER = "drop-folder"
    FOLDER = "folder"  # named by a person


@dataclass(frozen=True, slots=True)
class Dock:
    """One source that can be read now. ``key`` is its own while it is there; everything but ``root`` is safe to show.

    Docks with the same ``device`` lie on one disk and are not read at once. ``volume`` is empty where nothing tells
    this file system from another.
    """

    key: str
    root: Path
    label: str
    kind: DockKind
    device: str
    vendor: str
    product: str
    serial: str
    volume: str
    protection: Protection


@dataclass(frozen=True, slots=True)
class Arrived:
    """A dock that was not there before."""

    dock: Dock


@dataclass(frozen=True, slots=True)
class Removed:
    """A dock that is there no more, or whose content began to change again."""

    dock: Dock


DockEvent = Arrived | Removed


class DockSource(Protocol):
    """Where docks may turn up."""

    def look(self) -> Sequence[Dock]:
        """What can be docked now. Reads names and sizes only, changes nothing. Raises OSError when it cannot tell."""


class MountedTrees:
    """Cards, readers and camera disks as the system mounts them.

    A tree counts when it stands directly or deeper below one of ``roots`` or its device is removable, and never when
    it shares a device with one of ``own`` (the system, the vault).
    """

    def __init__(
        self,
        roots: Sequence[Path] = MOUNT_ROOTS,
        *,
        own: Sequence[Path] = (),
        probe: Callable[[], Sequence[Mount]] = mounts,
        identify: Identify = facts_of,
    ) -> None:
        self._roots = tuple(roots)
        self._own = tuple(own)
        self._probe = probe
        self._identify = identify
        self._known: dict[Mount, DeviceFacts] = {}

    def look(self) -> Sequence[Dock]:
        """As the port says."""
        there = self._probe()
        self._known = {mount: facts for mount, facts in self._known.items() if mount in there}
        docks = []
        for mount in there:
            try:
                facts = self._known.get(mount) or self._identify(mount)
            except OSError:
                continue  # gone between the two looks, or not for us to read
            self._known[mount] = facts
            if self._counts(mount, facts):
                docks.append(_dock(mount.root, DockKind.DISK, mount, facts))
        return docks

    def _counts(self, mount: Mount, facts: DeviceFacts) -> bool:
        if any(one == mount.root or one.is_relative_to(mount.root) for one in self._own):
            return False
        below = any(mount.root != root and mount.root.is_relative_to(root) for root in self._roots)
        return below or facts.removable


class DropFolder:
    """A folder others copy into. A sub-folder counts once names, sizes and times below it rested for ``rest_s``.

    ``clock`` is a monotonic clock in seconds: how long something rested is what was seen here, not what times of a
    foreign machine say.
    """

    def __init__(self, folder: Path, *, rest_s: float = REST_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._rest_s = rest_s
        self._clock = clock
        self._resting: dict[str, tuple[str, float]] = {}

    def look(self) -> Sequence[Dock]:
        """As the port says."""
        now = self._clock()
        mount = mount_of(self._folder)
        facts = facts_of(mount)
        seen = {path.name: (path, _content(path)) for path in self._sub_folders()}
        self._resting = {name: one for name, one in self._resting.items() if name in seen}
        docks = []
        for name, (path, content) in sorted(seen.items()):
            before, since = self._resting.get(name, ("", now))
            if content != before:
                since = now
                self._resting[name] = (content, now)
            if content and now - since >= self._rest_s:
                docks.append(_dock(path, DockKind.DROP_FOLDER, mount, facts))
        return docks

    def _sub_folders(self) -> list[Path]:
        with os.scandir(self._folder) as found:
            return [self._folder / one.name for one in found if one.is_dir(follow_symlinks=False)]


def _content(folder: Path) -> str:
    """What lies there, by names, sizes and times alone, as one digest; empty for what holds no file."""
    told = list(islice(_glance(folder, None, 0), MAX_ENTRIES + 1))
    if len(told) > MAX_ENTRIES or not any(is_file for is_file, _ in told):
        return ""
    return hashlib.sha256(b"\n".join(sorted(facts for _, facts in told))).hexdigest()


def _glance(root: Path, folder: FoundName | None, depth: int) -> Iterator[tuple[bool, bytes]]:
    """Whether an entry is a file, and its facts. Opens folders only: this is asked again and again."""
    try:
        with scan(root, folder) as found:
            for entry in found:
                part = os.fsencode(entry.name)
                facts = entry.stat(follow_symlinks=False)
                inside = stat.S_ISDIR(facts.st_mode)
                size = 0 if inside else facts.st_size
                raw = part if folder is None else folder.raw + b"/" + part
                yield not inside, f"{size}:{facts.st_mtime_ns}:{facts.st_mode}:".encode() + raw.hex().encode()
                if inside and depth < MAX_DEPTH:
                    yield from _glance(root, FoundName(raw), depth + 1)
    except (OSError, SourceUnreadable):
        return  # the listing will say what cannot be read; here it has simply not changed


def dock_at(folder: Path) -> Dock:
    """The dock a person named by its folder. Raises NotADock when it is no folder."""
    if not folder.is_dir():
        raise NotADock(
            f"'{shown_text(str(folder))}' is not a folder that can be read. "
            "Put the card in, wait until it is mounted, and name the folder it appears under."
        )
    try:
        mount = mount_of(folder)
        return _dock(folder, DockKind.FOLDER, mount, facts_of(mount))
    except OSError as error:
        raise NotADock(
            f"'{shown_text(str(folder))}' stopped answering ({error.strerror}). Put the card back and try again.",
            detail=repr(error),
        ) from error


def _dock(root: Path, kind: DockKind, mount: Mount, facts: DeviceFacts) -> Dock:
    return Dock(
        key=f"{facts.device}:{facts.volume}:{shown_text(str(root))}",
        root=root,
        label=shown_text(root.name or str(root)),
        kind=kind,
        device=facts.device,
        vendor=facts.vendor,
        product=facts.product,
        serial=facts.serial,
        volume=facts.volume if kind is DockKind.DISK or root.resolve() == mount.root else "",
        protection=protection_of(mount, facts),
    )


class DockPoller:
    """Says what arrived and what was removed since it was last asked, over any number of sources.

    A source that cannot tell (``OSError``) counts as unchanged: an unanswered question removes nothing, and
    ``troubles`` says so in a sentence each until it is answered.
    """

    def __init__(self, sources: Collection[DockSource], *, pause: Callable[[float], object] = time.sleep) -> None:
        self._sources = tuple(sources)
        self._pause = pause
        self._present: dict[DockSource, dict[str, Dock]] = {source: {} for source in self._sources}
        self.troubles: tuple[str, ...] = ()

    @property
    def present(self) -> tuple[Dock, ...]:
        """The docks of the last poll, in the order of their sources."""
        return tuple(dock for docks in self._present.values() for dock in docks.values())

    def poll(self) -> tuple[DockEvent, ...]:
        """Look once: removals first, then arrivals."""
        gone: list[DockEvent] = []
        new: list[DockEvent] = []
        troubles = []
        for source in self._sources:
            try:
                now = {dock.key: dock for dock in source.look()}
            except OSError as error:
                where = shown_text(str(error.filename or "a place where cards turn up"))
                troubles.append(f"{where} cannot be looked into ({error.strerror}).")
                continue
            before = self._present[source]
            gone += [Removed(dock) for key, dock in before.items() if key not in now]
            new += [Arrived(dock) for key, dock in now.items() if key not in before]
            self._present[source] = now
        self.troubles = tuple(troubles)
        return (*gone, *new)

    def watch(self, stopped: Callable[[], bool]) -> Iterator[DockEvent]:
        """Every event as it comes, until ``stopped`` says so; asked once per POLL_S."""
        while not stopped():
            yield from self.poll()
            self._pause(POLL_S)
