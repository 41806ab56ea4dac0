"""The log key in hand: opened at most once without asking, asked for when it must be, never the one that retired."""

from __future__ import annotations

from pathlib import Path

from bwc_review.access.key_files import KeyFolder
from bwc_review.access.log_signer import LogSigner
from bwc_review.access.passphrases import PassphraseSources, nobody_to_ask
from chain_of_custody.keys import LogKey, generate_log_key, seal_key
from chain_of_custody.vkey import VerifierKey

ORIGIN = "police.example/bwc/ws1"
RIGHT = "correct horse"


class NothingKept:
    """A machine's keyring that keeps nothing."""

    def remember(self, vkey: VerifierKey, passphrase: str) -> None:
        raise AssertionError("nobody asked for that")

    def recall(self, vkey: VerifierKey) -> str | None:
        return None

    def forget(self, vkey: VerifierKey) -> bool:
        return False


def put(folder: Path, key: LogKey) -> None:
    """Make ``key`` the one in use."""
    folder.mkdir(exist_ok=True)
    (folder / "log.key").write_bytes(seal_key(key, RIGHT))
    (folder / "log.vkey").write_text(key.vkey.format() + "\n")


def signer(folder: Path, file: Path | None, asked: list[str]) -> LogSigner:
    """Over that folder; ``asked`` hears when a person or the file is."""

    def person() -> str:
        asked.append("person")
        return RIGHT

    def named() -> Path | None:
        asked.append("file")
        return file

    keys = KeyFolder(folder)
    sources = PassphraseSources(keys, NothingKept(), named, lambda: None, person, nobody_to_ask)
    return LogSigner(keys, sources)


def test_a_wrong_file_is_tried_once_and_nobody_is_asked_until_the_key_is_called_for(tmp_path: Path) -> None:
    put(tmp_path / "keys", generate_log_key(ORIGIN))
    (tmp_path / "wrong").write_text("another horse")
    asked: list[str] = []
    hand = signer(tmp_path / "keys", tmp_path / "wrong", asked)
    assert [hand.held(), hand.held()] == [None, None]
    assert asked == ["file"]


def test_a_key_that_was_called_for_is_in_hand_from_then_on(tmp_path: Path) -> None:
    key = generate_log_key(ORIGIN)
    put(tmp_path / "keys", key)
    asked: list[str] = []
    hand = signer(tmp_path / "keys", None, asked)
    assert hand.held() is None
    assert hand().vkey == key.vkey
    assert hand.held() is hand()
    assert asked == ["file", "file", "person"]


def test_a_file_opens_the_key_without_anybody_and_a_key_that_took_over_anew(tmp_path: Path) -> None:
    put(tmp_path / "keys", generate_log_key(ORIGIN))
    (tmp_path / "right").write_text(RIGHT)
    asked: list[str] = []
    hand = signer(tmp_path / "keys", tmp_path / "right", asked)
    assert hand.held() is not None
    after = generate_log_key(ORIGIN)
    put(tmp_path / "keys", after)
    now = hand.held()
    assert now is not None and now.vkey == after.vkey
    assert asked == ["file", "file"]
