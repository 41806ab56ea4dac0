"""Level L4, cosignatures in bundles, progress: what the deeper levels add (custody-format sections 10, 11, 14)."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest

from chain_of_custody import __main__ as command
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.cosignatures import with_lines
from chain_of_custody.errors import BagRefused, BundleUnreadable
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.media_checks import MediaReader
from chain_of_custody.operators import ADMINISTRATOR, enrolment
from chain_of_custody.policy import Policy
from chain_of_custody.report import Report
from chain_of_custody.seal import write_seal
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof
from chain_of_custody.verify import Level, verify_bundle, verify_log
from tests.unit.custody.scene import (
    KEY,
    NAME,
    NOTE,
    RECORDING,
    MemoryLog,
    bag_up,
    ingest_data,
    lay_out,
    made_log,
    operator_named,
    remanifest,
    seal_up,
)
from tests.unit.custody.witness_scene import W1

VKEY = KEY.vkey.format()
ADMIN = operator_named("admin-1")


def codes(report: Report, severity: Severity = Severity.FAILED) -> set[str]:
    return {finding.code for finding in report.findings if finding.severity is severity}


def holding(content: bytes | None) -> MediaReader:
    return lambda _: None if content is None else closing(io.BytesIO(content))


def deep(log: MemoryLog, reader: MediaReader | None) -> Report:
    log.checkpoint()
    return verify_log(log, Level.L4, trusted=[KEY.vkey], reader=reader)


# --- L4


def test_recordings_read_again_agree_in_every_digest() -> None:
    report = deep(made_log(), holding(RECORDING))
    assert (report.verdict, len(report.steps)) == (Verdict.VERIFIED, 9)


def test_a_recording_swapped_in_the_vault_is_caught_by_reading_it_again() -> None:
    assert codes(deep(made_log(), holding(RECORDING[:-1] + b"!"))) == {"media_differs"}


def test_a_recording_that_is_not_held_is_missing_unless_it_was_disposed_of_on_record() -> None:
    log = made_log()
    assert codes(deep(log, holding(None))) == {"media_missing"}
    log.add("media.disposed")
    report = deep(log, holding(None))
    assert report.verdict is Verdict.VERIFIED
    assert "media_disposed" in codes(report, Severity.NOTE)


def test_a_recording_that_cannot_be_read_is_neither_missing_nor_swapped() -> None:
    def fail(_: str) -> None:
        raise OSError(5, "Input/output error")

    def refuse(_: str) -> None:
        raise BundleUnreadable("not_a_regular_file", "x")

    assert deep(made_log(), fail).verdict is Verdict.COULD_NOT_CHECK
    assert codes(deep(made_log(), refuse)) == {"not_a_regular_file"}


def test_without_access_to_recordings_they_are_not_checked() -> None:
    assert codes(deep(made_log(), None), Severity.UNCHECKED) == {"no_reader"}


def test_an_intake_without_a_digest_cannot_be_read_again_and_says_so() -> None:
    log = made_log()
    log.add("media.ingested", {"exhibit": "EX-2"})
    assert codes(deep(log, holding(RECORDING))) == {"ingest_without_digest"}


def test_progress_is_heard_of_entries_and_recordings() -> None:
    heard: list[tuple[str, int, int]] = []
    log = made_log()
    for level in (Level.L0, Level.L4):
        verify_log(log, level, reader=holding(RECORDING), progress=lambda *said: heard.append(said))
    assert heard == [("entries", 0, 5), ("entries", 0, 5), ("media", 0, 1)]


# --- bundles with cosignatures and operator signatures


def sealed_with(bundle: Path, witness_text: str | None = None) -> None:
    """Put W1's cosignature of the seal's checkpoint beside it."""
    text = witness_text or Checkpoint.parse((bundle / "seal/checkpoint").read_bytes()).text()
    (bundle / "seal/cosignatures").write_bytes(W1.cosign(text, 1_767_348_000).format().encode())


def test_a_seal_with_a_witnesss_line_is_verified_with_the_witnesss_key_and_else_not_checked(bundle: Path) -> None:
    sealed_with(bundle)
    known = Policy.any_of([W1.vkey])
    assert verify_bundle(bundle, trusted_vkey=VKEY, policy=known).verdict is Verdict.VERIFIED
    assert codes(verify_bundle(bundle, trusted_vkey=VKEY), Severity.UNCHECKED) == {"cosignatures_not_checked"}


def test_log_keys_of_a_policy_are_keys_obtained_elsewhere(bundle: Path) -> None:
    sealed_with(bundle)
    policy = Policy("w", (KEY.vkey,), {"w": W1.vkey})
    assert verify_bundle(bundle, policy=policy).verdict is Verdict.VERIFIED


def test_a_witness_expected_and_missing_or_of_another_text_is_a_failure(bundle: Path) -> None:
    known = Policy.any_of([W1.vkey])
    assert codes(verify_bundle(bundle, trusted_vkey=VKEY, policy=known)) == {"quorum_not_met"}
    sealed_with(bundle, "another text\n")
    found = codes(verify_bundle(bundle, trusted_vkey=VKEY, policy=known))
    assert found == {"cosignature_bad_signature", "quorum_not_met"}
    (bundle / "seal/cosignatures").write_bytes(b"spoiled")
    assert "signature_line" in codes(verify_bundle(bundle, trusted_vkey=VKEY, policy=known))


def test_every_byte_of_a_cosignature_matters(bundle: Path) -> None:
    sealed_with(bundle)
    file, known = bundle / "seal/cosignatures", Policy.any_of([W1.vkey])
    raw = file.read_bytes()
    for at in range(len(raw)):
        file.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert verify_bundle(bundle, trusted_vkey=VKEY, policy=known).verdict is not Verdict.VERIFIED, at


def test_a_seal_is_written_with_its_companions_and_nothing_else(bundle: Path) -> None:
    old = bundle.parent / "old"
    (bundle / "seal").rename(old)
    parts = {
        "entry": (old / "seal-entry.json").read_bytes(),
        "proof": TlogProof.parse((old / "seal.tlog-proof").read_bytes()),
        "checkpoint": (old / "checkpoint").read_bytes(),
        "consistency": ConsistencyProof.parse((old / "consistency").read_bytes()),
    }
    with pytest.raises(BagRefused, match="not part of a seal"):
        write_seal(bundle, **parts, companions={"readme": b""})  # type: ignore[arg-type]
    write_seal(bundle, **parts, companions={"timestamp.tsq": b"", "tsa.pem": b""})  # type: ignore[arg-type]
    assert verify_bundle(bundle, trusted_vkey=VKEY).verdict is Verdict.VERIFIED


def signed_bundle(root: Path) -> Path:
    """A bundle whose fifth entry is an administrator's, signed."""
    log = MemoryLog()
    log.add("log.opened")
    log.add("key.enrolled", enrolment(ADMIN.vkey, ADMIN.name, ADMINISTRATOR), by=ADMIN)
    log.add("media.ingested", ingest_data(RECORDING), NAME, NOTE)
    log.add("media.viewed")
    log.add("export.started", by=ADMIN)
    log.checkpoint()
    root.mkdir()
    lay_out(root, log)
    seal_up(root, log, bag_up(root))
    return root


