"""Eight cards at once on real disks while a recording plays; one is pulled mid-copy; a program killed mid-copy."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.playback.exact import ExactReader
from bwc_review.playback.frames import Frame
from bwc_review.playback.table import FrameTable, read_table
from bwc_review.playback.worker import DecodeWorker, Finished, Opened
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.docking_several import Docked, DockRequest, import_cards
from bwc_review.review.dockings import docking_states
from bwc_review.review.docks import watch_docks
from bwc_review.review.sessions import start_session
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict
from ingest.derive import make_proxy
from ingest.dock_settings import DockSettings
from ingest.index import build_index
from ingest.probe import probe
from tests.desks import CLERK, PASSPHRASE, Onlooker, make_desk
from tests.e2e.demo_run import ROOT
from tests.mounting import Disk, disk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SAMPLES = ROOT / "sample_media" / "cards"
CARDS = 8
PULLED = 3
LARGE = 24 << 20
MOST_DROPPED = 0.05
TICK_S = 0.005


class Clerk(Onlooker):
    """Looks on, pulls a disk when its large file is under way, and leaves preparing for later."""

    def __init__(self, pulls: Disk | None = None) -> None:
        super().__init__()
        self._pulls = pulls

    def copying(self, name: str, done: int, size: int) -> None:
        super().copying(name, done, size)
        if self._pulls is not None and name.startswith("LARGE") and 0 < done < size:
            self._pulls.break_off()
            self._pulls = None

    def cancelled(self) -> bool:
        return self.docking is not None and len(self.kept) + len(self.seen) == self.left + len(self.kept)


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[list[Disk]]:
    """Eight disks: a sample card each, its clips made different, and a large file of its own."""
    with ExitStack() as stack:
        made = [stack.enter_context(disk(tmp_path, f"CARD-{n}", megabytes=64)) for n in range(CARDS)]
        for number, one in enumerate(made):
            source = sorted(SAMPLES.glob("*-*"))[number % 2]
            shutil.copytree(source, one.root, dirs_exist_ok=True)
            for clip in (*one.root.rglob("*.MP4"), *one.root.rglob("*.mp4")):
                if clip.stat().st_size:
                    with clip.open("ab") as file:  # a free box, which every player passes over
                        file.write((12).to_bytes(4, "big") + b"free" + number.to_bytes(4, "big"))
            (one.root / f"LARGE{number}.BIN").write_bytes(os.urandom(1 << 20) * (LARGE >> 20))
            one.pull()
            one.put_in("ro", "noload")  # nothing of it is cached any more
        yield made


@dataclass
class Played:
    """What a presenter of 5 ms saw: frames that were due, and those that were on screen while they were due."""

    due: int = 0
    shown: int = 0
    late_ms: list[float] = field(default_factory=list)

    @property
    def dropped(self) -> float:
        return 1 - self.shown / max(1, self.due)


def play(proxy: Path, table: FrameTable, until: Callable[[], bool], least_s: float) -> Played:
    """Play again and again until ``until()``, at least ``least_s``, as the desktop's presenter shows frames."""
    played = Played()
    began = time.monotonic()
    while time.monotonic() - began < least_s or not until():
        worker = DecodeWorker(lambda: ExactReader(proxy.open("rb"), table, size=(854, 480)))
        worker.start()
        try:
            _play_once(worker, table, played, lambda: time.monotonic() - began >= least_s and bool(until()))
        finally:
            worker.close()
    return played


def _play_once(worker: DecodeWorker, table: FrameTable, played: Played, over: Callable[[], bool]) -> None:
    while not isinstance(worker.take(), Opened):
        time.sleep(0.001)
    worker.play(0)
    while worker.peek() is None:
        time.sleep(0.001)
    zero = time.monotonic()
    on_screen = -1
    while not over():
        now_us = int((time.monotonic() - zero) * 1_000_000)
        worker.hurry(now_us)
        while (waiting := worker.peek()) is not None:
            if isinstance(waiting, Finished):
                played.due += table.count
                return
            if isinstance(waiting, Frame) and table.us(waiting.n) > now_us:
                break
            worker.take()
            on_screen = waiting.n if isinstance(waiting, Frame) else on_screen
            shown_next = worker.peek()
            superseded = isinstance(shown_next, Frame) and table.us(shown_next.n) <= now_us
            played.shown += not superseded
        time.sleep(TICK_S)
    played.due += table.at(int((time.monotonic() - zero) * 1_000_000)) + 1


def proxy_of(desk: Desk) -> tuple[Path, FrameTable]:
    """The proxy of a sample clip, made before the clock starts."""
    clip = SAMPLES / "kestrel-kb2" / "DCIM" / "100KSTRL" / "KB2_00417_20260314T094130Z_003.MP4"
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    part = desk.vault.new_part()
    part.write(clip.read_bytes())
    part.finish()
    desk.vault.keep_original(part, digest)
    with desk.vault.for_child(digest) as handed:
        facts = probe(handed)
    made = make_proxy(desk.vault, digest, facts)
    with made.path.open("rb") as file:
        return made.path, read_table(build_index(file))


