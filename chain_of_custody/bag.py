"""Making and checking the bag: BagIt 1.0 with SHA-256 and SHA-512, stricter than the RFC where a court needs it.

RFC 8493 and docs/custody-format.md section 8. The seal beside the bag: seal.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chain_of_custody.digest import FileDigests, hash_file, hash_plain
from chain_of_custody.errors import BagRefused, CustodyError
from chain_of_custody.files import Listing, list_tree, open_regular, read_bounded
from chain_of_custody.findings import Collector, Finding
from chain_of_custody.manifest import ALGORITHMS, format_manifest, parse_manifest

Progress = Callable[[str, int, int], None]
"""Hears (what is being read, done so far, of how many): bytes of a bag, entries of a log."""

BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFESTS = tuple(f"manifest-{algorithm}.txt" for algorithm in ALGORITHMS)
TAG_MANIFESTS = tuple(f"tag{name}" for name in MANIFESTS)
ROOT_FILES = frozenset({"bagit.txt", "bag-info.txt", "index.html", "VERIFY.txt", *MANIFESTS, *TAG_MANIFESTS})
REQUIRED_FILES = ("bagit.txt", "bag-info.txt", *MANIFESTS, *TAG_MANIFESTS)
ROOT_FOLDERS = frozenset({"data", "seal"})
MEDIA_FOLDER = "data/media/"
MAX_MANIFEST_BYTES = 512 << 20
MAX_TAG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class BagDigests:
    """What the seal binds: digests of both tag manifests (hexadecimal), and the payload's extent.

    Custody-format section 8.
    """

    tagmanifest_sha256: str
    tagmanifest_sha512: str
    payload_bytes: int
    payload_files: int


def write_bag(root: Path, *, info: Mapping[str, str], known: Mapping[str, FileDigests]) -> BagDigests:
    """Write tag files and manifests for `root`, whose `data/` is laid out (custody-format section 8).

    `known` maps `data/...` paths to digests taken earlier, so that no file is read twice; `info` goes into
    bag-info.txt in its order. Raises BagRefused, naming the file.
    """
    listing = list_tree(root)
    _refuse_unfit(root, listing)
    payload = {path: size for path, size in listing.files.items() if path.startswith("data/")}
    if stray := sorted(set(known) - set(payload)):
        raise BagRefused("known_file_missing", stray[0])
    digests = {path: _known_or_hashed(root, path, size, known) for path, size in payload.items()}
    oxum = f"{sum(payload.values())}.{len(payload)}"
    (root / "bagit.txt").write_bytes(BAGIT_TXT)
    (root / "bag-info.txt").write_bytes(_bag_info({**info, "Payload-Oxum": oxum}))
    _write_manifests(root, MANIFESTS, digests)
    tags = sorted(ROOT_FILES - set(TAG_MANIFESTS))
    _write_manifests(root, TAG_MANIFESTS, {n: _hash(root / n, n) for n in tags if (root / n).is_file()})
    sealed = [read_bounded(root / name, MAX_TAG_BYTES) for name in TAG_MANIFESTS]
    return BagDigests(
        hashlib.sha256(sealed[0]).hexdigest(),
        hashlib.sha512(sealed[1]).hexdigest(),
        sum(payload.values()),
        len(payload),
    )


def _refuse_unfit(root: Path, listing: Listing) -> None:
    if listing.problems:
        reason, path = listing.problems[0]
        raise BagRefused(reason, ascii(path))
    names = {path.split("/")[0] for path in (*listing.files, *listing.folders)}
    if odd := sorted(names - {"data", "index.html", "VERIFY.txt"}):
        raise BagRefused("not_a_fresh_bundle_folder", odd[0])
    if "data" not in listing.folders:
        raise BagRefused("no_data_folder", root.name)
    if clash := _name_clash(listing):
        raise BagRefused("names_differ_only_in_case", ascii(clash))


def _name_clash(listing: Listing) -> str | None:
    """A path that a file system without case would take for another one."""
    seen: set[str] = set()
    for path in (*listing.files, *listing.folders):
        if path.casefold() in seen:
            return path
        seen.add(path.casefold())
    return None


def _known_or_hashed(root: Path, path: str, size: int, known: Mapping[str, FileDigests]) -> FileDigests:
    found = known[path] if path in known else _hash(root / path, path)
    if found.size != size:
        raise BagRefused("size_differs", ascii(path), f"{size} bytes on disk, {found.size} expected")
    return found


def _hash(file: Path, path: str, on_bytes: Callable[[int], None] | None = None) -> FileDigests:
    with open_regular(file) as opened:
        if path.startswith(MEDIA_FOLDER):
            return hash_file(opened, on_bytes)
        return hash_plain(opened, on_bytes)


def _bag_info(info: Mapping[str, str]) -> bytes:
    for label, value in info.items():
        if not label or ":" in label or not (label + value).isprintable():
            raise BagRefused("bag_info_line", ascii(label))
    return "".join(f"{label}: {value}\n" for label, value in info.items()).encode("utf-8")


def _write_manifests(root: Path, names: tuple[str, ...], digests: Mapping[str, FileDigests]) -> None:
    (root / names[0]).write_bytes(format_manifest({path: one.sha256 for path, one in digests.items()}))
    (root / names[1]).write_bytes(format_manifest({path: one.sha512 for path, one in digests.items()}))


@dataclass(frozen=True, slots=True)
class BagCheck:
    """Findings, the digests of every file read, and whether later steps may build on them (custody-format section 8).

    `sound`: every name is allowed and every file could be read. What is missing for a read error must not be
    taken for missing from the bundle.
    """

    findings: tuple[Finding, ...]
    digests: Mapping[str, FileDigests]
    sound: bool


def check_bag(root: Path) -> tuple[Finding, ...]:
    """Everything wrong with the bag at `root`; empty when complete and every digest holds.

    Custody-format section 8.
    """
    return inspect_bag(root).findings


def inspect_bag(root: Path, progress: Progress | None = None) -> BagCheck:
    """Check the bag and keep the digests for later steps. Hostile content gives findings, never an error.

    Custody-format section 8.
    """
    found = Collector()
    try:
        listing = list_tree(root)
    except OSError as unreadable:
        found.unreadable("folder_unreadable", root.name, f"The folder cannot be listed: {unreadable.strerror}")
        return BagCheck(found.all(), {}, sound=False)
    _check_names(listing, found)
    digests = _hash_all(root, listing, found, progress)
    payload = {path for path in listing.files if path.startswith("data/")}
    tags = {path for path in listing.files if path in ROOT_FILES} - set(TAG_MANIFESTS)
    for algorithm, manifest, tag_manifest in zip(ALGORITHMS, MANIFESTS, TAG_MANIFESTS, strict=True):
        _check_manifest(root, manifest, algorithm, payload, digests, found)
        _check_manifest(root, tag_manifest, algorithm, tags, digests, found)
    _check_tag_files(root, sum(listing.files[path] for path in payload), len(payload), found)
    sound = not listing.problems and len(digests) == len(listing.files)
    return BagCheck(found.all(), digests, sound)


def _check_names(listing: Listing, found: Collector) -> None:
    for reason, path in listing.problems:
        found.failed(reason, path, f"Not allowed in a bundle: {reason.replace('_', ' ')}")
    for path in listing.files:
        if "/" not in path and path not in ROOT_FILES:
            code = "fetch_txt" if path == "fetch.txt" else "stray_root_file"
            found.failed(code, path, "This file does not belong at the root of a bundle")
    for path in listing.folders:
        if "/" not in path and path not in ROOT_FOLDERS:
            found.failed("stray_root_folder", path, "This folder does not belong at the root of a bundle")
    for name in REQUIRED_FILES:
        if name not in listing.files:
            found.failed("tag_file_missing", name, "Every bundle has this file")
    if clash := _name_clash(listing):
        found.failed("names_differ_only_in_case", clash, "Another file has the same name in other letters")


def _hash_all(root: Path, listing: Listing, found: Collector, progress: Progress | None) -> dict[str, FileDigests]:
    total, done = sum(listing.files.values()), 0
    digests: dict[str, FileDigests] = {}
    for path in listing.files:

        def heard(count: int, path: str = path) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(path, done, total)

        try:
            digests[path] = _hash(root / path, path, heard)
        except (OSError, CustodyError) as unreadable:
            found.unreadable("file_unreadable", path, f"The file cannot be read: {unreadable}")
    return digests


def _check_manifest(
    root: Path, name: str, algorithm: str, expected: set[str], digests: Mapping[str, FileDigests], found: Collector
) -> None:
    if name not in digests:
        return  # reported as missing or unreadable
    try:
        listed = parse_manifest(read_bounded(root / name, MAX_MANIFEST_BYTES), algorithm)
    except CustodyError as refused:
        found.failed(refused.reason, name, refused.message())
        return
    except OSError as unreadable:
        found.unreadable("file_unreadable", name, f"The file cannot be read: {unreadable.strerror}")
        return
    for path in sorted(expected - set(listed)):
        found.failed("not_in_manifest", path, f"The file is not listed in {name}")
    for path in sorted(set(listed) - expected):
        found.failed("file_missing", path, f"Listed in {name}, but there is no such file")
    for path in sorted(set(digests) & expected & set(listed)):
        if getattr(digests[path], algorithm) != listed[path]:
            found.failed("digest_differs", path, f"The {algorithm} is not the one in {name}")


def _check_tag_files(root: Path, payload_bytes: int, payload_files: int, found: Collector) -> None:
    try:
        bagit, info = (read_bounded(root / name, MAX_TAG_BYTES) for name in ("bagit.txt", "bag-info.txt"))
    except (OSError, CustodyError):
        return  # reported as missing or unreadable
    if bagit != BAGIT_TXT:
        found.failed("bagit_txt", "bagit.txt", "Not the declaration of a BagIt 1.0 bag in UTF-8")
    oxum = f"Payload-Oxum: {payload_bytes}.{payload_files}".encode()
    if [line for line in info.split(b"\n") if line.startswith(b"Payload-Oxum:")] != [oxum]:
        found.failed("payload_oxum", "bag-info.txt", f"The payload is {payload_bytes} bytes in {payload_files} files")
