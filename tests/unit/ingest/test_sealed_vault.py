"""An encrypted vault: the same bytes back, in any order, and every way of altering what is stored is refused."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyrage
import pytest

from ingest.audio import read_pcm
from ingest.copy import take_file
from ingest.derive import make_audio, make_frame_index, make_proxy
from ingest.errors import RecoveryRefused, VaultBusy, VaultDamaged, VaultLocked
from ingest.handover import hand_over, taken_over
from ingest.index import build_index
from ingest.listing import list_dock
from ingest.probe import probe
from ingest.unlocking import KEYS_NAME, Unlocking
from ingest.vault import Vault
from ingest.vault_care import make_encrypted, recover
from ingest.vault_keys import new_protection
from ingest.vault_reader import BODY_AT, SEGMENT, WHOLE
from tests.unit.ingest.vaults import SECRET, care_of, sealed_vault, secret, stored_file

SIZES = (0, 1, WHOLE - 1, WHOLE, WHOLE + 1, 5 * WHOLE, 5 * WHOLE + 17)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return sealed_vault(tmp_path / "vault")


def take(vault: Vault, folder: Path, data: bytes) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "a.mp4").write_bytes(data)
    (found,) = list_dock(folder).files
    return take_file(folder, found, vault).digests.sha256


@pytest.fixture
def data() -> bytes:
    return random.Random(7).randbytes(5 * WHOLE + 17)


@pytest.fixture
def sha256(vault: Vault, tmp_path: Path, data: bytes) -> str:
    return take(vault, tmp_path / "card", data)


@pytest.mark.parametrize("size", SIZES)
def test_every_length_comes_back_as_it_was(vault: Vault, tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    sha256 = take(vault, tmp_path / "card", data)
    with vault.open(sha256) as reader:
        assert reader.size == size == vault.size_of(sha256)
        assert reader.read() == data
    vault.verify(sha256)
    assert [one.size for one in vault.list_originals()] == [size]


def test_reading_anywhere_gives_what_a_plain_file_gives(
    vault: Vault, sha256: str, data: bytes, tmp_path: Path
) -> None:
    chance = random.Random(3)
    with vault.open(sha256) as reader, (tmp_path / "card" / "a.mp4").open("rb") as plain:
        for _ in range(300):
            at, count = chance.randrange(len(data) + 10), chance.choice((0, 1, 100, WHOLE, 3 * WHOLE))
            assert reader.seek(at) == plain.seek(at)
            assert reader.read(count) == plain.read(count)
            assert reader.tell() == plain.tell()
        assert reader.seek(-5, os.SEEK_END) == len(data) - 5
        buffer = bytearray(10)
        assert reader.readinto(buffer) == 5
        assert bytes(buffer[:5]) == data[-5:]


def test_nothing_of_the_footage_stands_in_the_vault(vault: Vault, sha256: str, data: bytes) -> None:
    for file in vault.root.rglob("*"):
        if file.is_file():
            stored = file.read_bytes()
            assert not any(data[at : at + 24] in stored for at in range(0, len(data) - 24, 4096))


def flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 0x10]))


@pytest.mark.parametrize("segment", [0, 2, 5])
def test_a_flipped_bit_is_refused_and_its_place_is_said(vault: Vault, sha256: str, data: bytes, segment: int) -> None:
    flip(stored_file(vault, sha256), BODY_AT + segment * SEGMENT + 30)
    with vault.open(sha256) as reader, pytest.raises(VaultDamaged, match=f"between byte {segment * WHOLE} and"):
        reader.seek(segment * WHOLE + 3)
        reader.read(1)
    with vault.open(sha256) as reader:
        good = 1 if segment != 1 else 2
        reader.seek(good * WHOLE)
        assert reader.read(10) == data[good * WHOLE : good * WHOLE + 10]
    with pytest.raises(VaultDamaged):
        vault.verify(sha256)


@pytest.mark.parametrize("at", [0, 12, 30, BODY_AT - 1])
def test_an_altered_head_is_refused(vault: Vault, sha256: str, at: int) -> None:
    flip(stored_file(vault, sha256), at)
    with pytest.raises(VaultDamaged):
        vault.open(sha256)


@pytest.mark.parametrize("cut", [1, 17 + 32, 17 + 32 + SEGMENT, 3 * SEGMENT, 10**9])
def test_a_truncated_object_is_refused_before_anything_is_read(vault: Vault, sha256: str, cut: int) -> None:
    path = stored_file(vault, sha256)
    os.truncate(path, max(0, path.stat().st_size - cut))
    with pytest.raises(VaultDamaged):
        vault.open(sha256)


def segments(path: Path) -> tuple[bytes, list[bytes]]:
    stored = path.read_bytes()
    body = stored[BODY_AT:]
    return stored[:BODY_AT], [body[at : at + SEGMENT] for at in range(0, len(body), SEGMENT)]


@pytest.mark.parametrize("change", ["swapped", "dropped", "doubled"])
def test_segments_that_were_moved_are_refused(vault: Vault, sha256: str, change: str) -> None:
    path = stored_file(vault, sha256)
    head, parts = segments(path)
    if change == "swapped":
        parts[1], parts[2] = parts[2], parts[1]
    elif change == "dropped":
        del parts[2]
    else:
        parts.insert(2, parts[2])
    path.write_bytes(head + b"".join(parts))
    with pytest.raises(VaultDamaged):
        vault.verify(sha256)


def test_another_original_put_in_its_place_is_refused(vault: Vault, sha256: str, data: bytes, tmp_path: Path) -> None:
    other = take(vault, tmp_path / "card", bytes(len(data)))
    stored_file(vault, sha256).write_bytes(stored_file(vault, other).read_bytes())
    with pytest.raises(VaultDamaged, match="another object's"):
        vault.open(sha256)


def test_a_key_record_put_in_anothers_place_or_altered_is_refused(vault: Vault, sha256: str, tmp_path: Path) -> None:
    (mine,) = (vault.root / "keys").rglob("*.key")
    take(vault, tmp_path / "card", b"another")
    (others,) = (path for path in (vault.root / "keys").rglob("*.key") if path != mine)
    record = mine.read_bytes()
    mine.chmod(0o600)
    for changed in (others.read_bytes(), record.replace(b'"size":', b'"size":1'), record[:-9], b""):
        mine.write_bytes(changed)
        with pytest.raises(VaultDamaged, match="key record"):
            vault.open(sha256)
    mine.unlink()
    with pytest.raises(VaultDamaged, match="key record"):
        vault.open(sha256)


def test_an_isolated_child_reads_the_ciphertext_with_a_key_it_was_handed(vault: Vault, recordings: Path) -> None:
    sha256 = take(vault, vault.root.parent / "card", (recordings / "plain.mp4").read_bytes())
    with vault.for_child(sha256) as handed:
        assert handed.key is not None
        assert os.pread(handed.descriptor, 8, 0).startswith(b"BWCVLT")
        assert probe(handed) == probe(recordings / "plain.mp4")


def test_a_child_says_where_an_encrypted_recording_is_damaged(vault: Vault, recordings: Path) -> None:
    sha256 = take(vault, vault.root.parent / "card", (recordings / "plain.mp4").read_bytes())
    flip(stored_file(vault, sha256), BODY_AT + 40)
    with vault.for_child(sha256) as handed:
        assert "altered on this disk between byte 0" in probe(handed).damage[0]


def test_the_wrong_secret_opens_nothing_and_the_right_one_still_does(vault: Vault, sha256: str) -> None:
    said = [b"wrong", SECRET]
    locked = Vault(vault.root, keys=Unlocking(vault.storage, lambda protection: said.pop(0)))
    with pytest.raises(VaultLocked, match="Try again"):
        locked.open(sha256)
    locked.verify(sha256)


def test_a_program_without_the_keys_neither_reads_nor_writes(vault: Vault, sha256: str) -> None:
    bare = Vault(vault.root)
    with pytest.raises(VaultLocked):
        bare.open(sha256)
    with pytest.raises(VaultLocked):
        bare.new_part()
    assert list(bare.staging.iterdir()) == []


def test_a_vault_whose_file_of_keys_was_taken_away_takes_nothing_in_unencrypted(vault: Vault) -> None:
    (vault.root / KEYS_NAME).unlink()
    again = Vault(vault.root, keys=Unlocking(vault.storage, secret), encrypted=True)
    with pytest.raises(VaultLocked, match=KEYS_NAME):
        again.new_part()


def test_an_altered_file_of_keys_is_refused(vault: Vault, sha256: str) -> None:
    file = vault.root / KEYS_NAME
    file.chmod(0o600)
    file.write_bytes(file.read_bytes().replace(b'"recovery":[]', b'"recovery":["age1evil"]'))
    with pytest.raises(VaultLocked, match="altered"):
        Vault(vault.root, keys=Unlocking(vault.storage, secret)).open(sha256)


def test_what_was_kept_before_the_vault_was_encrypted_stays_readable(tmp_path: Path) -> None:
    plain = Vault(tmp_path / "vault")
    old = take(plain, tmp_path / "card", b"kept in the clear")
    make_encrypted(plain.storage, new_protection("file"), SECRET)
    vault = Vault(tmp_path / "vault", keys=Unlocking(plain.storage, secret))
    new = take(vault, tmp_path / "card", b"kept sealed")
    for sha256 in (old, new):
        vault.verify(sha256)
    assert {one.sha256 for one in vault.list_originals()} == {old, new}


def test_changing_the_key_leaves_everything_readable_and_the_old_key_opens_nothing(vault: Vault, sha256: str) -> None:
    before = vault.keys.ring()
    assert care_of(vault).rotate(lambda count: None) == 1
    assert vault.keys.ring().active.id != before.active.id
    assert len(vault.keys.ring().keys) == 1
    vault.verify(sha256)
    sealed_vault(vault.root).verify(sha256)
    (record,) = (vault.root / "keys").rglob("*.key")
    assert before.active.id.encode() not in record.read_bytes()


def test_the_key_is_not_changed_while_something_is_being_written(vault: Vault, sha256: str) -> None:
    part = vault.new_part()
    with pytest.raises(VaultBusy):
        care_of(vault).rotate(lambda count: None)
    part.discard()
    care_of(vault).rotate(lambda count: None)


def test_a_change_of_key_cut_short_anywhere_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    vault = sealed_vault(tmp_path / "vault")
    kept = [take(vault, tmp_path / "card", bytes([n]) * 1000) for n in range(6)]

    class Cut(BaseException):
        pass

    for stop in (1, 2, 2):

        def progress(count: int, stop: int = stop) -> None:
            if count == stop:
                raise Cut

        with pytest.raises(Cut):
            care_of(sealed_vault(vault.root)).rotate(progress)
        for sha256 in kept:
            sealed_vault(vault.root).verify(sha256)
    care_of(sealed_vault(vault.root)).rotate(lambda count: None)
    again = sealed_vault(vault.root)
    assert len(again.keys.ring().keys) == 1
    for sha256 in kept:
        again.verify(sha256)


def test_a_recovery_identity_opens_a_vault_whose_secret_is_lost(vault: Vault, sha256: str, tmp_path: Path) -> None:
    pair, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    care_of(vault).add_recovery(str(pair.to_public()))
    care_of(vault).rotate(lambda count: None)
    protection = new_protection("keyring", "another")
    with pytest.raises(RecoveryRefused, match="does not open"):
        recover(vault.storage, str(stranger), protection, b"new secret")
    recover(vault.storage, f"# made by age-keygen\n{pair}\n", protection, b"new secret")
    Vault(vault.root, keys=Unlocking(vault.storage, lambda asked: b"new secret")).verify(sha256)
    with pytest.raises(VaultLocked):
        Vault(vault.root, keys=Unlocking(vault.storage, secret)).open(sha256)


def test_the_recovery_file_opens_with_the_standard_tool(vault: Vault, tmp_path: Path) -> None:
    pair = pyrage.x25519.Identity.generate()
    care_of(vault).add_recovery(str(pair.to_public()))
    file = vault.root / "recovery.age"
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n-> X25519 ")
    age = shutil.which("age") or shutil.which("rage")
    if age is None:
        pytest.skip("no age tool is installed; the header above is the format's own")
    (tmp_path / "identity").write_text(str(pair))
    said = subprocess.run([age, "-d", "-i", tmp_path / "identity", file], capture_output=True, check=True).stdout
    assert vault.keys.ring().active.secret.hex().encode() in said


@pytest.mark.parametrize("text", ["", "age1nonsense", "ssh-ed25519 AAAA", "\x00"])
def test_what_is_no_recipient_is_refused(vault: Vault, text: str) -> None:
    with pytest.raises(RecoveryRefused):
        care_of(vault).add_recovery(text)
    assert not (vault.root / "recovery.age").exists()


def test_a_worker_process_is_handed_an_opened_vault(vault: Vault, sha256: str, tmp_path: Path) -> None:
    worker = taken_over(hand_over(vault))
    worker.verify(sha256)
    vault.verify(take(worker, tmp_path / "card", b"taken by the worker"))


def test_derivatives_of_a_sealed_original_are_sealed_and_as_exact_as_others(
    vault: Vault, recordings: Path, tmp_path: Path
) -> None:
    sha256 = take(vault, tmp_path / "card", (recordings / "plain.mp4").read_bytes())
    plain = Vault(tmp_path / "plain")
    assert take(plain, tmp_path / "card", (recordings / "plain.mp4").read_bytes()) == sha256
    facts = probe(recordings / "plain.mp4")
    for made in (make_frame_index, make_audio):
        ours, theirs = made(vault, sha256), made(plain, sha256)
        assert (ours.sha256, ours.size) == (theirs.sha256, theirs.size)
        assert ours.path.name == theirs.path.name + ".floe"
        assert made(vault, sha256) == ours
    proxy, peer = make_proxy(vault, sha256, facts), make_proxy(plain, sha256, facts)
    with vault.open_kept(proxy.path, proxy.sha256) as ours, peer.path.open("rb") as theirs:
        shown, expected = build_index(ours), build_index(theirs)
    assert [shown.us_of(n) for n in range(len(shown))] == [expected.us_of(n) for n in range(len(expected))]
    assert shown.keyframes == expected.keyframes
    with vault.open_kept(proxy.path, proxy.sha256) as reader:
        data = reader.read()
    assert b"secret title" not in data and b"+10+20/" not in data
    with vault.open_kept(proxy.path, proxy.sha256) as ours, peer.path.open("rb") as theirs:
        heard, wanted = (np.frombuffer(b"".join(read_pcm(one)), "<i2").astype(float) for one in (ours, theirs))
    count = min(len(heard), len(wanted))
    lags = np.correlate(np.abs(heard[:count:8]), np.abs(wanted[:count:8]), "full")
    assert abs(int(np.argmax(lags)) - (len(heard[:count:8]) - 1)) * 8 <= 16_000 * 0.03


@pytest.mark.parametrize("name", ["b_frames.mp4", "vfr.mkv", "late_sound.mp4", "transport.ts"])
def test_a_sealed_proxy_shows_every_frame_at_its_own_time(vault: Vault, recordings: Path, name: str) -> None:
    sha256 = take(vault, vault.root.parent / "card", (recordings / name).read_bytes())
    proxy = make_proxy(vault, sha256, probe(recordings / name))
    with vault.open_kept(proxy.path, proxy.sha256) as ours, (recordings / name).open("rb") as theirs:
        shown, expected = build_index(ours), build_index(theirs)
    assert len(shown) == len(expected)
    assert max(abs(shown.us_of(n) - expected.us_of(n)) for n in range(len(shown))) <= 1000


def test_a_damaged_segment_of_a_sealed_derivative_is_made_again_and_never_shown(
    vault: Vault, recordings: Path
) -> None:
    sha256 = take(vault, vault.root.parent / "card", (recordings / "plain.mp4").read_bytes())
    made = make_audio(vault, sha256)
    made.path.chmod(0o600)
    flip(made.path, BODY_AT + 100)
    with vault.open_kept(made.path, made.sha256) as reader, pytest.raises(VaultDamaged):
        reader.read()
    again = make_audio(vault, sha256)
    with vault.open_kept(again.path, again.sha256) as reader:
        assert len(reader.read()) == made.size
