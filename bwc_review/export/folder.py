"""The bundle as a folder: laid out under a staging name, sealed, and only then given its own.

Layout: docs/custody-format.md section 7. Formats live in the modules beside this one, bag and seal in the ground.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.speech import Heard
from bwc_review.errors import ExportFailed
from bwc_review.export.custody_files import write_custody_files, write_seal_files
from bwc_review.export.layout import Layout, plan_layout
from bwc_review.export.originals import copy_derivative, copy_original
from bwc_review.export.review_files import derived_index, review_files
from bwc_review.export.seal_files import add_cosignatures, seal_checkpoint
from bwc_review.export.sound import Sound, sounds_of
from bwc_review.export.staging import Staging
from bwc_review.export.texts import json_bytes, script_bytes, text_bytes, utc_date
from bwc_review.export.verify_text import one_line, verify_text
from bwc_review.export.viewer_data import viewer_data
from bwc_review.ports.bundle import BundleContent, LaidOut, Progress, Seal
from chain_of_custody.bag import write_bag
from chain_of_custody.digest import Digests
from chain_of_custody.errors import CustodyError
from ingest.vault import Vault

VIEWER = files("bwc_review") / "data" / "viewer"
VIEWER_FILES = (
    "viewer.css",
    "words.js",
    "player.js",
    "timeline.js",
    "transcript.js",
    "lists.js",
    "check.js",
    "viewer.js",
)


class FolderBundleWriter:
    """Writes bundles as folders (ports.bundle.BundleWriter). Raises ExportFailed and leaves nothing half-written."""

    def __init__(
        self,
        vault: Vault,
        *,
        transcript_vtt: Callable[[Heard], bytes],
        transcript_json: Callable[[Heard], bytes],
        workspace: Path,
    ) -> None:
        self._vault = vault
        self._transcript_vtt = transcript_vtt
        self._transcript_json = transcript_json
        self._workspace = workspace

    def lay_out(self, content: BundleContent, into: Path, *, progress: Progress) -> LaidOut:
        """Write everything but the seal under ``into/.NAME.partial``; what a killed export left there goes first.

        ``into`` is the folder the bundle will stand in. Raises ExportFailed.
        """
        layout = plan_layout(content)
        staging = Staging(into / content.name)
        total = _bytes_to_copy(content)
        staging.begin(total)
        with staging.or_nothing(), _reporting(staging, "writing the bundle"):
            copied = self._copy(content, layout, staging, _Meter(progress, total))
            progress("Writing transcripts, tags and the custody log", 0, 1)
            self._write_review(content, layout, staging)
            write_custody_files(staging.root, content.log, content.timestamps)
            _write_viewer(content, layout, sounds_of(content.peaks, self._vault, self._workspace), staging)
            progress("Writing transcripts, tags and the custody log", 1, 1)
            progress("Writing the manifests", 0, 1)
            bag = write_bag(staging.root, info=_bag_info(content), known=copied)
            progress("Writing the manifests", 1, 1)
        return LaidOut(
            folder=staging.root,
            tagmanifest_sha256=bag.tagmanifest_sha256,
            tagmanifest_sha512=bag.tagmanifest_sha512,
            files=bag.payload_files,
            size=bag.payload_bytes,
        )

    def finish(self, laid: LaidOut, seal: Seal) -> Path:
        """Write the seal, flush everything to the disk, rename, and return the final folder. Raises ExportFailed."""
        staging = Staging.of(laid.folder)
        with staging.or_nothing(), _reporting(staging, "sealing the bundle"):
            write_seal_files(laid, seal)
            return staging.publish()

    def seal_checkpoint(self, bundle: Path) -> bytes:
        """The checkpoint in a finished bundle's seal. Raises ExportFailed where there is none."""
        return seal_checkpoint(bundle)

    def add_cosignatures(self, bundle: Path, lines: bytes) -> int:
        """Add witnesses' signature lines to a finished bundle's seal; how many it did not have yet."""
        return add_cosignatures(bundle, lines)

    def _copy(self, content: BundleContent, layout: Layout, staging: Staging, meter: _Meter) -> dict[str, Digests]:
        originals = [
            copy_original(self._vault, one, layout.originals[one.number], staging, meter) for one in content.exhibits
        ]
        proxies = {
            recording: copy_derivative(self._vault, self._workspace, one, layout.proxies[recording], staging, meter)
            for recording, one in content.proxies.items()
            if recording in layout.proxies
        }
        salvages = {
            recording: copy_derivative(self._vault, self._workspace, one, layout.salvages[recording], staging, meter)
            for recording, one in content.salvages.items()
            if recording in layout.salvages
        }
        media = {one.path.removeprefix("data/media/"): one.digests.sha256 for one in originals}
        staging.write("data/media/index.json", json_bytes(media))
        staging.write("data/derived/index.json", json_bytes(derived_index(content, proxies, salvages)))
        return {one.path: one.digests for one in (*originals, *proxies.values(), *salvages.values())}

    def _write_review(self, content: BundleContent, layout: Layout, staging: Staging) -> None:
        for recording, transcript in content.transcripts.items():
            if stem := layout.stems.get(recording):
                staging.write(f"data/review/{stem}.vtt", self._transcript_vtt(transcript.heard))
                staging.write(f"data/review/{stem}.transcript.json", self._transcript_json(transcript.heard))
        for path, data in review_files(content, layout):
            staging.write(path, data)


class _Meter:
    """Counts copied bytes for the progress callback."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self, count: int) -> None:
        self._done += count
        self._progress("Copying and hashing the originals", self._done, self._total)


def _write_viewer(
    content: BundleContent, layout: Layout, sounds: Mapping[RecordingId, Sound], staging: Staging
) -> None:
    for name in VIEWER_FILES:
        staging.write(f"data/viewer/{name}", (VIEWER / name).read_bytes())
    staging.write("data/viewer/data.js", script_bytes("BUNDLE", viewer_data(content, layout, sounds)))
    staging.write("index.html", (VIEWER / "index.html").read_bytes())
    template = (VIEWER / "VERIFY.txt").read_text("utf-8")
    staging.write("VERIFY.txt", text_bytes(verify_text(template, content)))


def _bag_info(content: BundleContent) -> dict[str, str]:
    """Fields of RFC 8493 section 2.2.2 that are known here."""
    return {
        "Bag-Software-Agent": one_line(content.app) or "-",
        "Bagging-Date": utc_date(content.exported_at),
        "External-Identifier": content.name,
        "External-Description": one_line(f"{content.incident.id}: {content.incident.title}"),
        "Contact-Name": one_line(content.exported_by) or "-",
    }


def _bytes_to_copy(content: BundleContent) -> int:
    derived = (*content.proxies.values(), *content.salvages.values())
    return sum(one.size for one in content.exhibits) + sum(one.size for one in derived)


@contextmanager
def _reporting(staging: Staging, step: str) -> Iterator[None]:
    with staging.reporting(step):
        try:
            yield
        except CustodyError as refused:
            raise ExportFailed(
                f"The bundle could not be made: {refused.message()} Nothing was exported.", detail=refused.reason
            ) from refused
