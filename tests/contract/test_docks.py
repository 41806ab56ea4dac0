"""What every dock source promises, over each of them: mounted trees (real disks, and a probe handed in), drop folders
with a clock handed in, and the fake. Then the poller, and what is told of a device."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from ingest.devices import DeviceFacts, Mount, Protection, facts_of, mount_of
from ingest.docks import Arrived, Dock, DockPoller, DockSource, DropFolder, MountedTrees, Removed, dock_at
from ingest.errors import NotADock
from ingest.listing import list_dock
from tests.fakes.docks import FakeDocks
from tests.mounting import Disk, disk


class Stage(Protocol):
    """A place in which cards come and go, and the source that looks at it."""

    source: DockSource

    def put_in(self, name: str) -> None:
        """A card with one file arrives and counts at the next look."""

    def take_out(self, name: str) -> None:
        """It is gone at the next look."""


def fill(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "CLIP.MP4").write_bytes(b"evidence")
    return folder


class FakeStage:
    """The documented fake."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fake = FakeDocks()
        self.source: DockSource = self._fake

    def put_in(self, name: str) -> None:
        self._fake.put_in(fill(self._folder / name))

    def take_out(self, name: str) -> None:
        self._fake.take_out(name)


class ProbedStage:
    """Mounted trees whose probe and device facts are handed in."""

    def __init__(self, folder: Path) -> None:
        self._roots = folder
        self._mounts: dict[str, Mount] = {"system": Mount("/dev/sda1", Path("/"), ("rw",))}
        self.source: DockSource = MountedTrees(
            (folder,), own=(Path("/"),), probe=lambda: tuple(self._mounts.values()), identify=self._facts
        )

    def _facts(self, mount: Mount) -> DeviceFacts:
        return DeviceFacts(mount.device, "Vendor", "Reader", "S-1", f"vol-{mount.root.name}", True, False)

    def put_in(self, name: str) -> None:
        self._mounts[name] = Mount(f"/dev/{len(self._mounts)}", fill(self._roots / name), ("ro", "noatime"))

    def take_out(self, name: str) -> None:
        del self._mounts[name]


class DiskStage:
    """Mounted trees over real disks on loop devices."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._disks: dict[str, Disk] = {}
        self.source: DockSource = MountedTrees((folder / "mounts",), own=(Path("/"),))

    def put_in(self, name: str) -> None:
        if name in self._disks:
            self._disks[name].put_in()
            return
        self._disks[name] = self._stack.enter_context(disk(self._folder, name))
        fill(self._disks[name].root)

    def take_out(self, name: str) -> None:
        self._disks[name].pull()


class DropStage:
    """A drop folder whose clock is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.now = 0.0
        folder.mkdir()
        (folder / "stray.txt").write_bytes(b"no sub-folder, no dock")
        self.source: DockSource = DropFolder(folder, rest_s=5, clock=lambda: self.now)

    def put_in(self, name: str) -> None:
        fill(self._folder / name)
        self.source.look()
        self.now += 5

    def take_out(self, name: str) -> None:
        shutil.rmtree(self._folder / name)


STAGES: dict[str, Callable[[Path, ExitStack], Stage]] = {
    "fake": lambda folder, stack: FakeStage(folder / "fake"),
    "mounted, probe handed in": lambda folder, stack: ProbedStage(folder / "roots"),
    "mounted, real disks": lambda folder, stack: DiskStage(folder, stack),
    "drop folder": lambda folder, stack: DropStage(folder / "drop"),
}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield STAGES[request.param](tmp_path, stack)


def labels(events: tuple[object, ...]) -> list[str]:
    return [f"{'+' if isinstance(one, Arrived) else '-'}{one.dock.label}" for one in events]  # type: ignore[attr-defined]


def test_nothing_there_is_nothing_told(stage: Stage) -> None:
    poller = DockPoller([stage.source])
    assert poller.poll() == ()
    assert poller.present == ()