def test_a_bundle_carries_operator_signatures_beside_their_entries(tmp_path: Path) -> None:
    root = signed_bundle(tmp_path / "IR")
    assert (root / "data/custody/entries/00000004.sig").is_file()
    report = verify_bundle(root, trusted_vkey=VKEY)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert "signed_by_operators" in codes(report, Severity.NOTE)


def test_a_signature_taken_away_or_standing_without_its_entry_is_caught(tmp_path: Path) -> None:
    root = signed_bundle(tmp_path / "IR")
    entries = root / "data/custody/entries"
    (entries / "00000004.sig").rename(entries / "00000003.sig")
    remanifest(root)
    found = codes(verify_bundle(root, trusted_vkey=VKEY))
    assert found == {"not_signed", "stray_entry_file", "bag_differs"}


def test_the_command_takes_a_witness_key_or_a_policy_and_tells_of_progress(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed_with(bundle)
    (tmp_path / "key").write_text(VKEY + "\n")
    (tmp_path / "w").write_text(W1.vkey.format() + "\n")
    (tmp_path / "policy").write_bytes(Policy("w", (), {"w": W1.vkey}).format())
    line = ["verify", str(bundle), "--key", str(tmp_path / "key")]
    assert command.main([*line, "--witness-key", str(tmp_path / "w"), "--progress"]) == 0
    assert "entries 0 of 5" in capsys.readouterr().err
    assert command.main([*line, "--policy", str(tmp_path / "policy")]) == 0
    assert command.main([*line, "--policy", str(tmp_path / "w")]) == 34
    assert with_lines((bundle / "seal/checkpoint").read_bytes(), []) == (bundle / "seal/checkpoint").read_bytes()
