"""``receipt`` and ``timestamps`` as a person and as a program use them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("rfc3161_client", reason="the extra 'timestamps' is not installed")

from bwc_review.cli.main import main
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.verify import verify_bundle
from tests.desks import PASSPHRASE, make_card
from tests.timestamp_authority import OPENSSL, make_authority, run

AUTHORITY = '\n[[timestamps]]\nname = "outside"\naddress = ""\ncertificates = "tsa.pem"\n'


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A workspace with one card taken."""
    file = tmp_path / "passphrase.txt"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(file))
    monkeypatch.setenv("BWC_REVIEW_OPERATOR", "psd-1")  # who looks things up where several could
    folder = tmp_path / "workspace"
    people = ["--operator", "clerk-1:evidence_clerk", "--operator", "psd-1:psd_investigator"]
    main(["init", "-w", str(folder), "--agency", "police.example", "--passphrase-file", str(file), *people])
    assert main(["ingest", str(make_card(tmp_path / "CARD")), "-w", str(folder)]) == 0
    capsys.readouterr()
    return folder


def test_a_receipt_is_printed_for_the_last_card(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receipt", "-w", str(workspace), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    pdf, text = map(Path, made["files"])
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert made["docking"] in text.read_text("utf-8")
    assert main(["receipt", made["docking"], "-w", str(workspace), "--into", str(workspace / "desk")]) == 0
    assert len(list((workspace / "desk").iterdir())) == 2
    assert main(["receipt", "no-such-docking", "-w", str(workspace)]) == 61


def test_without_an_authority_in_the_settings_the_command_says_so(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["timestamps", "send", "-w", str(workspace), "--as", "clerk-1"]) == 2
    assert "[[timestamps]]" in capsys.readouterr().err


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_from_request_on_a_stick_to_a_bundle_that_openssl_checks(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = make_authority(tmp_path / "outside")
    (workspace / "tsa.pem").write_bytes(outside.pem)
    with (workspace / "workspace.toml").open("a", encoding="utf-8") as settings:
        settings.write(AUTHORITY)
    at = ["-w", str(workspace), "--as", "clerk-1", "--json"]
    assert main(["timestamps", "send", *at]) == 2  # it has no address
    capsys.readouterr()
    assert main(["timestamps", "send", *at, "--into", str(tmp_path / "stick")]) == 0
    _, request = map(Path, json.loads(capsys.readouterr().out))  # logging out of the first try signed a newer one
    answer = request.with_suffix(".tsr")
    answer.write_bytes(outside.answer(request.read_bytes()))
    assert main(["timestamps", "import", str(answer), *at]) == 0
    assert main(["timestamps", "import", str(answer), *at]) == 67
    capsys.readouterr()
    assert main(["timestamps", "list", "-w", str(workspace), "--json"]) == 0
    assert [(one["state"], one["trouble"]) for one in json.loads(capsys.readouterr().out)] == [
        ("queued", ""),
        ("kept", ""),
    ]
    assert main(["incident", "IR-1", "-w", str(workspace), "--as", "psd-1"]) == 0
    capsys.readouterr()
    assert main(["export", "-w", str(workspace), "--as", "psd-1", "--into", str(tmp_path / "out"), "--json"]) == 0
    bundle = Path(json.loads(capsys.readouterr().out)["path"])
    report = verify_bundle(bundle, trusted_vkey=(workspace / "keys" / "log.vkey").read_text("utf-8"))
    assert report.verdict is Verdict.VERIFIED_WITH_UNCHECKED, report.to_text()
    unchecked = [one.code for one in report.findings if one.severity is Severity.UNCHECKED]
    assert unchecked == ["timestamp_not_checked"]
    (stamped,) = (bundle / "data" / "custody" / "timestamps").glob("*.tsr")
    note = stamped.with_suffix(".note").read_bytes()
    (tmp_path / "body").write_bytes(b"".join(note.splitlines(keepends=True)[:3]))
    files = ("-in", stamped.name, "-data", str(tmp_path / "body"))
    trust = ("-CAfile", str(outside.root), "-untrusted", stamped.with_suffix(".pem").name)
    assert "Verification: OK" in run("ts", "-verify", *files, *trust, cwd=stamped.parent)
    assert note in [file.read_bytes() for file in (bundle / "data" / "custody" / "checkpoints").iterdir()]
    lines = (bundle / "VERIFY.txt").read_text("utf-8").splitlines()
    printed = [line for line in lines if line.startswith("    for t in data/custody/timestamps")]
    said = [
        subprocess.run(["bash", "-c", line], cwd=bundle, capture_output=True, text=True, check=False).stdout
        for line in printed
    ]
    assert "Verification: OK" in said[0]
    assert "Time stamp" in said[0]
    assert said[1] == ""
