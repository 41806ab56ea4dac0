"""The bag: strict checks, and tools that others wrote accept the result."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chain_of_custody import bag as bag_module
from chain_of_custody.bag import check_bag, inspect_bag, write_bag
from chain_of_custody.digest import FileDigests
from chain_of_custody.errors import BagRefused
from chain_of_custody.files import list_tree
from chain_of_custody.findings import MAX_PER_CODE, Collector, Finding, Severity, Verdict, verdict_of

NO_SYMLINKS = sys.platform == "win32"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "bundle"
    (found / "data" / "media").mkdir(parents=True)
    (found / "data" / "a.txt").write_bytes(b"a")
    (found / "data" / "media" / "b.mp4").write_bytes(b"bb")
    (found / "index.html").write_bytes(b"<p>")
    return found


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings}


# --- the bag -------------------------------------------------------------------------------------------------------


def test_a_written_bag_checks_clean_and_gives_both_tag_manifest_digests(folder: Path) -> None:
    bag = write_bag(folder, info={"Bagging-Date": "2026-01-02"}, known={})
    assert check_bag(folder) == ()
    assert (bag.payload_bytes, bag.payload_files) == (3, 2)
    assert bag.tagmanifest_sha256 == hashlib.sha256((folder / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert bag.tagmanifest_sha512 == hashlib.sha512((folder / "tagmanifest-sha512.txt").read_bytes()).hexdigest()
    assert (folder / "bag-info.txt").read_bytes() == b"Bagging-Date: 2026-01-02\nPayload-Oxum: 3.2\n"


def test_a_file_whose_digests_are_known_is_not_read_again(folder: Path) -> None:
    known = FileDigests(2, "1" * 64, "2" * 128)
    write_bag(folder, info={}, known={"data/media/b.mp4": known})
    assert f"{'1' * 64}  data/media/b.mp4\n" in (folder / "manifest-sha256.txt").read_text()
    assert codes(check_bag(folder)) == {"digest_differs"}


def test_known_digests_of_another_size_or_file_are_refused(folder: Path) -> None:
    for known, reason in (({"data/a.txt": 9}, "size_differs"), ({"data/gone": 1}, "known_file_missing")):
        with pytest.raises(BagRefused) as refused:
            write_bag(folder, info={}, known={path: FileDigests(size, "", "") for path, size in known.items()})
        assert refused.value.reason == reason


@pytest.mark.parametrize(("label", "value"), [("A:B", "x"), ("", "x"), ("A", "x\nFetch: y")])
def test_a_line_that_would_break_bag_info_is_refused(folder: Path, label: str, value: str) -> None:
    with pytest.raises(BagRefused, match="bag info line"):
        write_bag(folder, info={label: value}, known={})


def test_a_folder_that_is_not_fresh_is_not_bagged(folder: Path, tmp_path: Path) -> None:
    (folder / "data" / "A.TXT").write_bytes(b"")
    with pytest.raises(BagRefused, match="case"):
        write_bag(folder, info={}, known={})
    (folder / "fetch.txt").write_bytes(b"")
    with pytest.raises(BagRefused, match="fresh"):
        write_bag(folder, info={}, known={})
    (tmp_path / "empty").mkdir()
    with pytest.raises(BagRefused, match="no data folder"):
        write_bag(tmp_path / "empty", info={}, known={})


@pytest.mark.skipif(NO_SYMLINKS, reason="needs symlinks")
def test_a_folder_with_a_link_is_not_bagged(folder: Path) -> None:
    (folder / "data" / "link").symlink_to("a.txt")
    with pytest.raises(BagRefused, match="symlink"):
        write_bag(folder, info={}, known={})


def test_a_folder_that_cannot_be_listed_is_a_finding(tmp_path: Path) -> None:
    found = inspect_bag(tmp_path / "none")
    assert [(f.code, f.severity) for f in found.findings] == [("folder_unreadable", Severity.UNREADABLE)]
    assert not found.sound


def test_names_that_differ_only_in_case_are_found(folder: Path) -> None:
    write_bag(folder, info={}, known={})
    (folder / "data" / "A.txt").write_bytes(b"a")
    assert "names_differ_only_in_case" in codes(check_bag(folder))


def test_a_declaration_or_extent_changed_together_with_the_manifests_is_still_found(folder: Path) -> None:
    write_bag(folder, info={}, known={})
    (folder / "bagit.txt").write_bytes(b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n")
    (folder / "bag-info.txt").write_bytes(b"Payload-Oxum: 1.1\n")
    assert {"bagit_txt", "payload_oxum"} <= codes(check_bag(folder))


def test_progress_is_told_in_bytes(folder: Path) -> None:
    write_bag(folder, info={}, known={})
    heard: list[tuple[str, int, int]] = []
    inspect_bag(folder, lambda path, done, total: heard.append((path, done, total)))
    assert heard[-1][1] == heard[-1][2] == sum(list_tree(folder).files.values())


def test_files_that_fail_while_being_read_could_not_be_checked_which_is_not_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bag(folder, info={}, known={})
    with monkeypatch.context() as failing:
        failing.setattr(bag_module, "hash_file", _fail)
        hashing = check_bag(folder)
    monkeypatch.setattr(bag_module, "read_bounded", _fail)
    reading = check_bag(folder)
    assert [f.where for f in hashing if f.severity is Severity.UNREADABLE] == ["data/media/b.mp4"]
    assert codes(reading) == {"file_unreadable"}
    assert verdict_of(hashing) is verdict_of(reading) is Verdict.COULD_NOT_CHECK


def _fail(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_bagit_py_and_sha256sum_accept_the_bundle(bundle: Path) -> None:
    validated = subprocess.run([sys.executable, "-m", "bagit", "--validate", str(bundle)], capture_output=True)
    assert validated.returncode == 0, validated.stderr
    for algorithm in ("sha256", "sha512"):
        tool = shutil.which(f"{algorithm}sum")
        if tool is None:
            pytest.skip("coreutils are not installed")
        names = [f"tagmanifest-{algorithm}.txt", f"manifest-{algorithm}.txt"]
        subprocess.run([tool, "--quiet", "-c", *names], cwd=bundle, check=True)


# --- findings ------------------------------------------------------------------------------------------------------


def test_proven_wrong_outweighs_unreadable_which_outweighs_unchecked() -> None:
    collector = Collector()
    seen = [verdict_of(collector.all())]
    for add in (collector.note, collector.unchecked, collector.unreadable, collector.failed):
        add("code", "where", "text")
        seen.append(verdict_of(collector.all()))
    assert [verdict.exit_code for verdict in seen] == [0, 0, 3, 4, 1]


def test_millions_of_the_same_finding_are_counted_not_kept() -> None:
    collector = Collector()
    for number in range(MAX_PER_CODE + 7):
        collector.failed("same", str(number), "text")
    assert len(collector.all()) == MAX_PER_CODE + 1
    assert collector.all()[-1].text == "and 7 more of this kind"


def test_no_socket_is_needed_to_check_a_bundle(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the verifier opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert check_bag(bundle) == ()
