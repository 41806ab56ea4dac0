"""Whole bundles: they verify with our verifier and with other people's, and a failed export leaves nothing behind."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import bagit
import pytest

from bwc_review.errors import ExportFailed
from bwc_review.export import staging
from bwc_review.ports.bundle import BundleContent
from chain_of_custody.bag import write_bag
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.verify import verify_bundle
from tests.unit.export.conftest import Export, quiet, writer_of
from tests.unit.export.content_builder import make_content, renamed
from tests.unit.export.evidence_house import House, Log, make_house

KEY = Log().key.vkey.format() + "\n"


def load(bundle: Path, path: str) -> dict[str, object]:
    """One JSON file of a bundle."""
    found: dict[str, object] = json.loads((bundle / path).read_text("utf-8"))
    return found


def failures(bundle: Path) -> set[tuple[str, str]]:
    """What our verifier says is wrong: (code, where)."""
    report = verify_bundle(bundle, trusted_vkey=KEY)
    return {(one.code, one.where) for one in report.findings if one.severity is Severity.FAILED}


def test_a_bundle_verifies_with_our_verifier_and_with_bagit(bundle: Path) -> None:
    assert verify_bundle(bundle, trusted_vkey=KEY).verdict is Verdict.VERIFIED
    assert bagit.Bag(str(bundle)).validate()


def test_originals_are_bit_exact_and_named_by_exhibit(house: House, export: Export) -> None:
    content = make_content(house)
    bundle = export(content)
    index = load(bundle, "data/media/index.json")
    assert sorted(index) == [
        "CAM-1/WS1-2026-0001__CLIP_0001.mp4",
        "CAM-1/WS1-2026-0003__CLIP_0001.xml",
        "CAM-2/WS1-2026-0002__CLIP_0001.mp4",
    ]
    for path, digest in index.items():
        assert hashlib.sha256((bundle / "data" / "media" / path).read_bytes()).hexdigest() == digest
    assert set(index.values()) == {one.sha256 for one in content.exhibits}


def test_a_proxy_is_marked_as_a_derivative_of_its_original(house: House, export: Export) -> None:
    content = make_content(house)
    files = load(export(content), "data/derived/index.json")["files"]
    assert isinstance(files, dict)
    assert files["WS1-2026-0001.proxy.mp4"]["parent_sha256"] == content.exhibits[0].sha256


def test_rejected_suggestions_and_refused_files_are_in_the_bundle_with_reasons(bundle: Path) -> None:
    candidates = load(bundle, "data/review/candidates.json")["candidates"]
    assert isinstance(candidates, list)
    assert [(one["id"], one["state"]) for one in candidates] == [("c1", "open"), ("c2", "rejected")]
    assert candidates[1]["decision"]["reason"] == "reported speech"
    assert candidates[1]["incident_span"] == [1_999_960, 2_399_944]  # one second late, 40 ppm fast
    met = load(bundle, "data/review/review.json")["acquisitions"]
    assert isinstance(met, list)
    assert [(one["outcome"], one["reason"]) for one in met][2:] == [
        ("duplicate", "the same bytes as WS1-2026-0001"),
        ("refused", "the file is empty"),
    ]


def test_superseded_tags_stay_visible_as_superseded(bundle: Path) -> None:
    tags = load(bundle, "data/review/tags.json")["tags"]
    assert isinstance(tags, list)
    assert {one["id"]: one["state"] for one in tags} == {"t1": "confirmed", "t0": "superseded", "t2": "confirmed"}


def test_every_text_file_is_utf8_with_line_feeds(bundle: Path) -> None:
    kinds = {".txt", ".json", ".csv", ".js", ".css", ".html", ".vtt"}
    texts = [path for path in bundle.rglob("*") if path.suffix in kinds]
    assert len(texts) > 20
    for path in texts:
        assert "\r" not in path.read_bytes().decode("utf-8"), path


def test_a_flipped_byte_in_an_original_is_detected(bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "copy")
    clip = copy / "data/media/CAM-1/WS1-2026-0001__CLIP_0001.mp4"
    data = bytearray(clip.read_bytes())
    data[100] ^= 1
    clip.write_bytes(data)
    assert ("digest_differs", "data/media/CAM-1/WS1-2026-0001__CLIP_0001.mp4") in failures(copy)


def test_a_swapped_original_is_detected_even_when_the_bag_is_made_again(bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "copy")
    clip = copy / "data/media/CAM-1/WS1-2026-0001__CLIP_0001.mp4"
    old = hashlib.sha256(clip.read_bytes()).hexdigest()
    clip.write_bytes(clip.read_bytes()[:-1] + b"x")
    index = copy / "data/media/index.json"
    index.write_text(index.read_text().replace(old, hashlib.sha256(clip.read_bytes()).hexdigest()))
    shutil.move(copy / "seal", tmp_path / "seal")
    for made in (copy / "bagit.txt", copy / "bag-info.txt", *copy.glob("*manifest-*.txt")):
        made.unlink()
    write_bag(copy, info={}, known={})
    shutil.move(tmp_path / "seal", copy / "seal")
    assert {code for code, _ in failures(copy)} == {"media_without_ingest", "bag_differs"}


def test_hostile_names_become_plain_ones_and_the_bundle_still_verifies(house: House, export: Export) -> None:
    content = renamed(make_content(house), 0, "..\\../</script>\u202e\n=cmd|'/C calc'!A0.mp4")
    camera = "../../<img src=x onerror=alert(1)>"
    recordings = [replace(one, camera=camera) for one in content.recordings]  # type: ignore[arg-type]
    incident = replace(content.incident, title="</script><script>alert(1)</script>\r\n    rm -rf /")
    bundle = export(replace(content, recordings=recordings, incident=incident, exported_by="=x\n"))
    assert verify_bundle(bundle, trusted_vkey=KEY).verdict is Verdict.VERIFIED
    assert bagit.Bag(str(bundle)).validate()
    assert "<" not in (bundle / "data/viewer/data.js").read_text("utf-8")
    names = [part for path in bundle.rglob("*") for part in path.relative_to(bundle).parts]
    assert all(name.isascii() and not set(name) & set("<>:\"\\|?*' ") for name in names)


def test_a_spreadsheet_does_not_run_a_note(house: House, export: Export) -> None:
    content = make_content(house)
    tags = [replace(content.tags[0], note='=HYPERLINK("http://x")')]
    table = (export(replace(content, tags=tags)) / "data/review/tags.csv").read_text("utf-8")
    assert "\"'=HYPERLINK" in table


def test_an_existing_bundle_is_never_written_over(house: House, export: Export, out: Path) -> None:
    content = make_content(house)
    first = export(content)
    before = (first / "bag-info.txt").read_bytes()
    with pytest.raises(ExportFailed, match="exists already"):
        writer_of(house).lay_out(content, out, progress=quiet)
    assert (first / "bag-info.txt").read_bytes() == before
    assert [path.name for path in out.iterdir()] == [content.name]


def test_an_original_that_changed_in_the_vault_stops_the_export(house: House, out: Path) -> None:
    content = make_content(house)
    path = house.vault.path_for_child(content.exhibits[1].sha256)
    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ExportFailed, match="WS1-2026-0002 in the vault is no longer what was taken in"):
        writer_of(house).lay_out(content, out, progress=quiet)
    assert list(out.iterdir()) == []


def test_an_original_missing_from_the_vault_stops_the_export(house: House, out: Path) -> None:
    content = make_content(house)
    house.vault.path_for_child(content.exhibits[0].sha256).unlink()
    with pytest.raises(ExportFailed, match="restore the file from a second copy"):
        writer_of(house).lay_out(content, out, progress=quiet)
    assert list(out.iterdir()) == []


def test_a_proxy_that_is_not_the_one_made_stops_the_export(house: House, out: Path) -> None:
    content = make_content(house)
    proxy = next(iter(content.proxies.values()))
    (house.root / proxy.path).write_bytes(b"another")
    with pytest.raises(ExportFailed, match="not the one that was made"):
        writer_of(house).lay_out(content, out, progress=quiet)


def test_a_proxy_path_cannot_lead_out_of_the_workspace(house: House, out: Path) -> None:
    content = make_content(house)
    proxies = {key: replace(one, path="../../etc/passwd") for key, one in content.proxies.items()}
    with pytest.raises(ExportFailed, match="outside the workspace"):
        writer_of(house).lay_out(replace(content, proxies=proxies), out, progress=quiet)


@pytest.mark.parametrize("name", ["../escape", "a/b", "CON", "x\ny", ""])
def test_a_bundle_name_that_is_no_plain_name_is_refused(house: House, out: Path, name: str) -> None:
    with pytest.raises(ExportFailed, match="Choose another name"):
        writer_of(house).lay_out(make_content(house, name=name), out, progress=quiet)
    assert not out.exists()


def test_a_full_disk_is_said_and_nothing_half_written_stays(
    house: House, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_content(house)

    def full(self: Path, *args: object, **kwargs: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    real = staging.Staging.create
    calls: list[str] = []

    def create(self: staging.Staging, relative: str) -> object:
        calls.append(relative)
        return real(self, relative) if len(calls) < 4 else full(self.root)

    monkeypatch.setattr(staging.Staging, "create", create)
    with pytest.raises(ExportFailed, match=r"filled up while writing the bundle.*Make room"):
        writer_of(house).lay_out(content, out, progress=quiet)
    assert list(out.iterdir()) == []


def test_too_little_room_is_said_before_anything_is_written(
    house: House, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(house.root)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ExportFailed, match="not enough room"):
        writer_of(house).lay_out(make_content(house), out, progress=quiet)
    assert list(out.iterdir()) == []


def test_a_seal_of_another_bag_is_refused_and_leaves_nothing(house: House, out: Path) -> None:
    content = make_content(house)
    writer = writer_of(house)
    laid = writer.lay_out(content, out, progress=quiet)
    seal = house.log.seal(replace(laid, tagmanifest_sha256="0" * 64), len(content.log.leaves))
    with pytest.raises(ExportFailed, match="another bag"):
        writer.finish(laid, seal)
    assert list(out.iterdir()) == []


def test_before_the_seal_nothing_stands_under_the_final_name(house: House, out: Path) -> None:
    content = make_content(house)
    laid = writer_of(house).lay_out(content, out, progress=quiet)
    assert laid.folder == out / f".{content.name}.partial"
    assert not (out / content.name).exists()


def test_progress_counts_every_copied_byte(house: House, out: Path) -> None:
    content = make_content(house)
    heard: list[tuple[str, int, int]] = []
    writer_of(house).lay_out(content, out, progress=lambda *one: heard.append(one))
    copying = [(done, total) for what, done, total in heard if "originals" in what]
    size = sum(one.size for one in content.exhibits) + sum(one.size for one in content.proxies.values())
    assert copying[-1] == (size, size)
    assert copying == sorted(copying)


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.export.conftest import writer_of
from tests.unit.export.content_builder import make_content
from tests.unit.export.evidence_house import make_house
root = Path(sys.argv[1])
house = make_house(root)
def die(what, done, total):
    if "transcripts" in what:
        os.kill(os.getpid(), signal.SIGKILL)
writer_of(house).lay_out(make_content(house), root / "out", progress=die)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_export_leaves_no_final_name_and_the_next_one_clears_up(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(root)], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in (root / "out").iterdir()] == [".IR-2026-0001_bundle-01.partial"]
    (root / "out" / ".IR-2026-0001_bundle-01.partial" / "leftover.txt").write_text("old")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    house, content = _again(fresh)
    writer = writer_of(house)
    laid = writer.lay_out(content, root / "out", progress=quiet)
    bundle = writer.finish(laid, house.log.seal(laid, len(content.log.leaves)))
    assert verify_bundle(bundle, trusted_vkey=KEY).verdict is Verdict.VERIFIED
    assert [path.name for path in (root / "out").iterdir()] == [bundle.name]


def _again(root: Path) -> tuple[House, BundleContent]:
    house = make_house(root)
    return house, make_content(house)


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_a_link_under_the_staging_name_is_removed_and_never_followed(house: House, out: Path, tmp_path: Path) -> None:
    content = make_content(house)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "keep.txt").write_text("keep")
    out.mkdir()
    (out / f".{content.name}.partial").symlink_to(precious)
    laid = writer_of(house).lay_out(content, out, progress=quiet)
    assert not laid.folder.is_symlink()
    assert [path.name for path in precious.iterdir()] == ["keep.txt"]
