"""The weights of one engine in the names of the other. CTranslate2's own writer makes the files that are read."""

from __future__ import annotations

import base64
import gzip
import json
import struct
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.transcript import ctranslate2_model
from bwc_review.transcript.ctranslate2_model import Variables
from bwc_review.transcript.openai_weights import TIED, alignment_heads, dimensions, state_dict
from tests.fakes.small_whisper import DIMS, openai_state, small, written

KEY_BIAS = "decoder/layer_1/self_attention/linear_0/bias"


def changed(**to: Any) -> Variables:
    """The small model with variables replaced; ``__`` stands for ``/``."""
    model = ctranslate2_model.read(small())
    arrays = {**model.arrays, **{name.replace("__", "/"): array for name, array in to.items()}}
    return replace(model, arrays={name: array for name, array in arrays.items() if array is not None})


@pytest.mark.parametrize("quantization", ["float16", "float32"])
def test_every_weight_comes_back_under_its_own_name(quantization: str) -> None:
    original = openai_state()
    found = state_dict(ctranslate2_model.read(written(original, quantization)))
    assert set(found) == set(original)
    assert all(np.array_equal(found[name], original[name]) for name in original)
    assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}


def test_the_sizes_of_the_model_are_read_off_its_shapes() -> None:
    assert dimensions(ctranslate2_model.read(small())) == DIMS


def test_openai_whisper_takes_the_weights_and_misses_none() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra: whisper)")
    whisper = pytest.importorskip("whisper.model", reason="openai-whisper is not installed (extra: whisper)")
    model = whisper.Whisper(whisper.ModelDimensions(**asdict(DIMS)))
    found = state_dict(ctranslate2_model.read(small()))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in found.items()}, strict=True)
    assert all(np.array_equal(found[name], tensor.numpy()) for name, tensor in model.state_dict().items())


def test_a_key_with_a_bias_is_refused_not_dropped() -> None:
    bias = ctranslate2_model.read(small()).arrays[KEY_BIAS].copy()
    bias[8] = 0.5  # the first number of the key, behind eight of the query
    with pytest.raises(ValueError, match=f"{KEY_BIAS} gives the key a bias"):
        state_dict(changed(**{KEY_BIAS: bias}))


def test_quantised_weights_are_refused() -> None:
    with pytest.raises(ValueError, match=r"quantised|unknown"):
        state_dict(ctranslate2_model.read(written(openai_state(), "int8")))


def test_a_weight_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="encoder/layer_0/adapter/weight is unknown"):
        state_dict(changed(encoder__layer_0__adapter__weight=np.zeros((2, 2), np.float32)))


def test_weights_that_cannot_be_parted_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be parted into 3"):
        state_dict(changed(**{KEY_BIAS: np.zeros(25, np.float32)}))


def test_an_output_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="not tied"):
        state_dict(replace(ctranslate2_model.read(small()), aliases={TIED[0]: "decoder/other/weight"}))


def test_another_kind_of_model_is_refused_by_its_kind() -> None:
    with pytest.raises(ValueError, match="TransformerSpec"):
        state_dict(replace(ctranslate2_model.read(small()), spec="TransformerSpec"))


@pytest.mark.parametrize(
    ("name", "array", "told"),
    [
        ("encoder/conv1/weight", None, "encoder/conv1/weight is missing"),
        ("encoder/conv1/weight", np.zeros((8, 4), np.float32), "wrong number of axes"),
        ("decoder/num_heads", np.array(3, np.int16), "cannot have 3 heads"),
        ("encoder/num_heads", np.array(0, np.int16), "cannot have 0 heads"),
        ("encoder/position_encodings/encodings", np.zeros((6, 2), np.float32), "cannot have 2 channels"),
    ],
)
def test_sizes_that_make_no_whisper_model_are_refused(name: str, array: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        dimensions(changed(**{name: array}))


def test_the_heads_that_follow_the_sound_come_from_the_models_settings() -> None:
    dump = alignment_heads(b'{"alignment_heads": [[0, 3], [1, 0]]}', DIMS)
    mask = np.frombuffer(gzip.decompress(base64.b85decode(dump)), dtype=bool).reshape(2, 4)
    assert np.argwhere(mask).tolist() == [[0, 3], [1, 0]]


def test_base_gets_the_heads_openai_published_for_it() -> None:
    whisper = pytest.importorskip("whisper", reason="openai-whisper is not installed (extra: whisper)")
    published = np.frombuffer(gzip.decompress(base64.b85decode(whisper._ALIGNMENT_HEADS["base"])), dtype=bool)
    from bwc_review.transcript.weights import pinned

    base = replace(DIMS, n_text_layer=6, n_text_head=8)
    dump = alignment_heads(pinned().files["config.json"], base)
    assert gzip.decompress(base64.b85decode(dump)) == published.tobytes()


@pytest.mark.parametrize(
    "heads",
    [None, [], 3, "ab", {}, [[0]], [[0, 1, 2]], [[2, 0]], [[0, 4]], [[-1, 0]], [["0", "1"]], [[0.5, 1]], [[None, 1]]],
)
def test_heads_the_model_does_not_have_are_refused(heads: Any) -> None:
    with pytest.raises(ValueError, match="no usable alignment_heads"):
        alignment_heads(json.dumps({"alignment_heads": heads}).encode(), DIMS)


@pytest.mark.parametrize("config", [b"", b"\xff", b"[1]", b"{}", b"[" * 100_000])
def test_settings_that_are_no_settings_are_refused(config: bytes) -> None:
    with pytest.raises(ValueError, match="no usable alignment_heads"):
        alignment_heads(config, DIMS)


@given(st.data())
def test_a_file_cut_anywhere_is_refused(data: st.DataObject) -> None:
    cut = small()[: data.draw(st.integers(0, len(small()) - 1))]
    with pytest.raises(ValueError, match=r"too early|no end"):
        ctranslate2_model.read(cut)


@given(st.data())
def test_a_damaged_file_is_read_or_refused_never_more_than_that(data: st.DataObject) -> None:
    damaged = bytearray(small())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        model = ctranslate2_model.read(bytes(damaged))
        state_dict(model), dimensions(model)
    except ValueError as refused:
        assert str(refused)


def head(version: int = 6, variables: int = 0) -> bytes:
    return struct.pack("<I", version) + b"\x02\0X\0" + struct.pack("<II", 3, variables)


def variable(kind: int = 0, size: int = 8) -> bytes:
    return b"\x02\0v\0" + struct.pack("<BIBI", 1, 2, kind, size) + bytes(size)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: head(version=5) + bytes(4), "version 5, not 6"),
        (lambda: head() + bytes(5), "1 bytes are left over"),
        (lambda: head(variables=1) + variable(kind=5) + bytes(4), "unknown type 5"),
        (lambda: head(variables=1) + variable(size=4) + bytes(4), "4 bytes, which does not fit"),
        (lambda: head(variables=2) + variable() * 2 + bytes(4), "v occurs twice"),
        (lambda: struct.pack("<I", 6) + b"\x01\0X", "no end"),
    ],
)
def test_a_file_that_breaks_the_format_is_refused_with_the_reason(content: Callable[[], bytes], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ctranslate2_model.read(content())