def test_a_card_is_told_when_it_comes_once_and_again_when_it_comes_back(stage: Stage) -> None:
    poller = DockPoller([stage.source])
    stage.put_in("CARD-1")
    assert labels(poller.poll()) == ["+CARD-1"]
    assert poller.poll() == ()
    stage.take_out("CARD-1")
    assert labels(poller.poll()) == ["-CARD-1"]
    assert poller.poll() == ()
    stage.put_in("CARD-1")
    assert labels(poller.poll()) == ["+CARD-1"]


def test_two_cards_are_two_docks_and_one_leaves_alone(stage: Stage) -> None:
    poller = DockPoller([stage.source])
    stage.put_in("CARD-1")
    stage.put_in("CARD-2")
    assert sorted(labels(poller.poll())) == ["+CARD-1", "+CARD-2"]
    assert len({dock.key for dock in poller.present}) == 2
    stage.take_out("CARD-1")
    assert labels(poller.poll()) == ["-CARD-1"]
    assert [dock.label for dock in poller.present] == ["CARD-2"]


def test_what_is_told_can_be_listed_and_says_what_protects_it(stage: Stage) -> None:
    stage.put_in("CARD-1")
    (dock,) = stage.source.look()
    assert [one.name.shown for one in list_dock(dock.root).files if one.size] == ["CLIP.MP4"]
    assert dock.device
    assert dock.protection in Protection


def test_looking_changes_nothing_on_a_card(stage: Stage) -> None:
    stage.put_in("CARD-1")
    (dock,) = stage.source.look()

    def state() -> list[tuple[str, int, int, bytes]]:
        found = sorted(dock.root.rglob("*"))
        return [
            (one.name, one.lstat().st_size, one.lstat().st_mtime_ns, one.read_bytes() if one.is_file() else b"")
            for one in found
        ]

    before = state()
    for _ in range(3):
        stage.source.look()
    assert state() == before


def test_a_label_is_safe_to_show(tmp_path: Path) -> None:
    stage = FakeStage(tmp_path)
    stage.put_in("card\u202egpj\n1")
    (dock,) = stage.source.look()
    assert dock.label == "card\\u{202e}gpj\\u{a}1"


# drop folders: only what rests counts


@pytest.fixture
def drop(tmp_path: Path) -> DropStage:
    return DropStage(tmp_path / "drop")


def test_a_sub_folder_that_is_still_copied_into_does_not_count(drop: DropStage, tmp_path: Path) -> None:
    clip = fill(tmp_path / "drop" / "CARD-1") / "CLIP.MP4"
    for _ in range(5):
        drop.source.look()
        drop.now += 4
        with clip.open("ab") as file:
            file.write(b"more")
    assert drop.source.look() == []
    drop.now += 5
    assert [dock.label for dock in drop.source.look()] == ["CARD-1"]


def test_a_sub_folder_that_begins_to_change_is_removed_until_it_rests_again(drop: DropStage, tmp_path: Path) -> None:
    poller = DockPoller([drop.source])
    drop.put_in("CARD-1")
    assert labels(poller.poll()) == ["+CARD-1"]
    (tmp_path / "drop" / "CARD-1" / "LATE.MP4").write_bytes(b"late")
    assert labels(poller.poll()) == ["-CARD-1"]
    drop.now += 5
    assert labels(poller.poll()) == ["+CARD-1"]


def test_a_file_whose_time_alone_changes_has_not_rested(drop: DropStage, tmp_path: Path) -> None:
    drop.put_in("CARD-1")
    os.utime(tmp_path / "drop" / "CARD-1" / "CLIP.MP4", ns=(1, 1))
    assert drop.source.look() == []


def test_an_empty_sub_folder_and_a_link_to_one_elsewhere_never_count(drop: DropStage, tmp_path: Path) -> None:
    (tmp_path / "drop" / "EMPTY").mkdir()
    (tmp_path / "drop" / "LINK").symlink_to(fill(tmp_path / "elsewhere"))
    drop.source.look()
    drop.now += 100
    assert drop.source.look() == []


# mounted trees: what counts, and what is known of it


def probed(*mounts: Mount, removable: bool, own: Path = Path("/"), blocked: bool = False) -> list[Dock]:
    facts = DeviceFacts("sdx", "", "", "", "", removable, blocked)
    source = MountedTrees((Path("/media"),), own=(own,), probe=lambda: mounts, identify=lambda mount: facts)
    return list(source.look())


