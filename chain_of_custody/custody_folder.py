"""Writing a custody folder: all leaf hashes, the disclosed entries and payloads, checkpoints, keys, policy.

The reader is source.FolderSource. Who may see what is the exporter's decision. Layout: custody-format section 7.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from pathlib import Path

from chain_of_custody.canonical import canon
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BagRefused
from chain_of_custody.source import (
    CUSTODY,
    MAX_PAYLOADS_BYTES,
    EntrySource,
    checkpoint_name,
    entry_name,
    signature_name,
)


def write_custody(
    bundle: Path,
    source: EntrySource,
    *,
    disclosed: Collection[int],
    payloads: Collection[str],
    withheld: Mapping[str, int],
) -> int:
    """Write the custody folder of a bundle and return the log's size in it. As `write_custody_folder`.

    Custody-format section 7.
    """
    return write_custody_folder(bundle / CUSTODY, source, disclosed=disclosed, payloads=payloads, withheld=withheld)


def write_custody_folder(
    folder: Path,
    source: EntrySource,
    *,
    disclosed: Collection[int],
    payloads: Collection[str],
    withheld: Mapping[str, int],
) -> int:
    """Write a log as files below `folder` (custody-format section 7) and return its size.

    `disclosed`: sequence numbers shown; `payloads`: commitments whose content is to be shown, and a content that is
    not there is then missing and not withheld; `withheld`: reason code -> how many entries were held back for it,
    which must add up. Raises BagRefused.
    """
    for name in ("entries", "checkpoints", "keys"):
        (folder / name).mkdir(parents=True)
    leaves = [leaf.hex() + "\n" for leaf in source.leaves()]
    (folder / "leaves.txt").write_text("".join(leaves), "ascii", newline="\n")
    commitments = _write_entries(folder, source, len(leaves), disclosed)
    _write_payloads(folder, source, payloads, commitments)
    for number, note in enumerate(source.checkpoints()):
        (folder / "checkpoints" / checkpoint_name(number)).write_bytes(note)
    (folder / "keys" / "log.vkey").write_text("".join(f"{key}\n" for key in source.vkeys()), "utf-8", newline="\n")
    held = len(leaves) - len(disclosed)
    if sum(withheld.values()) != held:
        raise BagRefused("withheld_does_not_add_up", "policy.json", f"{held} entries are withheld")
    policy = {
        "v": 1,
        "log": source.log,
        "size": len(leaves),
        "entries_disclosed": len(disclosed),
        "entries_withheld": held,
        "payloads_disclosed": len(set(payloads)),
        "payloads_withheld": len(commitments) - len(set(payloads)),
        "withheld": dict(withheld),
    }
    (folder / "policy.json").write_bytes(canon(policy))
    return len(leaves)


def _write_entries(folder: Path, source: EntrySource, size: int, disclosed: Collection[int]) -> set[str]:
    """Write the disclosed entries and their signatures; the commitments that stand in them."""
    commitments: set[str] = set()
    written = 0
    rows = zip(source.entries(0, size), source.signatures(0, size), strict=True)
    for seq, (raw, signed) in enumerate(rows):
        if seq in disclosed and raw is not None:
            (folder / "entries" / entry_name(seq)).write_bytes(raw)
            if signed is not None:
                (folder / "entries" / signature_name(seq)).write_bytes(signed)
            commitments.update(Entry.from_bytes(raw).commit.values())
            written += 1
    if written != len(disclosed):
        raise BagRefused("entry_not_available", "entries", f"{written} of {len(disclosed)} could be disclosed")
    return commitments


def _write_payloads(folder: Path, source: EntrySource, wanted: Collection[str], commitments: set[str]) -> None:
    """Write the disclosed payloads. One that no disclosed entry commits to is refused."""
    if stray := sorted(set(wanted) - commitments):
        raise BagRefused("payload_without_entry", "payloads.json", stray[0][:16])
    table = {
        commitment: {"salt": payload.salt.hex(), "content": base64.b64encode(payload.content).decode("ascii")}
        for commitment, payload in source.payloads()
        if commitment in wanted
    }
    (folder / "payloads.json").write_bytes(canon(table, max_bytes=MAX_PAYLOADS_BYTES))
