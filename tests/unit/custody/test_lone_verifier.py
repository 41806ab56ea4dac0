"""The verifier copied alone into an empty folder: a bundle and a live log's files, and what files cannot show.

Every attack is put to it as well: conftest.py runs test_attacks_* with it as the judge.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chain_of_custody.custody_folder import write_custody_folder
from chain_of_custody.erasure import ERASED, erasure_data
from chain_of_custody.errors import NoteRefused
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.policy import Policy
from chain_of_custody.report import Report
from chain_of_custody.steps import Level
from chain_of_custody.verify import verify_log, verify_log_folder
from tests.unit.custody.lone import FOREIGN, Lone, write_as_it_is
from tests.unit.custody.scene import KEY, NAME, NOTE, MemoryLog, key_named, made_log
from tests.unit.custody.test_attacks_witness import cosign_last
from tests.unit.custody.witness_scene import W1

VKEY = KEY.vkey.format()


def codes(report: Report, severity: Severity = Severity.FAILED) -> set[str]:
    return {finding.code for finding in report.findings if finding.severity is severity}


def exported(folder: Path, log: MemoryLog, payloads: set[str]) -> Path:
    write_custody_folder(folder, log, disclosed=range(log.head.size), payloads=payloads, withheld={})
    return folder


def test_it_stands_alone_with_cryptography_and_nothing_else(lone: Lone) -> None:
    code = "import importlib.util as u, sys\nprint([n for n in sys.argv[1:] if u.find_spec(n)])"
    child = lone.start(code, *FOREIGN)
    assert child.communicate(timeout=60)[0].strip() == "[]"
    where = lone.start("import chain_of_custody as c, cryptography\nprint(c.__file__)").communicate(timeout=60)[0]
    assert where.strip() == str(lone.folder / "alone" / "chain_of_custody" / "__init__.py")


def test_alone_it_verifies_a_bundle_and_a_log_as_commands(lone: Lone, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(VKEY + "\n")
    key = ["--key", str(tmp_path / "key")]
    done = lone.run("verify", str(bundle), *key)
    assert (done.returncode, done.stderr) == (0, "")
    assert "VERIFIED. Every check" in done.stdout
    folder = exported(tmp_path / "log", made_log(), {NAME.commitment, NOTE.commitment})
    for level in ("L0", "L1", "L2", "L3"):
        done = lone.run("verify-log", str(folder), "--level", level, *key, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["verdict"] == "verified"
    assert "NOT FULLY CHECKED" in lone.run("verify-log", str(folder)).stdout
    (folder / "leaves.txt").unlink()
    assert lone.run("verify-log", str(folder), *key).returncode == 1


def test_alone_it_counts_a_witness(lone: Lone, tmp_path: Path) -> None:
    log = made_log()
    cosign_last(log, W1)
    folder = exported(tmp_path / "log", log, set())
    (tmp_path / "w").write_text(W1.vkey.format() + "\n")
    (tmp_path / "key").write_text(VKEY + "\n")
    line = ["verify-log", str(folder), "--key", str(tmp_path / "key")]
    assert lone.ask(*line, "--witness-key", str(tmp_path / "w"))[0] == 0
    assert lone.ask(*line)[0] == 3


def test_an_edited_row_shows_in_its_files_by_the_chain(lone: Lone) -> None:
    log = made_log()
    log.stored[1] = log.stored[1].replace(b"clerk-0042", b"clerk-0043")
    assert codes(lone.verify_log(log, Level.L2, trusted=[KEY.vkey])) == {"leaf_differs"}


def test_an_edited_column_of_a_database_shows_in_no_file_so_nobody_catches_it_there(lone: Lone) -> None:
    log = made_log()
    log.column_rows[1] = {**log.column_rows[1], "actor_id": "clerk-0043"}
    assert lone.verify_log(log, Level.L2, trusted=[KEY.vkey]).verdict is Verdict.VERIFIED
    assert codes(verify_log(log, Level.L1)) == {"column_differs"}


# --- erasure


def erase(log: MemoryLog, *commitments: str) -> None:
    log.add(ERASED, erasure_data(commitments))
    log.checkpoint()


@pytest.mark.parametrize("alone", [False, True])
def test_a_content_erased_on_record_leaves_a_log_that_verifies(lone: Lone, alone: bool) -> None:
    log = made_log()
    erase(log, NAME.commitment)
    del log.payload_rows[NAME.commitment]
    report = (lone.verify_log if alone else verify_log)(log, Level.L2, trusted=[KEY.vkey])
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert "payloads_erased" in codes(report, Severity.NOTE)


def test_a_content_that_is_gone_without_a_tombstone_is_missing(lone: Lone, tmp_path: Path) -> None:
    log = made_log()
    del log.payload_rows[NAME.commitment]
    assert codes(verify_log(log, Level.L1)) == {"payload_missing"}
    folder = exported(tmp_path / "log", log, {NAME.commitment, NOTE.commitment})
    assert "payload_missing" in codes(verify_log_folder(folder, trusted_vkey=VKEY))
    assert lone.ask("verify-log", str(folder))[0] == 1


def test_a_content_that_is_still_there_after_its_tombstone_is_caught(lone: Lone) -> None:
    log = made_log()
    erase(log, NAME.commitment)
    for verify in (verify_log, lone.verify_log):
        assert codes(verify(log, Level.L2, trusted=[KEY.vkey])) == {"erased_payload_held"}


def test_a_tombstone_for_nothing_or_that_names_nothing_is_caught() -> None:
    log = made_log()
    erase(log, "0" * 64)
    assert codes(verify_log(log, Level.L1)) == {"tombstone_without_entry"}
    for data in ({}, {"commitments": []}, {"commitments": ["x"]}, {"commitments": [1]}, {"commitments": "x"}):
        log = made_log()
        log.add(ERASED, data)
        assert codes(verify_log(log, Level.L1)) == {"tombstone_malformed"}
    log = made_log()
    log.add(ERASED, erasure_data([NAME.commitment]), outcome="failed")  # an act that failed erases nothing
    assert verify_log(log, Level.L1).verdict is Verdict.VERIFIED


def test_across_withheld_entries_a_tombstone_may_be_for_one_of_them(tmp_path: Path) -> None:
    log = made_log()
    erase(log, NAME.commitment)
    shown = set(range(log.head.size)) - {2}
    folder = tmp_path / "log"
    write_custody_folder(folder, log, disclosed=shown, payloads=(), withheld={"other_units": 1})
    report = verify_log_folder(folder, trusted_vkey=VKEY)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


# --- the folder itself


def test_texts_left_out_are_said_to_be_withheld(tmp_path: Path) -> None:
    report = verify_log_folder(exported(tmp_path / "log", made_log(), set()), trusted_vkey=VKEY)
    assert report.verdict is Verdict.VERIFIED
    assert "payloads_withheld" in codes(report, Severity.NOTE)


def test_a_payload_dropped_from_the_folder_is_missing_and_with_the_policy_corrected_only_withheld(
    tmp_path: Path,
) -> None:
    log = made_log()
    folder = exported(tmp_path / "log", log, {NAME.commitment, NOTE.commitment})
    (folder / "payloads.json").write_bytes(b"{}")
    assert codes(verify_log_folder(folder, trusted_vkey=VKEY)) == {"payload_missing", "policy_differs"}
    log.payload_rows.clear()
    write_as_it_is(tmp_path / "again", log)
    assert verify_log_folder(tmp_path / "again", trusted_vkey=VKEY).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("name", "code"),
    [("note.txt", "stray_file"), ("entries/x.json", "stray_file"), ("entries/00000099.json", "stray_entry_file")],
)
def test_what_does_not_belong_into_a_log_folder_is_caught(tmp_path: Path, name: str, code: str) -> None:
    folder = exported(tmp_path / "log", made_log(), set())
    (folder / name).write_bytes(b"{}")
    assert code in codes(verify_log_folder(folder, trusted_vkey=VKEY))


def test_links_and_stray_folders_are_caught_and_links_never_followed(tmp_path: Path) -> None:
    folder = exported(tmp_path / "log", made_log(), set())
    (folder / "more").mkdir()
    assert codes(verify_log_folder(folder, trusted_vkey=VKEY)) == {"stray_folder"}
    (folder / "more" / "link").symlink_to("/etc/hostname")
    report = verify_log_folder(folder, trusted_vkey=VKEY)
    assert codes(report) == {"stray_folder", "symlink"}
    assert codes(report, Severity.UNREADABLE) == {"not_run"}


def test_a_folder_that_is_not_there_could_not_be_checked(tmp_path: Path) -> None:
    assert verify_log_folder(tmp_path / "none").verdict is Verdict.COULD_NOT_CHECK


def test_a_timestamp_in_the_folder_is_named_and_not_checked(tmp_path: Path) -> None:
    folder = exported(tmp_path / "log", made_log(), set())
    (folder / "timestamps").mkdir()
    (folder / "timestamps" / "00000005-outside.tsr").write_bytes(b"any lie")
    report = verify_log_folder(folder, Level.L4, trusted_vkey=VKEY)
    assert codes(report, Severity.UNCHECKED) == {"timestamp_not_checked"}
    assert len(report.steps) == 9  # there are no recordings to read: L4 is L3
    assert len(verify_log_folder(folder, Level.L0).steps) == 2


def test_a_wrong_key_for_a_log_folder_is_refused_or_caught(tmp_path: Path) -> None:
    folder = exported(tmp_path / "log", made_log(), set())
    with pytest.raises(NoteRefused):
        verify_log_folder(folder, trusted_vkey="")
    other = key_named("thief").vkey.format()
    assert codes(verify_log_folder(folder, trusted_vkey=other)) == {"key_replaced", "unknown_key"}
    policy = Policy("w", (KEY.vkey,), {"w": W1.vkey})
    assert codes(verify_log_folder(folder, policy=policy)) == {"quorum_not_met"}