def test_the_system_and_the_vaults_own_disk_are_never_cards() -> None:
    system, vault = Mount("/dev/a", Path("/"), ("rw",)), Mount("/dev/b", Path("/media/vault"), ("rw",))
    assert probed(system, removable=True) == []
    assert probed(vault, removable=True, own=Path("/media/vault/workspace")) == []


def test_a_fixed_disk_elsewhere_is_no_card_and_a_removable_one_is() -> None:
    elsewhere = Mount("/dev/b", Path("/data/disk"), ("rw",))
    assert probed(elsewhere, removable=False) == []
    assert [dock.label for dock in probed(elsewhere, removable=True)] == ["disk"]


@pytest.mark.parametrize(
    ("flags", "blocked", "protection"),
    [
        (("ro",), True, Protection.BLOCKED),
        (("rw",), True, Protection.BLOCKED),
        (("ro", "noatime"), False, Protection.READ_ONLY),
        (("rw", "errors=remount-ro"), False, Protection.WRITABLE),
    ],
)
def test_the_strongest_protection_is_said(flags: tuple[str, ...], blocked: bool, protection: Protection) -> None:
    (dock,) = probed(Mount("/dev/b", Path("/media/CARD"), flags), removable=True, blocked=blocked)
    assert dock.protection is protection


def test_a_real_disk_mounted_read_only_is_said_to_be(tmp_path: Path) -> None:
    with disk(tmp_path, "CARD-1") as card:
        assert dock_at(card.root).protection is Protection.WRITABLE
        card.pull()
        card.put_in("ro", "noload")
        assert dock_at(card.root).protection in (Protection.READ_ONLY, Protection.BLOCKED)


def test_two_real_disks_are_two_devices_and_two_folders_of_one_are_one(tmp_path: Path) -> None:
    with disk(tmp_path, "CARD-1") as one, disk(tmp_path, "CARD-2") as two:
        for root in (one.root / "a", one.root / "b", two.root / "c"):
            fill(root)
        assert dock_at(one.root / "a").device == dock_at(one.root / "b").device
        assert dock_at(one.root / "a").device != dock_at(two.root / "c").device


def test_a_folder_named_by_a_person_is_a_dock_and_a_file_is_none(tmp_path: Path) -> None:
    dock = dock_at(fill(tmp_path / "copied"))
    assert (dock.label, dock.device) == ("copied", facts_of(mount_of(tmp_path)).device)
    with pytest.raises(NotADock, match="is not a folder"):
        dock_at(tmp_path / "copied" / "CLIP.MP4")


# the poller


class Mute:
    """A source that cannot tell."""

    def __init__(self) -> None:
        self.docks: list[Dock] = []
        self.trouble: OSError | None = None

    def look(self) -> list[Dock]:
        if self.trouble is not None:
            raise self.trouble
        return self.docks


def test_a_source_that_cannot_tell_removes_nothing(tmp_path: Path) -> None:
    source = Mute()
    source.docks = [dock_at(fill(tmp_path / "CARD-1"))]
    poller = DockPoller([source])
    poller.poll()
    source.trouble = OSError(112, "Host is down", "/srv/drop")
    assert poller.poll() == ()
    assert len(poller.present) == 1
    assert poller.troubles == ("/srv/drop cannot be looked into (Host is down).",)
    source.trouble, source.docks = None, []
    assert [type(one) for one in poller.poll()] == [Removed]
    assert poller.troubles == ()


def test_watching_goes_on_until_it_is_stopped_and_rests_between_looks(tmp_path: Path) -> None:
    fake, rests = FakeDocks(), []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 1:
            fake.put_in(fill(tmp_path / "CARD-1"))
        elif len(rests) == 2:
            fake.take_out("CARD-1")

    told = list(DockPoller([fake], pause=rest).watch(lambda: len(rests) >= 3))
    assert labels(tuple(told)) == ["+CARD-1", "-CARD-1"]
    assert len(rests) == 3
