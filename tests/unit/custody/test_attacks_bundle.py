"""Attacks on a bundle after it was sealed, each with the check that must catch it.

Where only a trusted key or a witness can tell, the test says so. docs/custody-format.md section 13.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chain_of_custody.canonical import canon
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.report import Report
from chain_of_custody.verify import Level, verify_bundle, verify_log
from tests.unit.custody.scene import (
    KEY,
    NAME,
    RECORDING,
    RECORDING_PATH,
    MemoryLog,
    bag_up,
    ingest_data,
    lay_out,
    made_log,
    remanifest,
    seal_up,
)

VKEY = KEY.vkey.format()
ENTRY = "data/custody/entries/00000001.json"
BAG, FORM, CHAIN, TREE, SIGNATURES, PAYLOADS, MEDIA, TIME, SEAL = range(1, 10)


def caught(report: Report) -> dict[int, set[str]]:
    """Step number -> codes that failed there."""
    assert report.verdict is Verdict.FAILED, report.to_text()
    failed = {step.number: {f.code for f in step.findings if f.severity is Severity.FAILED} for step in report.steps}
    return {number: codes for number, codes in failed.items() if codes}


def verified(root: Path) -> dict[int, set[str]]:
    return caught(verify_bundle(root, trusted_vkey=VKEY))


def live(log: MemoryLog) -> set[str]:
    report = verify_log(log, Level.L2, trusted=[KEY.vkey])
    return set().union(*caught(report).values())


def edit_json(file: Path, **changes: object) -> None:
    file.write_bytes(canon({**json.loads(file.read_bytes()), **changes}))


# --- the bundle, changed after the seal ----------------------------------------------------------------------------


def test_editing_an_entry_is_caught_by_rehash_and_chain(bundle: Path) -> None:
    edit_json(bundle / ENTRY, ws="ws-18")
    assert verified(bundle) == {BAG: {"digest_differs"}, CHAIN: {"leaf_differs"}}


def test_editing_an_entry_and_making_the_manifests_again_is_caught_by_chain_and_seal(bundle: Path) -> None:
    edit_json(bundle / ENTRY, ws="ws-18")
    remanifest(bundle)
    assert verified(bundle) == {CHAIN: {"leaf_differs"}, SEAL: {"bag_differs"}}


def test_editing_an_entry_with_its_leaf_is_caught_by_chain_tree_and_consistency(bundle: Path) -> None:
    edit_json(bundle / ENTRY, ws="ws-18")
    lines = (bundle / "data/custody/leaves.txt").read_text().splitlines()
    lines[1] = Entry.from_bytes((bundle / ENTRY).read_bytes()).leaf.hex()
    (bundle / "data/custody/leaves.txt").write_text("\n".join(lines) + "\n", newline="\n")
    remanifest(bundle)
    found = verified(bundle)
    assert (found[CHAIN], found[TREE]) == ({"prev_differs"}, {"root_differs"})
    assert "bag_differs" in found[SEAL]
    assert any(code.startswith("consistency_") for code in found[SEAL])


def test_dropping_a_disclosed_entry_is_caught_by_policy_and_seal(bundle: Path) -> None:
    (bundle / ENTRY).unlink()
    remanifest(bundle)
    assert verified(bundle) == {FORM: {"policy_differs"}, SEAL: {"bag_differs"}}


def test_dropping_an_entry_and_correcting_the_policy_is_caught_by_the_seal(bundle: Path) -> None:
    (bundle / ENTRY).unlink()
    edit_json(bundle / "data/custody/policy.json", entries_disclosed=3, entries_withheld=2, withheld={"why": 2})
    remanifest(bundle)
    assert verified(bundle) == {SEAL: {"bag_differs"}}


def test_a_policy_whose_reasons_do_not_add_up_is_caught(bundle: Path) -> None:
    edit_json(bundle / "data/custody/policy.json", withheld={"why": 7})
    assert verified(bundle)[FORM] == {"policy_differs"}


def test_a_stray_file_among_the_entries_is_caught_even_when_listed_in_the_manifests(bundle: Path) -> None:
    (bundle / "data/custody/entries/00000099.json").write_bytes((bundle / ENTRY).read_bytes())
    remanifest(bundle)
    assert verified(bundle) == {FORM: {"stray_entry_file"}, SEAL: {"bag_differs"}}


def test_swapping_media_after_hashing_is_caught_by_rehash(bundle: Path) -> None:
    (bundle / RECORDING_PATH).write_bytes(RECORDING[:-1] + b"!")
    assert verified(bundle) == {BAG: {"digest_differs"}, MEDIA: {"index_differs", "media_without_ingest"}}


def test_swapping_media_with_index_and_manifests_made_again_is_caught_by_ingest_entry_and_seal(bundle: Path) -> None:
    (bundle / RECORDING_PATH).write_bytes(b"another film")
    digest = hashlib.sha256(b"another film").hexdigest()
    (bundle / "data/media/index.json").write_text(f'{{"card-1/cam 1.mp4": "{digest}"}}')
    remanifest(bundle)
    assert verified(bundle) == {MEDIA: {"media_without_ingest"}, SEAL: {"bag_differs"}}


def test_media_dropped_from_the_bundle_but_not_from_its_index_is_caught(bundle: Path) -> None:
    (bundle / RECORDING_PATH).unlink()
    remanifest(bundle)
    assert verified(bundle) == {MEDIA: {"media_missing"}, SEAL: {"bag_differs"}}


def test_a_film_hidden_among_hash_histories_is_media_all_the_same(bundle: Path) -> None:
    (bundle / "data/media/card-1/ascmhl/0001.mp4").write_bytes(b"another film")
    remanifest(bundle)
    assert verified(bundle)[MEDIA] == {"index_differs", "media_without_ingest"}


@pytest.mark.parametrize("changes", [{"sha512": "0" * 128}, {"chunk_root": "0" * 64}, {"size": 1}, {"size": None}])
def test_an_ingest_entry_that_agrees_in_sha256_alone_is_caught(tmp_path: Path, changes: dict[str, object]) -> None:
    log = MemoryLog()
    log.add("media.ingested", {"sha256": None})
    log.add("log.opened")
    log.add("media.ingested", {**ingest_data(RECORDING), **changes}, NAME)
    for kind in ("media.viewed", "export.started"):
        log.add(kind)
    log.checkpoint()
    root = tmp_path / "IR"
    root.mkdir()
    lay_out(root, log)
    seal_up(root, log, bag_up(root))
    assert verified(root) == {MEDIA: {"media_differs"}}


def test_a_bundle_without_media_needs_no_index(tmp_path: Path) -> None:
    root = tmp_path / "IR"
    root.mkdir()
    log = made_log()
    lay_out(root, log)
    shutil.rmtree(root / "data/media")
    seal_up(root, log, bag_up(root))
    assert verify_bundle(root, trusted_vkey=VKEY).verdict is Verdict.VERIFIED


def test_a_payload_with_other_content_is_caught_by_its_commitment(bundle: Path) -> None:
    file = bundle / "data/custody/payloads.json"
    table = json.loads(file.read_bytes())
    for row in table.values():
        row["content"] = base64.b64encode(b"another name").decode()
    file.write_bytes(canon(table))
    remanifest(bundle)
    assert verified(bundle) == {PAYLOADS: {"commitment_differs"}, SEAL: {"bag_differs"}}


def _delete(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).unlink()


def _write(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_bytes(b"x")


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (_delete("tagmanifest-sha256.txt"), "tag_file_missing"),
        (_delete("tagmanifest-sha512.txt"), "tag_file_missing"),
        (_delete("manifest-sha512.txt"), "tag_file_missing"),
        (_delete("VERIFY.txt"), "file_missing"),
        (_delete(RECORDING_PATH), "file_missing"),
        (_write("README.exe"), "stray_root_file"),
        (_write("fetch.txt"), "fetch_txt"),
        (_write("data/added.txt"), "not_in_manifest"),
        (_write("index.html"), "not_in_manifest"),
        (lambda root: (root / "extra").mkdir(), "stray_root_folder"),
    ],
)
def test_files_added_or_removed_are_caught_by_the_bag(
    bundle: Path, attack: Callable[[Path], object], code: str
) -> None:
    attack(bundle)
    assert code in verified(bundle)[BAG]


@pytest.mark.parametrize("line", ["../outside.txt", "/etc/passwd", "data/../../x", "C:/x"])
def test_a_manifest_line_that_leads_out_of_the_bundle_is_caught_and_never_opened(bundle: Path, line: str) -> None:
    (bundle.parent / "outside.txt").write_bytes(b"")
    for name in ("manifest-sha256.txt", "manifest-sha512.txt"):
        file = bundle / name
        width = 64 if "256" in name else 128
        rows = [*file.read_text().splitlines(), f"{'0' * width}  {line}"]
        file.write_text("\n".join(sorted(rows, key=lambda row: row[width:])) + "\n", newline="\n")
    assert {"file_missing", "digest_differs"} <= verified(bundle)[BAG]


@pytest.mark.skipif(sys.platform == "win32", reason="needs symlinks and backslashes in names")
@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (lambda root: (root / "data/link").symlink_to("/etc/hostname"), "symlink"),
        (lambda root: (root / "data/folder").symlink_to("/etc"), "symlink"),
        (lambda root: (root / "data/a\\..\\b").write_bytes(b""), "backslash"),
        (lambda root: (root / "data/e\u0301").write_bytes(b""), "not_nfc"),
    ],
)
def test_links_and_names_that_lead_astray_stop_the_verification(
    bundle: Path, attack: Callable[[Path], object], code: str
) -> None:
    attack(bundle)
    report = verify_bundle(bundle, trusted_vkey=VKEY)
    assert code in caught(report)[BAG]
    assert {f.code for step in report.steps[1:] for f in step.findings} == {"not_run"}


def test_an_entries_folder_that_is_a_link_stops_the_verification(bundle: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("needs symlinks")
    entries = bundle / "data/custody/entries"
    entries.rename(bundle.parent / "moved")
    entries.symlink_to(bundle.parent / "moved")
    assert "symlink" in verified(bundle)[BAG]
