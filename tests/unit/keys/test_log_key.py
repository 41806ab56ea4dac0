"""The log key hands over: both keys sign, nothing is half written, and whoever comes late is told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.errors import KeyUnusable, PermissionDenied
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk, checkpoint
from bwc_review.review.log_key import rotate_log_key
from bwc_review.review.sessions import end_session, start_session
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import CustodyError, WrongPassphrase
from chain_of_custody.findings import Verdict
from chain_of_custody.keys import stated_vkey
from chain_of_custody.log_keys import LogKeys, rotation_of
from chain_of_custody.signing import LogKey
from chain_of_custody.vkey import ECDSA_P256
from tests.desks import CLERK, PASSPHRASE
from tests.staffed import ADMIN, PURPOSE, entries_of, last, reopened, sat_down, words_of

ROOT = Path(__file__).resolve().parents[3]
NEW = "the new invented passphrase"


def rotated(desk: Desk, alg: int = 1) -> str:
    """Rotate as the administrator; the new verifier key."""
    session = start_session(desk, ADMIN, PURPOSE)
    new = rotate_log_key(desk, session, NEW, alg)
    end_session(desk, session)
    return new.format()


def signed(folder: Path) -> None:
    """Sign a checkpoint with whichever passphrase opens the key in use."""
    for words in (PASSPHRASE, NEW):
        desk = open_workspace(folder, lambda words=words: words, words_of)  # type: ignore[misc]
        try:
            key = desk.signer()
        except WrongPassphrase:
            continue
        with desk.store.writing() as work:
            checkpoint(desk, work, key)
        return
    raise AssertionError("no passphrase opens the log key")


@pytest.mark.parametrize("alg", [1, ECDSA_P256])
def test_whoever_trusts_the_old_key_or_the_new_one_follows_the_hand_over(desk: Desk, alg: int) -> None:
    old = desk.vkey
    new = rotated(desk, alg)
    assert desk.vkey == new != old
    for trusted in (old, new):
        assert check_log(desk, trusted=trusted).verdict is Verdict.VERIFIED
    entry = last(desk, "key.log_rotated")
    turn = rotation_of(entry)
    assert turn is not None
    keys = LogKeys.starting([turn.old], [turn]).after(turn)
    with desk.store.reading() as work:
        sizes = [Checkpoint.parse(note).size for note in work.log.checkpoints()]
    assert sizes[-2:] == [entry.seq, entry.seq + 1], "one before, one after"
    assert (keys.at(entry.seq), keys.at(entry.seq + 1)) == ((turn.old,), (turn.new,))


def test_the_same_program_goes_on_signing_and_so_does_the_next(desk: Desk, folder: Path) -> None:
    rotated(desk)
    with desk.store.writing() as work, pytest.raises(WrongPassphrase):
        checkpoint(desk, work, desk.signer())  # this desk answers with the old passphrase when asked anew
    signed(folder)
    assert check_log(desk, trusted=desk.vkey).verdict is Verdict.VERIFIED


def test_the_old_sealed_key_is_kept_aside(desk: Desk, folder: Path) -> None:
    old = (folder / "keys" / "log.key").read_bytes()
    new = rotated(desk)
    assert [file.read_bytes() for file in (folder / "keys" / "retired").iterdir()] == [old]
    assert stated_vkey(LogKey, (folder / "keys" / "log.key").read_bytes()).format() == new
    assert sorted(file.name for file in (folder / "keys").iterdir() if file.is_file()) == ["log.key", "log.vkey"]


def test_a_program_that_opened_the_old_key_signs_no_checkpoint_with_it(desk: Desk, folder: Path) -> None:
    late = reopened(folder)
    key = late.signer()
    rotated(desk)
    before = len(entries_of(late))
    with pytest.raises(KeyUnusable, match="rotated"), late.store.writing() as work:
        checkpoint(late, work, key)
    with pytest.raises(WrongPassphrase):
        late.signer()  # it asks anew, and for the new key
    assert len(entries_of(late)) == before
    assert late.vkey == desk.vkey


def test_two_programs_that_rotate_at_once_leave_one_key_in_use_and_both_files_whole(desk: Desk, folder: Path) -> None:
    other = reopened(folder)
    mine, theirs = (start_session(one, ADMIN, PURPOSE) for one in (desk, other))
    old = other.signer()
    new = rotate_log_key(desk, mine, NEW).format()
    stale = open_workspace(folder, lambda: PASSPHRASE, words_of)
    object.__setattr__(other, "signer", lambda: old)
    with pytest.raises(KeyUnusable):
        rotate_log_key(other, theirs, "a third passphrase")
    assert stale.vkey == new
    signed(folder)
    assert check_log(stale, trusted=new).verdict is Verdict.VERIFIED


def test_only_who_may_configure_the_system_rotates_the_log_key(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        rotate_log_key(desk, sat_down(desk, CLERK), NEW)
    assert last(desk, "access.denied").subject.id == "system.configure"


def test_an_empty_new_passphrase_changes_nothing(desk: Desk, folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in (folder / "keys").iterdir() if file.is_file()}
    with pytest.raises(CustodyError):
        rotate_log_key(desk, start_session(desk, ADMIN, PURPOSE), "")
    assert {file.name: file.read_bytes() for file in (folder / "keys").iterdir() if file.is_file()} == before


# Forks a child for every number it is told; the child dies at that boundary of database or key folder.
FORKER = """
    import os, signal, sys
    from functools import partial
    from pathlib import Path
    from sqlalchemy import event
    from bwc_review import bootstrap
    from bwc_review.review import log_key
    from bwc_review.review.log_key import rotate_log_key
    from bwc_review.review.sessions import start_session
    from tests.staffed import ADMIN, PURPOSE, reopened
    from chain_of_custody.keys import KdfCost, seal_key
    from tests.unit.keys.test_log_key import NEW

    log_key.seal_key = partial(seal_key, cost=KdfCost(8192, 1, 1))
    for read_once in (bootstrap.app_name, bootstrap.load_taxonomy, bootstrap.load_lexicon):
        read_once()

    def act(folder, left):
        desk = reopened(Path(folder))
        session = start_session(desk, ADMIN, PURPOSE)
        desk.signer()
        engine = desk.store._database.engine
        def boundary(*_):
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        for moment in ("begin", "before_cursor_execute", "commit", "checkin"):
            event.listen(engine.pool if moment == "checkin" else engine, moment, boundary)
        def heard(name, args):
            if name in ("open", "os.rename", "os.mkdir") and "/keys/" in str(args[0]):
                boundary()
        sys.addaudithook(heard)
        rotate_log_key(desk, session, NEW)

    for line in sys.stdin:
        folder, left = line.split()
        pid = os.fork()
        if not pid:
            act(folder, int(left))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_at_any_step_of_a_rotation_the_workspace_goes_on_signing(made: Path, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(FORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    over: list[bool] = []
    code = -signal.SIGKILL
    while code == -signal.SIGKILL:
        folder = tmp_path / str(len(over))
        shutil.copytree(made, folder)
        print(folder, len(over) + 1, file=child.stdin, flush=True)
        code = int(child.stdout.readline())
        signed(folder)
        desk = reopened(folder)
        assert check_log(desk, trusted=desk.vkey).verdict is Verdict.VERIFIED
        over.append(any(one.type == "key.log_rotated" for one in entries_of(desk)))
        desk.store.close()  # type: ignore[attr-defined]
    child.stdin.close()
    child.wait()
    assert code == 0
    assert over == sorted(over), "before the commit never, after it always"
    assert over.count(False) >= 6
    assert over.count(True) >= 6