def clips_and_bytes(one: Disk) -> dict[str, str]:
    return {
        path.relative_to(one.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in one.root.rglob("*")
        if path.is_file() and path.stat().st_size
    }


def test_eight_cards_at_once_while_a_recording_plays_and_one_is_pulled(disks: list[Disk], tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "workspace")
    proxy, table = proxy_of(desk)
    idle = play(proxy, table, lambda: True, least_s=4)
    if idle.dropped > MOST_DROPPED:
        pytest.skip(f"this machine drops {idle.dropped:.0%} of frames with nothing else to do")
    expected = [clips_and_bytes(one) for one in disks]
    for one in disks:
        one.pull()
        one.put_in("ro", "noload")
    there = DockSettings(mount_roots=(str(disks[0].root.parent),)).poller(own=desk.folder)
    there.poll()
    assert [dock.root for dock in there.present] == [one.root for one in disks]
    assert len({dock.device for dock in there.present}) == CARDS

    session = start_session(desk, CLERK, "routine_docking")
    watches = [Clerk(one if number == PULLED else None) for number, one in enumerate(disks)]
    docked: list[Docked] = []
    at_once: list[int] = []
    desk.crew.give_way()  # as the desktop does while a player plays
    job = Thread(
        target=lambda: docked.extend(
            import_cards(desk, session, [DockRequest(one.root, w) for one, w in zip(disks, watches, strict=True)])
        )
    )
    job.start()

    def count() -> None:
        while job.is_alive():
            at_once.append(len(desk.crew.at_work))
            time.sleep(0.01)

    counter = Thread(target=count)
    counter.start()
    played = play(proxy, table, lambda: not job.is_alive(), least_s=4)
    job.join()
    counter.join()
    print(f"dropped {played.dropped:.2%} of {played.due} frames (idle {idle.dropped:.2%}); at once {max(at_once)}")
    assert played.dropped <= MOST_DROPPED
    assert max(at_once) >= 4, "cards on different devices are read side by side"

    assert [one.error is None for one in docked] == [number != PULLED for number in range(CARDS)]
    standing = {one.docking.label: one for one in docking_states(desk, session)}
    cut = standing[f"CARD-{PULLED}"]
    assert (cut.docking.state, cut.docking.ended_by, cut.resumable) == ("interrupted", "source_removed", True)
    assert cut.words.startswith("Interrupted, can be resumed: ")
    assert "Put the same card back and press Resume" in cut.next_step
    assert 0 < cut.left < cut.met
    assert there.poll()[0].dock.label == f"CARD-{PULLED}", "its going is told"

    disks[PULLED].mend()
    disks[PULLED].put_in("ro", "noload")
    desk.crew.full_pace()
    again = Clerk()
    report = import_card(desk, session, disks[PULLED].root, watch=again)
    assert report.docking.id == cut.docking.id
    assert len(again.kept) == cut.met - cut.left
    _everything_is_there_once(desk, expected)


def _everything_is_there_once(desk: Desk, expected: list[dict[str, str]]) -> None:
    """Every byte of every card is an exhibit, no file was taken twice as a new one, and every entry verifies."""
    with desk.store.reading() as work:
        exhibits = {one.sha256 for one in work.footage.exhibits()}
        entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
        assert {one.state for one in work.footage.dockings()} == {"done"}
        for docking in work.footage.dockings():
            settled = [one.seen_as for one in work.footage.acquisitions(docking.id)]
            assert len(settled) == len(set(settled))
            assert set(settled) == {one.seen_as for one in work.footage.met(docking.id)}
    assert exhibits >= {digest for card in expected for digest in card.values()}
    for sha256 in exhibits:
        desk.vault.verify(sha256)
    assert [one.type for one in entries].count("dock.resumed") == 1
    vkey = (desk.folder / "keys" / "log.vkey").read_text("utf-8")
    assert check_log(desk, trusted=vkey).verdict is Verdict.VERIFIED


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX act")
def test_a_program_killed_while_it_copies_leaves_a_docking_that_the_next_one_takes_up(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "workspace")
    session = start_session(desk, CLERK, "routine_docking")
    (tmp_path / "passphrase.txt").write_text(PASSPHRASE, "utf-8")
    card = tmp_path / "CARD"
    card.mkdir()
    for number in range(40):
        (card / f"{number:02d}.BIN").write_bytes(os.urandom(6 << 20))
    command = [sys.executable, "-m", "bwc_review", "ingest", str(card), "-w", str(desk.folder)]
    environment = {**os.environ, "BWC_REVIEW_PASSPHRASE_FILE": str(tmp_path / "passphrase.txt")}
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (standing := docking_states(desk, session)) or standing[0].left > 35:
        assert child.poll() is None
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    (cut,) = docking_states(desk, session)
    assert cut.words.startswith("Interrupted, can be resumed: ")
    assert cut.words.endswith("then the program ended, or the machine.")
    taken = cut.met - cut.left
    assert 0 < taken < 40
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"goes on: {taken} files" in " ".join((done.stdout + done.stderr).split())
    with desk.store.reading() as work:
        (docking,) = work.footage.dockings()
        types = [Entry.from_bytes(raw).type for raw in work.log.entries()]
        assert docking.state == "done"
        assert len(work.footage.exhibits()) == len(work.footage.acquisitions(docking.id)) == 40
    assert [one for one in types if one in ("media.ingest_interrupted", "dock.resumed", "dock.finished")] == [
        "media.ingest_interrupted", "dock.resumed", "dock.finished",
    ]  # fmt: skip
    assert not list(desk.vault.staging.iterdir())


def test_what_arrives_is_seen_by_the_watch_the_screens_use(disks: list[Disk], tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "workspace")
    settings = desk.folder / "workspace.toml"
    settings.write_text(
        settings.read_text("utf-8") + f'\n[docks]\nmount_roots = ["{disks[0].root.parent}"]\n', "utf-8"
    )
    watch = watch_docks(open_workspace(desk.folder, lambda: PASSPHRASE))
    assert len([one for one in watch.look() if one.came]) == CARDS
    disks[0].pull()
    assert [(one.dock.label, one.came) for one in watch.look()] == [("CARD-0", False)]
    disks[0].put_in("ro", "noload")
    assert [(one.dock.label, one.came) for one in watch.look()] == [("CARD-0", True)]
    assert all(one.protection in ("mounted-read-only", "write-blocked") for one in watch.present)
