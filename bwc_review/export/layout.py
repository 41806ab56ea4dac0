"""Where each file of a bundle lies (docs/custody-format.md section 7). Decides names only, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bwc_review.domain.ids import ExhibitNo, RecordingId
from bwc_review.errors import ExportFailed
from bwc_review.export.names import TakenNames, safe_name
from bwc_review.ports.bundle import BundleContent

_FOLDER_NAME = 40
_NUMBER = 40
_NO_CAMERA = "no-camera"


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths inside the bundle, ``/`` between parts. ``stems`` name the review files of a recording."""

    originals: Mapping[ExhibitNo, str]
    proxies: Mapping[RecordingId, str]
    stems: Mapping[RecordingId, str]
    salvages: Mapping[RecordingId, str] = field(default_factory=dict)


def plan_layout(content: BundleContent) -> Layout:
    """Give every exhibit, proxy and transcript its path. Raises ExportFailed for a name no bundle may have."""
    _refuse_name(content.name)
    taken = TakenNames()
    cameras = _camera_of_exhibit(content)
    originals = {}
    for exhibit in content.exhibits:
        folder = safe_name(cameras.get(exhibit.number, ""), fallback=_NO_CAMERA, longest=_FOLDER_NAME)
        number = safe_name(exhibit.number, longest=_NUMBER)
        name = f"{number}__{safe_name(exhibit.name)}"
        originals[exhibit.number] = taken.free(f"data/media/{folder}", name)
    stems = {
        recording.id: taken.free("", safe_name(recording.exhibit, longest=_NUMBER))
        for recording in content.recordings
    }
    proxies = {one: f"data/derived/{stems[one]}.proxy.mp4" for one in content.proxies if one in stems}
    salvages = {one: f"data/derived/{stems[one]}.salvaged.mp4" for one in content.salvages if one in stems}
    return Layout(originals, proxies, stems, salvages)


def _refuse_name(name: str) -> None:
    if safe_name(name) != name:
        raise ExportFailed(
            f"'{safe_name(name)}' could be a bundle's name, the one given cannot: it must be letters, digits, "
            "'.', '-' and '_' only. Choose another name and export again."
        )


def _camera_of_exhibit(content: BundleContent) -> dict[ExhibitNo, str]:
    """Footage by its own camera; a sidecar by the only camera whose footage came in the same docking."""
    cameras: dict[ExhibitNo, str] = {one.exhibit: one.camera for one in content.recordings}
    dockings: dict[str, set[str]] = {}
    for met in content.acquisitions:
        if met.exhibit in cameras:
            dockings.setdefault(met.docking, set()).add(cameras[met.exhibit])
    for met in content.acquisitions:
        seen = dockings.get(met.docking, set())
        if met.exhibit is not None and met.exhibit not in cameras and len(seen) == 1:
            cameras[met.exhibit] = next(iter(seen))
    return cameras
