"""Notes and proofs against Go's golang.org/x/mod/sumdb, both ways. A check for developers: skips where Go is absent.

Debian: golang-go and golang-golang-x-mod-dev. GOPATH may name another folder that has golang.org/x/mod.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chain_of_custody import merkle
from chain_of_custody.checkpoint import open_checkpoint
from chain_of_custody.vkey import VerifierKey
from tests.unit.custody.scene import KEY, made_log

GOPATH = Path(os.environ.get("GOPATH", "/usr/share/gocode"))


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb/note").is_dir():
        pytest.skip("Go with golang.org/x/mod is not installed")
    folder = tmp_path_factory.mktemp("go")
    shutil.copy(Path(__file__).with_name("go_peer.go.txt"), folder / "peer.go")
    env = {**os.environ, "GOPATH": str(GOPATH), "GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": str(folder / "cache")}
    subprocess.run([go, "build", "-o", "peer", "peer.go"], cwd=folder, env=env, check=True)
    return folder / "peer"


def question() -> dict[str, object]:
    """Our checkpoint of five entries, entry 1 in it, and its growth from three."""
    log = made_log()
    b64 = [base64.b64encode(one).decode() for one in log.leaf_list]
    return {
        "Vkey": KEY.vkey.format(),
        "Note": log.notes[-1].decode(),
        "Size": 5,
        "Index": 1,
        "Old": 3,
        "Leaf": b64[1],
        "Root": base64.b64encode(log.head.tree.root).decode(),
        "OldRoot": base64.b64encode(merkle.root(log.leaf_list[:3])).decode(),
        "Inclusion": [base64.b64encode(one).decode() for one in merkle.inclusion_proof(log.leaf_list, 1)],
        "Growth": [base64.b64encode(one).decode() for one in merkle.consistency_proof(log.leaf_list, 3)],
    }


def ask(peer: Path, asked: dict[str, object]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([peer], input=json.dumps(asked), capture_output=True, text=True, check=False)


def test_go_accepts_our_note_and_proofs_and_we_accept_gos_note(peer: Path) -> None:
    done = ask(peer, question())
    assert done.returncode == 0, done.stdout
    answer = json.loads(done.stdout)
    point = open_checkpoint(answer["note"].encode(), [VerifierKey.parse(answer["vkey"])])
    assert (point.origin, point.size) == ("peer.example/log", 1)


def test_go_refuses_what_we_refuse(peer: Path) -> None:
    for name, value in (("Index", 2), ("Old", 2), ("Leaf", question()["Root"]), ("Note", "x\n5\n")):
        assert ask(peer, {**question(), name: value}).returncode == 1, name
