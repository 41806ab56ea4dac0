"""What leaves a real desk, judged by strangers: the verifier alone, and the commands it prints, run as they stand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bwc_review.bootstrap import create_workspace
from bwc_review.cli.main import main
from bwc_review.domain.ids import IncidentId
from bwc_review.review.exporting import export_bundle
from bwc_review.review.handing_over import Texts, export_log
from bwc_review.review.incidents import open_incident
from bwc_review.review.sessions import start_session
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.keys import generate_log_key, seal_key
from chain_of_custody.vkey import ECDSA_P256, ED25519
from tests.desks import PASSPHRASE, REVIEWER, SETTINGS, dock, make_card
from tests.unit.custody.lone import Lone

TOOLS = ("sh", "sha256sum", "sha512sum", "openssl", "base64")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]


def quiet(what: str, done: int, total: int) -> None:
    """Hears progress and says nothing."""


@pytest.fixture(scope="module", params=[ED25519, ECDSA_P256], ids=["ed25519", "p256"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A real workspace whose log key is of this kind, after a card was docked; its bundle and its log as files."""
    root = tmp_path_factory.mktemp("house")
    (root / "workspace" / "keys").mkdir(parents=True)
    sealed = seal_key(generate_log_key(SETTINGS.origin, alg=request.param), PASSPHRASE)
    (root / "workspace" / "keys" / "log.key").write_bytes(sealed)
    desk = create_workspace(root / "workspace", SETTINGS, PASSPHRASE)
    _, report = dock(desk, make_card(root / "CARD"))
    session = start_session(desk, REVIEWER, "export_to_commission")
    open_incident(desk, session, "An invented incident", [one.id for one in report.recordings], IncidentId("IR-1"))
    bundle = export_bundle(desk, session, IncidentId("IR-1"), root / "out", progress=quiet)
    export_log(desk, session, root / "log", Texts.INCLUDED)
    return Path(bundle.path), root


@pytest.fixture
def lone(tmp_path: Path) -> Lone:
    return Lone(tmp_path)


def test_the_lone_verifier_checks_a_real_bundle_and_the_live_logs_files(house: tuple[Path, Path], lone: Lone) -> None:
    bundle, root = house
    vkey = (root / "workspace/keys/log.vkey").read_text()
    report = lone.verify_bundle(bundle, trusted_vkey=vkey)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    key = str(root / "workspace/keys/log.vkey")
    for level in ("L0", "L1", "L2", "L3"):
        done = lone.run("verify-log", str(root / "log"), "--level", level, "--key", key)
        assert done.returncode == 0, done.stdout + done.stderr
    entry = next(iter(sorted((root / "log/entries").glob("*.json"))[3:]))
    kept = entry.read_bytes()
    entry.write_bytes(kept.replace(b"clerk-1", b"clerk-2"))
    told = lone._report("verify-log", str(root / "log"), "--key", key)
    entry.write_bytes(kept)
    assert {one.code for one in told.findings if one.severity is Severity.FAILED} == {"leaf_differs"}
    lone.close()


def printed(bundle: Path, key: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """The exit code of the tool, and the commands it prints."""
    capsys.readouterr()
    code = main(["verify", str(bundle), "--key", str(key)])
    lines = capsys.readouterr().out.split("The same by hand", 1)[1].splitlines()[1:]
    return code, [line.strip() for line in lines if line.strip()]


def by_hand(lines: list[str], bundle: Path, key: Path) -> subprocess.CompletedProcess[str]:
    """The lines as they stand, in a shell that stops at the first that fails."""
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "K": str(key), "PATH": here}
    line = ["sh", "-ec", "\n".join(lines)]
    return subprocess.run(line, cwd=bundle, env=env, capture_output=True, text=True, check=False)


def flip(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def forge_signature(file: Path) -> None:
    """Another base64 letter inside the log's signature line."""
    lines = file.read_text("utf-8").splitlines()
    at = len(lines[4]) - 12
    lines[4] = lines[4][:at] + ("A" if lines[4][at] != "A" else "B") + lines[4][at + 1 :]
    file.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
@pytest.mark.parametrize(
    ("tamper", "where"),
    [
        (None, ""),
        (flip, "data/media"),
        (flip, "bag-info.txt"),
        (forge_signature, "seal/checkpoint"),
    ],
)
def test_the_printed_commands_run_as_they_stand_and_agree_with_the_tool(
    house: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tamper: Callable[[Path], None] | None,
    where: str,
) -> None:
    bundle = Path(shutil.copytree(house[0], tmp_path / house[0].name))
    key = house[1] / "workspace" / "keys" / "log.vkey"
    if tamper is not None:
        target = bundle / where
        tamper(next(target.rglob("*.MP4")) if target.is_dir() else target)
    code, lines = printed(bundle, key, capsys)
    assert {line.split()[0] for line in lines} >= {"sha256sum", "sha512sum", "bagit.py", "openssl"}
    done = by_hand(lines, bundle, key)
    assert (code == 0) is (done.returncode == 0) is (tamper is None), done.stdout + done.stderr
    if tamper is None:
        assert "Verified Successfully" in done.stdout + done.stderr
        sealed = (bundle / "seal" / "seal-entry.json").read_text()
        digest = next(
            line.split()[0] for line in done.stdout.splitlines() if line.endswith("  tagmanifest-sha256.txt")
        )
        assert f'"tagmanifest_sha256":"{digest}"' in sealed
