"""What every storage of the vault promises: a folder, the memory fake, and an S3-speaking server on the loopback."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ingest.copy import take_file
from ingest.disk import Disk
from ingest.errors import StorageUnreachable
from ingest.handover import hand_over, taken_over
from ingest.listing import list_dock
from ingest.object_storage import ObjectStorage, memory_storage, object_storage
from ingest.probe import probe
from ingest.storage import FolderStorage, Storage
from ingest.unlocking import Unlocking
from ingest.vault import Vault
from ingest.vault_care import make_encrypted
from ingest.vault_keys import new_protection
from tests.desks import write_clip
from tests.unit.ingest.vaults import SECRET, care_of, secret

KINDS = ("folder", "memory", "s3")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A real HTTP server that speaks S3, with a bucket."""
    kept = {
        name: os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    }
    os.environ.update(AWS_ACCESS_KEY_ID="invented", AWS_SECRET_ACCESS_KEY="invented", AWS_DEFAULT_REGION="us-east-1")
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    boto3.client("s3", endpoint_url=f"http://{host}:{port}").create_bucket(Bucket="evidence")
    yield f"http://{host}:{port}"
    running.stop()
    for name, value in kept.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        (tmp_path / "staging").mkdir()
        return FolderStorage(tmp_path, tmp_path / "staging", Disk())
    if request.param == "memory":
        return memory_storage(tmp_path.name)
    endpoint = request.getfixturevalue("server")
    return object_storage(f"s3://evidence/{tmp_path.name}", {"endpoint_url": endpoint})


def part_of(tmp_path: Path, data: bytes) -> Path:
    part = tmp_path / f"{len(data)}.part"
    part.write_bytes(data)
    return part


def test_a_part_put_is_whole_under_its_name_and_gone_where_it_was(storage: Storage, tmp_path: Path) -> None:
    parts = [("originals/ab/one", part_of(tmp_path, b"first")), ("originals/cd/two", part_of(tmp_path, b"another"))]
    assert not storage.has("originals/ab/one")
    storage.put(parts)
    assert storage.has("originals/ab/one")
    assert storage.read_bytes("originals/cd/two") == b"another"
    assert storage.size("originals/cd/two") == 7
    assert not any(part.exists() for _, part in parts)


def test_ranges_are_read_from_anywhere(storage: Storage, tmp_path: Path) -> None:
    data = random.Random(1).randbytes(1_500_000)
    storage.put([("originals/big", part_of(tmp_path, data))])
    with storage.open("originals/big") as file:
        for at, count in ((0, 10), (1_200_000, 300_001), (700_000, 70_000), (5, 1)):
            assert file.seek(at) == at
            assert file.read(count) == data[at : at + count]
        assert file.seek(0, os.SEEK_END) == len(data)
        assert file.read(1) == b""


def test_texts_replace_one_another_and_many_are_kept_at_once(storage: Storage) -> None:
    storage.put_bytes("keys/aa/x.key", b"old")
    storage.put_many_bytes([("keys/aa/x.key", b"new"), ("keys/bb/y.key", b"more"), ("keys/bb/z.key", b"")])
    assert [storage.read_bytes(name) for name in storage.names("keys")] == [b"new", b"more", b""]
    assert list(storage.names("keys")) == ["keys/aa/x.key", "keys/bb/y.key", "keys/bb/z.key"]


def test_a_move_leaves_nothing_behind_and_a_removal_may_come_twice(storage: Storage) -> None:
    storage.put_bytes("originals/one", b"bytes")
    storage.move("originals/one", "quarantine/one.bytes")
    assert not storage.has("originals/one")
    assert storage.read_bytes("quarantine/one.bytes") == b"bytes"
    storage.remove("quarantine/one.bytes")
    storage.remove("quarantine/one.bytes")
    assert list(storage.names("quarantine")) == []


@pytest.mark.parametrize("act", ["open", "read_bytes", "size"])
def test_what_is_not_there_is_said_so(storage: Storage, act: str) -> None:
    with pytest.raises(FileNotFoundError):
        getattr(storage, act)("originals/nowhere")
    assert list(storage.names("nothing")) == []


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
def test_a_vault_works_the_same_on_every_storage(storage: Storage, tmp_path: Path, sealed: bool) -> None:
    clip = tmp_path / "clip.mp4"
    write_clip(clip, seconds=1)
    if sealed:
        make_encrypted(storage, new_protection("file"), SECRET)
    root = tmp_path if isinstance(storage, FolderStorage) else tmp_path / "local"
    vault = Vault(root, storage=storage, keys=Unlocking(storage, secret))
    assert vault.encrypted is sealed
    card = tmp_path / "card"
    card.mkdir()
    (card / "a.mp4").write_bytes(clip.read_bytes())
    (found,) = list_dock(card).files
    sha256 = take_file(card, found, vault).digests.sha256
    assert take_file(card, found, vault).duplicate
    vault.verify(sha256)
    assert [(one.sha256, one.size) for one in vault.list_originals()] == [(sha256, found.size)]
    with vault.for_child(sha256) as handed:
        assert probe(handed) == probe(clip)
    if not isinstance(storage, FolderStorage):
        assert not list(vault.staging.iterdir())
        assert not vault.originals.exists()
    if sealed:
        assert care_of(vault).rotate(lambda count: None) == 1
        vault.verify(sha256)
        name = f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}.floe"
        assert clip.read_bytes()[1000:1064] not in storage.read_bytes(name)
    vault.quarantine.set_aside(sha256, "scrub_differs")
    assert not vault.has(sha256)
    vault.quarantine.put_back(sha256)
    vault.quarantine.end(sha256)
    vault.verify(sha256)


def test_an_object_store_is_handed_over_to_a_worker(server: str, tmp_path: Path) -> None:
    storage = object_storage(f"s3://evidence/{tmp_path.name}", {"endpoint_url": server})
    storage.put_bytes("originals/x", b"seen by both")
    worker = taken_over(hand_over(Vault(tmp_path / "local", storage=storage)))
    assert isinstance(worker.storage, ObjectStorage)
    assert worker.storage.read_bytes("originals/x") == b"seen by both"


@pytest.mark.parametrize("url", ["s3://no-such-bucket/x", "nonsense://x", "s3://evidence/x"])
def test_a_store_that_does_not_answer_is_said_in_words(server: str, url: str) -> None:
    endpoint = "http://127.0.0.1:9" if url == "s3://evidence/x" else server
    with pytest.raises(StorageUnreachable, match="does not answer"):
        object_storage(url, {"endpoint_url": endpoint} if url.startswith("s3") else {})
