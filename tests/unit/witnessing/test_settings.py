"""Witnesses in ``workspace.toml``: read as written, refused with the name of what is wrong, quorum and memory."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.errors import InputRefused, MemoryDamaged
from bwc_review.export.witness_settings import WitnessSettings
from bwc_review.ports.witnesses import Contradicted, Contradiction, KnownWitness
from bwc_review.store.witnessed_memory import FileMemory
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.cosignatures import with_lines
from chain_of_custody.errors import PolicyRefused
from chain_of_custody.policy import Policy
from tests.desks import PASSPHRASE, make_desk
from tests.unit.custody.scene import KEY, witness_named
from tests.unit.custody.witness_scene import W1

W2 = witness_named("press.example/w2")
NET = KnownWitness("commission", W1.vkey, "https://witness.example/prefix")
STICK = KnownWitness("press", W2.vkey)


def written(settings: WitnessSettings) -> WitnessSettings:
    """What comes back from the file."""
    top, tables = settings.to_lines()
    return WitnessSettings.from_mapping(tomllib.loads("\n".join([*top, *tables])))


@pytest.mark.parametrize(
    "settings",
    [
        WitnessSettings(),
        WitnessSettings((NET,)),
        WitnessSettings((NET, STICK), "all"),
        WitnessSettings((NET, STICK), "2", "policy.txt", "E:/memory"),
    ],
)
def test_what_is_written_is_read_back(settings: WitnessSettings) -> None:
    assert written(settings) == settings


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['name = "A b"', f'key = "{W1.vkey.format()}"', 'address = "files"'], "must have a name"),
        (['name = "a"', 'key = "nonsense"', 'address = "files"'], "key of the witness a cannot be used"),
        (['name = "a"', f'key = "{KEY.vkey.format()}"', 'address = "files"'], "no witness's key"),
        (['name = "a"', f'key = "{W1.vkey.format()}"', 'address = "ftp://x"'], "neither"),
        (['name = "a"', f'key = "{W1.vkey.format()}"', 'address = "http://u@x/"'], "neither"),
        (['name = "a"', f'key = "{W1.vkey.format()}"', 'address = "http://[x"'], "neither"),
        (['name = "a"', f'key = "{W1.vkey.format()}"'], "neither"),
        (['name = "a"', f'key = "{W1.vkey.format()}"', 'address = "files"', 'url = "x"'], "nothing else"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(lines: list[str], said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        WitnessSettings.from_mapping(tomllib.loads("\n".join(["[[witnesses]]", *lines])))


def test_two_of_one_name_or_key_and_an_impossible_quorum_are_refused() -> None:
    for pair in ((NET, KnownWitness("commission", W2.vkey)), (NET, KnownWitness("other", W1.vkey))):
        with pytest.raises(InputRefused, match="same name or key"):
            WitnessSettings(pair)
    for quorum in ("none", "0", "1.5", "-1", "100"):
        with pytest.raises(InputRefused, match="quorum"):
            WitnessSettings((NET,), quorum)
    with pytest.raises(InputRefused, match="cannot be met"):
        WitnessSettings((NET, STICK), "3")
    with pytest.raises(InputRefused, match="must be"):
        WitnessSettings.from_mapping({"witnesses": "x"})


def test_a_workspace_whose_witnesses_cannot_be_read_says_so(tmp_path: Path) -> None:
    make_desk(tmp_path / "ws").store.close()  # type: ignore[attr-defined]
    with (tmp_path / "ws" / "workspace.toml").open("a") as settings:
        settings.write('\n[[witnesses]]\nname = "a"\n')
    with pytest.raises(InputRefused, match="witness a"):
        open_workspace(tmp_path / "ws", lambda: PASSPHRASE)


@pytest.mark.parametrize(("quorum", "needs_both"), [("any", False), ("1", False), ("2", True), ("all", True)])
def test_the_quorum_is_any_all_or_a_number(quorum: str, needs_both: bool, tmp_path: Path) -> None:
    policy = WitnessSettings((NET, STICK), quorum).policy(tmp_path)
    assert policy is not None
    assert policy.met_by([W1.vkey]) is not needs_both
    assert policy.met_by([W1.vkey, W2.vkey])
    assert Policy.parse(policy.format()) == policy


def test_no_witness_no_policy_and_a_policy_file_counts_before_the_number(tmp_path: Path) -> None:
    assert WitnessSettings().policy(tmp_path) is None
    mine = Policy("both", (), {"a": W1.vkey, "b": W2.vkey}, {"both": (2, ("a", "b"))})
    (tmp_path / "policy.txt").write_bytes(mine.format())
    settings = WitnessSettings((NET, STICK), "any", "policy.txt")
    assert settings.policy(tmp_path) == mine
    with pytest.raises(PolicyRefused, match="has no"):
        WitnessSettings((NET,), "any", "policy.txt").policy(tmp_path)
    (tmp_path / "policy.txt").write_bytes(b"quorum nobody\n")
    with pytest.raises(PolicyRefused):
        settings.policy(tmp_path)
    with pytest.raises(PolicyRefused, match="unreadable"):
        WitnessSettings((NET,), "any", "nowhere").policy(tmp_path)


# --- the memory outside the database


def noted(size: int, *witnesses: object, root: bytes = bytes(32), origin: str = KEY.name) -> bytes:
    point = Checkpoint(origin, size, root)
    lines = [one.cosign(point.text(), 1_795_000_000) for one in witnesses]  # type: ignore[attr-defined]
    return with_lines(point.sign(KEY), lines)


def memory_at(*places: Path) -> FileMemory:
    return FileMemory(KEY.name, places)


def test_the_largest_note_is_kept_and_another_witnesss_line_over_it_is_added(tmp_path: Path) -> None:
    kept = memory_at(tmp_path / "a")
    assert kept.notes() == []
    kept.remember(noted(5, W1))
    kept.remember(noted(3, W2))
    kept.remember(noted(5, W2))
    later = W2.cosign(Checkpoint(KEY.name, 5, bytes(32)).text(), 1_795_000_009)
    kept.remember(with_lines(noted(5, W1), [later]))  # a second time would make the note one that is refused
    assert kept.notes() == [noted(5, W1, W2)]
    kept.remember(noted(6, W2))
    assert memory_at(tmp_path / "a").notes() == [noted(6, W2)]
    kept.remember(noted(6, W1, root=bytes(31) + b"\1"))  # another tree of that size takes the place of none
    assert kept.notes() == [noted(6, W2)]


def test_each_place_remembers_and_one_that_is_away_is_said_and_caught_up_later(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    kept = memory_at(tmp_path / "a", disk)
    kept.remember(noted(1, W1))
    assert kept.away() == [str(disk)]
    assert not disk.exists()
    disk.mkdir()
    kept.remember(noted(2, W1))
    assert kept.away() == []
    assert kept.notes() == [noted(2, W1), noted(2, W1)]
    (next(disk.glob("*.note"))).unlink()
    assert kept.notes() == [noted(2, W1)]


def test_several_logs_share_a_place_and_a_note_of_another_log_in_ones_own_name_is_damage(tmp_path: Path) -> None:
    memory_at(tmp_path).remember(noted(5, W1))
    assert FileMemory("police.example/bwc/ws2", [tmp_path]).notes() == []
    (file,) = tmp_path.glob("*.note")
    file.write_bytes(noted(5, W1, origin="police.example/bwc/ws2"))
    with pytest.raises(MemoryDamaged, match="it is about the log"):
        memory_at(tmp_path).notes()
    file.write_bytes(b"")
    with pytest.raises(MemoryDamaged):
        memory_at(tmp_path).notes()


def test_a_place_that_cannot_be_written_is_damage_and_what_was_kept_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MemoryDamaged):
        memory_at(tmp_path / "file").remember(noted(1, W1))
    assert memory_at(tmp_path / "file").notes() == []


def test_a_contradiction_is_kept_with_its_evidence_until_it_is_settled(tmp_path: Path) -> None:
    kept = memory_at(tmp_path / "a", tmp_path)
    found = Contradiction("commission", Contradicted.FORKED, 9, 5, 1_795_000_000_000_000, b"old 5\n\n\xff", b"no\n")
    kept.contradict(found)
    kept.contradict(found)
    assert memory_at(tmp_path / "a").contradictions() == [found]
    assert kept.contradictions() == [found]
    (file,) = (tmp_path / "a").glob("*.against")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(MemoryDamaged):
        kept.contradictions()
    file.unlink()
    kept.settle()
    assert kept.contradictions() == []
    assert len(list(tmp_path.glob("*.settled"))) == 1
