"""Digests, manifests and reading: one pass, one form, bounded, links never followed."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody import digest as digest_module
from chain_of_custody import files as files_module
from chain_of_custody.digest import CHUNK_BYTES, FileDigests, MediaHasher, hash_file, hash_plain
from chain_of_custody.errors import BagRefused, BundleUnreadable
from chain_of_custody.files import list_tree, open_regular, path_problem, read_bounded
from chain_of_custody.manifest import decode_path, encode_path, format_manifest, parse_manifest
from chain_of_custody.merkle import leaf_hash, root

NO_SYMLINKS = sys.platform == "win32"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "bundle"
    (found / "data" / "media").mkdir(parents=True)
    (found / "data" / "a.txt").write_bytes(b"a")
    (found / "data" / "media" / "b.mp4").write_bytes(b"bb")
    (found / "index.html").write_bytes(b"<p>")
    return found


# --- digests ---------------------------------------------------------------------------------------------------


def test_an_empty_file_has_the_digest_of_nothing_as_its_chunk_root() -> None:
    got = hash_file(io.BytesIO(b""))
    assert (got.size, got.chunks, got.chunk_root) == (0, (), hashlib.sha256(b"").hexdigest())


def test_chunks_are_cut_at_16_mib_whatever_the_reads_were() -> None:
    content = bytes(CHUNK_BYTES) + b"tail"
    got = hash_file(io.BytesIO(content))
    leaves = [leaf_hash(bytes(CHUNK_BYTES)), leaf_hash(b"tail")]
    assert got.chunks == tuple(leaf.hex() for leaf in leaves)
    assert got.chunk_root == root(leaves).hex()
    assert got.sha256 == hashlib.sha256(content).hexdigest()
    whole = MediaHasher()
    whole.update(memoryview(content[:CHUNK_BYTES]))
    assert whole.finish().chunks == (leaves[0].hex(),)


@given(st.binary(max_size=40), st.integers(1, 7))
def test_any_cut_into_pieces_gives_the_same_digests(content: bytes, step: int) -> None:
    original = digest_module.CHUNK_BYTES
    digest_module.CHUNK_BYTES = 8
    try:
        pieces = MediaHasher()
        for at in range(0, len(content), step):
            pieces.update(memoryview(content)[at : at + step])
            assert pieces.so_far() == hashlib.sha256(content[: at + step]).hexdigest()
        assert pieces.finish() == hash_file(io.BytesIO(content))
    finally:
        digest_module.CHUNK_BYTES = original


def test_a_plain_hash_reports_what_it_read() -> None:
    heard: list[int] = []
    got = hash_plain(io.BytesIO(b"abc"), heard.append)
    assert got == FileDigests(3, hashlib.sha256(b"abc").hexdigest(), hashlib.sha512(b"abc").hexdigest())
    assert sum(heard) == 3


# --- manifests ---------------------------------------------------------------------------------------------------


def test_only_line_ends_and_percent_are_encoded() -> None:
    assert encode_path("a%0A\r\nü b") == "a%250A%0D%0Aü b"
    assert decode_path("a%250A%0D%0Aü b") == "a%0A\r\nü b"


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9), st.just("0" * 64)))
def test_manifests_parse_back_to_themselves(digests: dict[str, str]) -> None:
    assert parse_manifest(format_manifest(digests), "sha256") == digests


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"00  data/a\n", "manifest_line"),
        (b"0" * 64 + b" data/a\n", "manifest_line"),
        (b"0" * 64 + b"  data/a\r\n", "manifest_line"),
        (b"F" * 64 + b"  data/a\n", "manifest_line"),
        (b"0" * 64 + b"  data/a", "manifest_not_in_the_one_form"),
        (b"0" * 64 + b"  b\n" + b"0" * 64 + b"  a\n", "manifest_not_in_the_one_form"),
        (b"0" * 64 + b"  a%0a\n", "manifest_not_in_the_one_form"),
        (b"0" * 64 + b"  a\n" + b"1" * 64 + b"  a\n", "manifest_duplicate"),
        (b"\xff\n", "manifest_not_utf8"),
    ],
)
def test_other_manifests_are_refused_by_name(raw: bytes, reason: str) -> None:
    with pytest.raises(BagRefused) as refused:
        parse_manifest(raw, "sha256")
    assert refused.value.reason == reason


# --- names and files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("data/ok ü%.mp4", None),
        ("/etc/passwd", "absolute"),
        ("C:/x", "absolute"),
        ("data\\..\\x", "backslash"),
        ("data/../x", "dot_segment"),
        ("data//x", "dot_segment"),
        ("data/./x", "dot_segment"),
        ("data/e\u0301", "not_nfc"),
        ("data/\x1b[2J", "control_character"),
        ("data/\udc80", "not_utf8"),
        ("d" * 1025, "too_long"),
    ],
)
def test_names_that_lead_astray_are_named(path: str, reason: str | None) -> None:
    assert path_problem(path) == reason


@pytest.mark.skipif(NO_SYMLINKS, reason="needs POSIX file kinds")
def test_links_fifos_and_depth_are_listed_as_problems_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "/".join(["d"] * 40)).mkdir(parents=True)
    listing = list_tree(tmp_path)
    assert {reason for reason, _ in listing.problems} == {"symlink", "special_file", "too_deep"}
    assert listing.files == {}


def test_a_folder_of_too_many_files_is_not_listed_to_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "MAX_FILES", 2)
    assert [reason for reason, _ in list_tree(folder).problems] == ["too_many_files"]


@pytest.mark.skipif(NO_SYMLINKS, reason="needs POSIX file kinds")
def test_only_regular_files_of_bounded_size_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "fifo")
    assert read_bounded(tmp_path / "file", 5) == b"12345"
    for name, reason in (
        ("link", "symlink"),
        ("fifo", "not_a_regular_file"),
        ("none", "missing"),
        ("file/x", "missing"),
    ):
        with pytest.raises(BundleUnreadable) as refused:
            open_regular(tmp_path / name)
        assert refused.value.reason == reason
    with pytest.raises(BundleUnreadable, match="too large"):
        read_bounded(tmp_path / "file", 4)
