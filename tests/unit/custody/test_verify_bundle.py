"""The verifier on whole bundles: verdicts, hostile content, and saying that it cannot tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from chain_of_custody import verify as verify_module
from chain_of_custody.audit import Audit
from chain_of_custody.bag import inspect_bag
from chain_of_custody.bundle_checks import check_seal
from chain_of_custody.custody_folder import write_custody
from chain_of_custody.errors import BagRefused, BundleUnreadable, CustodyError, NoteRefused, PayloadRefused, WeakKey
from chain_of_custody.findings import Collector, Severity, Verdict
from chain_of_custody.log_keys import LogKeys
from chain_of_custody.report import Report
from chain_of_custody.seal import write_seal
from chain_of_custody.source import BundleSource
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof
from chain_of_custody.verify import verify_bundle
from chain_of_custody.vkey import encode
from tests.unit.custody.scene import KEY, NAME, ORIGIN, MemoryLog, key_named, made_log

VKEY = KEY.vkey.format()


def codes(report: Report, severity: Severity = Severity.FAILED) -> set[str]:
    return {finding.code for finding in report.findings if finding.severity is severity}


def test_an_untouched_bundle_is_verified_with_the_key_obtained_elsewhere(bundle: Path) -> None:
    report = verify_bundle(bundle, trusted_vkey=VKEY)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert [step.number for step in report.steps] == list(range(1, 12))


def test_without_a_key_obtained_elsewhere_the_signatures_count_as_not_checked(bundle: Path) -> None:
    report = verify_bundle(bundle)
    assert report.verdict is Verdict.VERIFIED_WITH_UNCHECKED
    assert codes(report, Severity.UNCHECKED) == {"key_not_obtained_elsewhere"}


def test_what_was_withheld_is_said_but_is_no_fault(bundle: Path) -> None:
    report = verify_bundle(bundle, trusted_vkey=VKEY)
    assert codes(report, Severity.NOTE) == {
        "entries_withheld",
        "payloads_withheld",
        "attested_by_the_workstation_only",
        "no_witness",
    }


def test_a_folder_that_is_not_there_could_not_be_checked_which_is_not_failed(tmp_path: Path) -> None:
    report = verify_bundle(tmp_path / "none")
    assert report.verdict is Verdict.COULD_NOT_CHECK
    assert len(report.steps) == 11


def test_a_recording_that_cannot_be_read_is_not_called_missing(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("chain_of_custody.bag.hash_file", fail)
    report = verify_bundle(bundle, trusted_vkey=VKEY)
    assert report.verdict is Verdict.COULD_NOT_CHECK
    assert codes(report, Severity.UNREADABLE) == {"file_unreadable", "not_run"}


def test_a_read_error_in_a_later_step_could_not_be_told(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error", "index.json")

    monkeypatch.setattr(verify_module, "check_media", fail)
    report = verify_bundle(bundle, trusted_vkey=VKEY)
    assert report.verdict is Verdict.COULD_NOT_CHECK
    assert codes(report, Severity.UNREADABLE) == {"unreadable"}


@pytest.mark.parametrize(("text", "kind"), [("", NoteRefused), ("nonsense", NoteRefused)])
def test_a_key_file_without_a_key_is_refused_rather_than_ignored(
    bundle: Path, text: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        verify_bundle(bundle, trusted_vkey=text)


def test_a_low_order_trusted_key_is_refused(bundle: Path) -> None:
    identity = encode(b"\x01\x01" + bytes(31))
    with pytest.raises(WeakKey):
        verify_bundle(bundle, trusted_vkey=f"x+00000000+{identity}")


def test_every_byte_of_the_seal_matters(bundle: Path) -> None:
    digests, source = inspect_bag(bundle).digests, BundleSource(bundle)
    audit = Audit.open(source)

    def holds() -> bool:
        seal = Collector()
        try:
            check_seal(bundle, audit, digests, LogKeys.starting([KEY.vkey]), seal)
        except CustodyError:
            return False
        return not seal.all()

    assert holds()
    for file in sorted((bundle / "seal").iterdir()):
        raw = file.read_bytes()
        for at in range(len(raw)):
            file.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
            assert not holds(), (file.name, at)
        file.write_bytes(raw)


def test_cutting_any_file_short_gives_findings_and_never_a_traceback(bundle: Path) -> None:
    for file in sorted(path for path in bundle.rglob("*") if path.is_file()):
        raw = file.read_bytes()
        for garbage in (raw[: len(raw) // 2], b"", b"\xff\x00{[", b'{"a":1}', b"[" * 3000):
            file.write_bytes(garbage)
            assert verify_bundle(bundle, trusted_vkey=VKEY).verdict is Verdict.FAILED, file
        file.unlink()
        assert verify_bundle(bundle, trusted_vkey=VKEY).verdict is Verdict.FAILED, file
        file.write_bytes(raw)


# --- the custody folder


def test_a_bundle_source_gives_back_what_the_log_held(bundle: Path, pristine: tuple[Path, MemoryLog]) -> None:
    source, log = BundleSource(bundle), pristine[1]
    assert source.log == ORIGIN
    assert list(source.leaves()) == log.leaf_list[:5]
    assert list(source.entries(0, 5)) == [*log.stored[:3], None, log.stored[4]]
    assert list(source.rows(2, 4)) == [(log.stored[2], None), (None, None)]
    assert list(source.payloads()) == [(NAME.commitment, NAME)]
    assert list(source.checkpoints()) == log.notes[:2]
    assert source.vkeys() == (VKEY,)


@pytest.mark.parametrize(
    ("disclosed", "payloads", "withheld", "reason"),
    [
        ({0, 1, 2}, set(), {"why": 1}, "withheld_does_not_add_up"),
        ({0, 99}, set(), {"why": 3}, "entry_not_available"),
        ({0, 1}, {NAME.commitment}, {"why": 3}, "payload_without_entry"),
    ],
)
def test_a_custody_folder_that_would_not_verify_is_not_written(
    tmp_path: Path, disclosed: set[int], payloads: set[str], withheld: dict[str, int], reason: str
) -> None:
    with pytest.raises(BagRefused) as refused:
        write_custody(tmp_path, made_log(), disclosed=disclosed, payloads=payloads, withheld=withheld)
    assert refused.value.reason == reason


@pytest.mark.parametrize("raw", [b"00\n", b"0" * 64, b"Z" * 64 + b"\n", b"0" * 64 + b"\r\n", b"0" * 65 + b"\n"])
def test_a_leaf_line_of_another_form_is_refused(bundle: Path, raw: bytes) -> None:
    (bundle / "data/custody/leaves.txt").write_bytes(raw)
    with pytest.raises(BundleUnreadable, match="leaf line"):
        list(BundleSource(bundle).leaves())


def test_leaves_and_payloads_are_bounded_and_strict(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chain_of_custody.source.MAX_LEAVES", 4)
    with pytest.raises(BundleUnreadable, match="too large"):
        list(BundleSource(bundle).leaves())
    monkeypatch.setattr("chain_of_custody.source.MAX_CHECKPOINTS", 1)
    assert len(list(BundleSource(bundle).checkpoints())) == 1
    (bundle / "data/custody/payloads.json").write_bytes(b'{"00":{"content":"!","salt":""}}')
    with pytest.raises(PayloadRefused, match="base64"):
        list(BundleSource(bundle).payloads())


def test_a_seal_of_another_bag_or_entry_is_not_written(bundle: Path, pristine: tuple[Path, MemoryLog]) -> None:
    log = pristine[1]
    growth = ConsistencyProof(5, 7, ())
    for seq, index, reason in ((4, 4, "entry_seals_another_bag"), (6, 5, "proof_of_another_entry")):
        with pytest.raises(BagRefused) as refused:
            proof = TlogProof(index, (), b"note")
            write_seal(bundle, entry=log.stored[seq], proof=proof, checkpoint=b"note", consistency=growth)
        assert refused.value.reason == reason


def test_a_rotated_key_pair_may_be_trusted_together(bundle: Path) -> None:
    newer = key_named("newer")
    report = verify_bundle(bundle, trusted_vkey=f"{newer.vkey.format()}\n{VKEY}\n")
    assert report.verdict is Verdict.VERIFIED
