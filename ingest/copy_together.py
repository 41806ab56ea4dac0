"""Taking many small files into the vault: each copied and hashed as any other, made durable together.

One flush of the file system serves a group, so that two thousand sidecars do not wait two thousand times. Nothing
of a group is told to anybody before its flush: what ``take_together`` has yielded survives a loss of power.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from chain_of_custody.digest import Digests, MediaHasher
from ingest.copy import (
    Cancelled,
    Hooks,
    Progress,
    Taken,
    Throttle,
    Verify,
    check_held,
    check_read_back,
    check_unchanged,
    copy_into,
    never_cancelled,
    no_progress,
    no_throttle,
    open_source,
    take_file,
)
from ingest.copy_troubles import vault_trouble
from ingest.errors import CopyStopped, DiskFull, IngestError, SourceVanished
from ingest.listing import FoundFile
from ingest.parts import Part
from ingest.resuming import Resumable
from ingest.vault import Vault

SMALL_BYTES = 1 << 20
GROUP_FILES = 200
GROUP_BYTES = 32 << 20
ENDS_EVERYTHING = (SourceVanished, DiskFull, CopyStopped)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one file: it is in the vault for good, or why it is not."""

    file: FoundFile
    outcome: Taken | IngestError


@dataclass(frozen=True, slots=True)
class _Copied:
    found: FoundFile
    part: Part
    digests: Digests


@dataclass(slots=True)
class _Group:
    """Files copied and not yet durable; ``same`` are further files with the bytes of one of them."""

    copied: dict[str, _Copied] = field(default_factory=dict)
    same: list[tuple[FoundFile, Digests]] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    size: int = 0

    @property
    def full(self) -> bool:
        return len(self.copied) >= GROUP_FILES or self.size >= GROUP_BYTES


def take_together(
    source_root: Path,
    files: Sequence[FoundFile],
    vault: Vault,
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
    throttle: Throttle = no_throttle,
    verify: Verify = Verify.READBACK,
) -> Iterator[Settled]:
    """Take ``files`` in groups; yields each file's outcome once it is durable, not always in the order given.

    ``progress`` gets the bytes of each file as in ``take_file``, which larger files and a double reading go through.
    A source that vanished, a full disk or a person's stop is yielded as an outcome and ends everything after it.
    """
    hooks = Hooks(progress, cancelled, throttle)
    group = _Group()
    for found in files:
        try:
            if found.size > SMALL_BYTES or verify is not Verify.READBACK:
                taken = take_file(
                    source_root,
                    found,
                    vault,
                    progress=progress,
                    cancelled=cancelled,
                    throttle=throttle,
                    verify=verify,
                )
                group.settled.append(Settled(found, taken))
            else:
                _copy(source_root, found, vault, group, hooks)
        except IngestError as failed:
            group.settled.append(Settled(found, failed))
            if isinstance(failed, ENDS_EVERYTHING):
                break
        if group.full:
            yield from _make_durable(group, vault)
            group = _Group()
    yield from _make_durable(group, vault)


def _copy(root: Path, found: FoundFile, vault: Vault, group: _Group, hooks: Hooks) -> None:
    source = open_source(root, found)
    with ExitStack() as undo:
        undo.callback(os.close, source)
        check_unchanged(source, found)
        try:
            part = vault.new_part()
            unkept = undo.enter_context(ExitStack())
            unkept.callback(part.discard)
            digests = copy_into(source, root, found, Resumable(part, MediaHasher(), None), hooks)
            check_unchanged(source, found)
            if vault.has(digests.sha256):
                check_held(vault, digests)
                group.settled.append(Settled(found, Taken(digests, duplicate=True)))
                return
            if digests.sha256 in group.copied:
                group.same.append((found, digests))
                return
            part.finish()
            unkept.pop_all()
        except OSError as error:
            raise vault_trouble(error, found, vault) from error
        group.copied[digests.sha256] = _Copied(found, part, digests)
        group.size += digests.size


def _make_durable(group: _Group, vault: Vault) -> Iterator[Settled]:
    try:
        failed = _flushed_and_kept(group, vault)
    finally:
        for one in group.copied.values():
            one.part.discard()
    yield from group.settled
    for sha256, one in group.copied.items():
        yield Settled(one.found, failed.get(sha256) or Taken(one.digests, duplicate=False))
    for found, digests in group.same:
        yield Settled(found, failed.get(digests.sha256) or Taken(digests, duplicate=True))


def _flushed_and_kept(group: _Group, vault: Vault) -> dict[str, IngestError]:
    """Flush, read back and name the group; returns why some of it was not kept, by digest."""
    failed: dict[str, IngestError] = {}
    whole = list(group.copied.values())
    try:
        if not whole:
            return failed
        if len(whole) > 1 and vault.disk.syncs_everything:
            vault.disk.sync_everything(vault.staging)
        else:
            for one in whole:
                one.part.sync()
        good = []
        for one in whole:
            try:
                with one.part.read_back() as reader:
                    check_read_back(reader, one.digests, one.found)
                good.append((one.part, one.digests.sha256))
            except IngestError as differs:
                failed[one.digests.sha256] = differs
        vault.keep_originals(good)
    except (OSError, IngestError) as error:
        for one in whole:
            trouble = error if isinstance(error, IngestError) else vault_trouble(error, one.found, vault)
            failed.setdefault(one.digests.sha256, trouble)
    return failed
