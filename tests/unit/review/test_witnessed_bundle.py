"""A bundle of a log that was witnessed: what it carries, what the verifier and a stranger's own tools say of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.errors import ExportFailed, InputRefused
from bwc_review.ports.records import Session
from bwc_review.review.checkpoints import sign_now
from bwc_review.review.desk import Desk
from bwc_review.review.exporting import export_bundle
from bwc_review.review.sessions import start_session
from bwc_review.review.witness_files import take_answers, write_requests
from bwc_review.review.witness_seal import cosign_bundle
from bwc_review.review.witnessing import State, send
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.findings import Verdict
from chain_of_custody.policy import Policy
from chain_of_custody.report import Report
from chain_of_custody.verify import verify_bundle
from tests.desks import PASSPHRASE, REVIEWER
from tests.unit.export.test_verify_text import follow, printed
from tests.unit.review.conftest import CASE
from tests.unit.witnessing.conftest import port  # noqa: F401 - a fixture
from tests.witness_process import Commission, make_commission


@dataclass
class House:
    """A workspace with footage and an incident, whose settings name one witness over HTTP and one by files."""

    desk: Desk
    session: Session
    net: Commission
    stick: Commission
    port: int

    @property
    def policy(self) -> Policy:
        return Policy("both", (), {"a": self.net.vkey, "b": self.stick.vkey}, {"both": (2, ("a", "b"))})

    def export(self, into: Path) -> Path:
        made = export_bundle(self.desk, self.session, CASE, into, progress=lambda step, done, of: None)
        return Path(made.path)

    def carry(self, folder: Path) -> None:
        """Everything that waits for the witness by files, there and back."""
        for request in write_requests(self.desk, self.session, "press", folder):
            answer = request.with_suffix(".answer")
            self.stick.run("sign", str(request), "--out", str(answer))
            assert take_answers(self.desk, self.session, "press", [answer])[0].state is State.COSIGNED


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    made = tmp_path_factory.mktemp("witnesses")
    return make_commission(made / "net").state, make_commission(made / "files", "press.example/w2").state


@pytest.fixture
def house(taken: Path, states: tuple[Path, Path], tmp_path: Path, port: int) -> House:  # noqa: F811
    folder = tmp_path / "workspace"
    shutil.copytree(taken, folder)
    net, stick = (Commission(Path(shutil.copytree(one, tmp_path / one.name))) for one in states)
    with (folder / "workspace.toml").open("a", encoding="utf-8") as settings:  # as an administrator adds them
        for name, one, address in (("net", net, f"http://127.0.0.1:{port}"), ("press", stick, "files")):
            table = {"name": name, "key": one.vkey.format(), "address": address}
            settings.write("\n[[witnesses]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in table.items()))
    desk = open_workspace(folder, lambda: PASSPHRASE)
    for one in (net, stick):
        one.trust(desk.vkey)
    return House(desk, start_session(desk, REVIEWER, "export_to_commission"), net, stick, port)


def says(report: Report, code: str) -> list[str]:
    return [f"{one.where}: {one.text}" for one in report.findings if one.code == code]


def check(house: House, bundle: Path, policy: Policy) -> Report:
    return verify_bundle(bundle, trusted_vkey=house.desk.vkey, policy=policy)


def test_cosignatures_stand_below_the_checkpoints_and_over_the_seal_and_the_verifier_names_the_largest(
    house: House, tmp_path: Path
) -> None:
    shared = sign_now(house.desk, house.session)
    house.carry(tmp_path / "stick")
    with house.net.serving(house.port):
        send(house.desk, house.session)
        bundle = house.export(tmp_path)
    notes = [file.read_text("utf-8") for file in sorted((bundle / "data/custody/checkpoints").iterdir())]
    assert sum("— commission.example/w1 " in note for note in notes) >= 1
    assert sum("— press.example/w2 " in note for note in notes) >= 1
    sealed = Checkpoint.parse((bundle / "seal/checkpoint").read_bytes()).size
    report = check(house, bundle, Policy.any_of([house.net.vkey]))
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    (named,) = says(report, "witnessed")
    assert named.startswith(
        f"seal/cosignatures: The first {sealed} entries were cosigned by commission.example/w1 at 20"
    )
    # the witness by files has not seen the seal: a quorum of both reaches less far, and that is said
    both = check(house, bundle, house.policy)
    assert both.verdict is Verdict.VERIFIED
    assert f"The first {shared} entries were cosigned by " in says(both, "witnessed")[0]
    assert len(says(both, "tail_not_witnessed")) == 1


def test_the_command_with_a_policy_file_names_it_too(house: House, tmp_path: Path) -> None:
    with house.net.serving(house.port):
        bundle = house.export(tmp_path)
    (tmp_path / "policy.txt").write_bytes(Policy.any_of([house.net.vkey]).format())
    (tmp_path / "log.vkey").write_text(house.desk.vkey + "\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "chain_of_custody",
        "verify",
        str(bundle),
        "--policy",
        str(tmp_path / "policy.txt"),
    ]
    done = subprocess.run(
        [*command, "--key", str(tmp_path / "log.vkey")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "entries were cosigned by commission.example/w1" in done.stdout


def test_a_witness_that_answers_later_is_added_to_the_seal_and_nothing_else_of_the_bundle_changes(
    house: House, tmp_path: Path
) -> None:
    bundle = house.export(tmp_path)  # nobody answers
    assert not (bundle / "seal/cosignatures").exists()
    before = {file: file.read_bytes() for file in bundle.rglob("*") if file.is_file()}
    assert cosign_bundle(house.desk, house.session, bundle) == 0
    house.carry(tmp_path / "stick")
    with house.net.serving(house.port):
        assert cosign_bundle(house.desk, house.session, bundle) == 2
        assert cosign_bundle(house.desk, house.session, bundle) == 0
    now = {file: file.read_bytes() for file in bundle.rglob("*") if file.is_file()}
    assert set(now) - set(before) == {bundle / "seal/cosignatures"}
    assert all(now[file] == content for file, content in before.items())
    report = check(house, bundle, house.policy)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert says(report, "witnessed")[0].startswith("seal/cosignatures")
    assert list(tmp_path.glob(".*part")) == []


def test_without_a_witness_in_the_settings_a_bundle_is_as_before_and_says_so(taken: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(taken, tmp_path / "workspace"))
    desk = open_workspace(folder, lambda: PASSPHRASE)
    session = start_session(desk, REVIEWER, "export_to_commission")
    made = export_bundle(desk, session, CASE, tmp_path, progress=lambda step, done, of: None)
    assert "No witness had cosigned this log" in (Path(made.path) / "VERIFY.txt").read_text("utf-8")
    assert verify_bundle(Path(made.path), trusted_vkey=desk.vkey).verdict is Verdict.VERIFIED


def test_the_bundle_says_in_words_what_was_witnessed_and_its_printed_commands_prove_it(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sign_now(house.desk, house.session)
    with house.net.serving(house.port):
        send(house.desk, house.session)
        bundle = house.export(tmp_path)
    words = f"commission.example/w1 the first {size}, at 20"
    assert words in (bundle / "VERIFY.txt").read_text("utf-8")
    assert words in (bundle / "data/viewer/data.js").read_text("utf-8")
    key = tmp_path / "witness.vkey"
    key.write_text(house.net.vkey.format() + "\n", "utf-8")
    monkeypatch.setenv("W", str(key))
    said = printed(follow(bundle, house.desk.vkey, tmp_path, "0", "10"))["10"]
    sealed = Checkpoint.parse((bundle / "seal/checkpoint").read_bytes()).size
    assert any(line.startswith(f"seal/checkpoint: first {sealed} entries, 20") for line in said)
    assert said.count("Signature Verified Successfully") == 2
    assert any(line.startswith("VERIFIED.") for line in said)
    note = bundle / "seal/checkpoint"
    note.write_bytes(note.read_bytes().replace(f"\n{sealed}\n".encode(), f"\n{sealed + 1}\n".encode(), 1))
    said = printed(follow(bundle, house.desk.vkey, tmp_path, "0", "10"))["10"]
    assert said.count("Signature Verified Successfully") == 1


def test_the_bundle_of_another_log_and_a_folder_that_is_none_get_no_cosignatures(
    house: House, tmp_path: Path
) -> None:
    bundle = house.export(tmp_path)
    with pytest.raises(ExportFailed, match="no sealed bundle"):
        cosign_bundle(house.desk, house.session, tmp_path)
    note = bundle / "seal/checkpoint"
    note.write_bytes(note.read_bytes().replace(b"police.example/bwc/ws1\n", b"police.example/bwc/ws2\n", 1))
    with pytest.raises(InputRefused, match="not sealed by this log"):
        cosign_bundle(house.desk, house.session, bundle)
