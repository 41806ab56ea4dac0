"""The sound level of each recording as few enough numbers for the viewer's timeline. A picture, never evidence.

Read from the waveform derivative; a recording whose waveform is missing or damaged simply has none to show.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bwc_review.domain.ids import RecordingId
from bwc_review.ports.records import StoredDerivative
from ingest.errors import IngestError
from ingest.vault import Vault
from ingest.waveform import Waveform

ENOUGH = 1500  # columns a wide screen can show; the next finer level is at most four times as many


@dataclass(frozen=True, slots=True)
class Sound:
    """``levels``: base64 of one byte a column, 0..255, 255 what all but the loudest hundredth stay below.

    ``column`` is the length of a column, ``num / den`` microseconds from media time 0 on.
    """

    num: int
    den: int
    levels: str


def sounds_of(
    peaks: Mapping[RecordingId, StoredDerivative], vault: Vault, workspace: Path
) -> dict[RecordingId, Sound]:
    """Return the sound of every recording whose waveform is there and whole."""
    found = {recording: _sound(one, vault, workspace) for recording, one in peaks.items()}
    return {recording: sound for recording, sound in found.items() if sound is not None}


def _sound(stored: StoredDerivative, vault: Vault, workspace: Path) -> Sound | None:
    try:
        with vault.open_kept(workspace / stored.path, stored.sha256) as reader:
            data = reader.read()
        waveform = Waveform.from_bytes(data)
    except (OSError, IngestError):
        return None
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        return None
    wanted = [number for number, level in enumerate(waveform.levels) if len(level) >= ENOUGH]
    number = wanted[-1] if wanted else 0
    if not waveform.levels or not len(waveform.levels[number]):
        return None
    loud = np.abs(waveform.levels[number].astype(np.int32)).max(axis=1)
    reach = max(1, int(np.percentile(loud, 99)))
    columns = np.minimum(255, loud * 255 // reach).astype(np.uint8)
    samples = waveform.span * waveform.step**number
    return Sound(samples * 1_000_000, waveform.rate, base64.b64encode(columns.tobytes()).decode("ascii"))
