"""The same Whisper weights under openai-whisper's names: what CTranslate2's converter did, undone.

Sources: ``WhisperSpec`` and ``TransformerSpec`` of CTranslate2 4 against ``whisper/model.py`` of openai-whisper.
The converter fuses query, key and value into one matrix and gives the key, which has no bias in Whisper,
a bias of zeros; 16 bit numbers are widened, which is exact. Only numpy is needed here.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bwc_review.transcript.ctranslate2_model import Variables

Floats = npt.NDArray[np.float32]

WHOLE: Mapping[str, str] = {
    "encoder/conv1": "encoder.conv1",
    "encoder/conv2": "encoder.conv2",
    "encoder/layer_norm": "encoder.ln_post",
    "decoder/layer_norm": "decoder.ln",
    "decoder/embeddings": "decoder.token_embedding",
}
POSITIONS: Mapping[str, str] = {
    "encoder/position_encodings/encodings": "encoder.positional_embedding",
    "decoder/position_encodings/encodings": "decoder.positional_embedding",
}
BLOCK: Mapping[str, tuple[str, ...]] = {  # several names: fused along the first axis, in this order
    "self_attention/layer_norm": ("attn_ln",),
    "self_attention/linear_0": ("attn.query", "attn.key", "attn.value"),
    "self_attention/linear_1": ("attn.out",),
    "attention/layer_norm": ("cross_attn_ln",),
    "attention/linear_0": ("cross_attn.query",),
    "attention/linear_1": ("cross_attn.key", "cross_attn.value"),
    "attention/linear_2": ("cross_attn.out",),
    "ffn/layer_norm": ("mlp_ln",),
    "ffn/linear_0": ("mlp.0",),
    "ffn/linear_1": ("mlp.2",),
}
LEAF: Mapping[str, str] = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}
TIED = ("decoder/projection/weight", "decoder/embeddings/weight")
_LAYER = re.compile(r"(encoder|decoder)/layer_(\d+)/(.+)")


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The fields of ``whisper.model.ModelDimensions``, in its order."""

    n_mels: int
    n_audio_ctx: int
    n_audio_state: int
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    n_text_ctx: int
    n_text_state: int
    n_text_head: int
    n_text_layer: int


def state_dict(model: Variables) -> dict[str, Floats]:
    """Return the weights as openai-whisper names them, in 32 bits.

    Raises ValueError for another kind of model, an unknown or quantised weight, a key with a bias.
    """
    if model.spec != "WhisperSpec":
        raise ValueError(f"it is a model of the kind {model.spec}, not WhisperSpec")
    if model.aliases.get(TIED[0]) != TIED[1]:
        raise ValueError("its output is not tied to its word embeddings")
    state: dict[str, Floats] = {}
    for name, array in model.arrays.items():
        if array.ndim:  # single numbers are settings of CTranslate2
            state.update(_renamed(name, array))
    return state


def dimensions(model: Variables) -> Dimensions:
    """Read the sizes off the shapes. Raises ValueError where they make no Whisper model."""
    mels = _shape(model, "encoder/conv1/weight", 3)[1]
    audio_ctx, audio_state = _shape(model, "encoder/position_encodings/encodings", 2)
    text_ctx, text_state = _shape(model, "decoder/position_encodings/encodings", 2)
    if audio_state % 2 or audio_state < 4:
        raise ValueError(f"its encoder cannot have {audio_state} channels")
    return Dimensions(
        n_mels=mels,
        n_audio_ctx=audio_ctx,
        n_audio_state=audio_state,
        n_audio_head=_heads(model, "encoder", audio_state),
        n_audio_layer=_layers(model, "encoder"),
        n_vocab=_shape(model, "decoder/embeddings/weight", 2)[0],
        n_text_ctx=text_ctx,
        n_text_state=text_state,
        n_text_head=_heads(model, "decoder", text_state),
        n_text_layer=_layers(model, "decoder"),
    )


def alignment_heads(config: bytes, dims: Dimensions) -> bytes:
    """Return the dump ``Whisper.set_alignment_heads`` takes, from the model's ``config.json``.

    The heads are those whose attention follows the sound (openai-whisper's ``_ALIGNMENT_HEADS``).
    Raises ValueError when the file names none, or one the model does not have.
    """
    mask = np.zeros((dims.n_text_layer, dims.n_text_head), dtype=bool)
    try:
        for layer, head in json.loads(config)["alignment_heads"]:
            if layer < 0 or head < 0:
                raise IndexError(layer, head)
            mask[layer, head] = True
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as wrong:
        raise ValueError("its config.json has no usable alignment_heads") from wrong
    if not mask.any():
        raise ValueError("its config.json has no usable alignment_heads")
    return base64.b85encode(gzip.compress(mask.tobytes(), mtime=0))


def _renamed(name: str, array: npt.NDArray[Any]) -> Iterator[tuple[str, Floats]]:
    targets = _targets(name)
    if array.dtype.kind != "f":
        raise ValueError(f"its weight {name} is quantised; only 16 and 32 bit weights can be converted")
    if len(array) % len(targets):
        raise ValueError(f"its weight {name} cannot be parted into {len(targets)}")
    for target, part in zip(targets, np.split(array, len(targets)), strict=True):
        if not target.endswith(".key.bias"):
            yield target, part.astype(np.float32)
        elif np.any(part):
            raise ValueError(f"its weight {name} gives the key a bias, which Whisper does not have")


def _targets(name: str) -> tuple[str, ...]:
    if name in POSITIONS:
        return (POSITIONS[name],)
    stem, _, leaf = name.rpartition("/")
    if leaf in LEAF:
        if stem in WHOLE:
            return (f"{WHOLE[stem]}.{LEAF[leaf]}",)
        layer = _LAYER.fullmatch(stem)
        if layer and layer[3] in BLOCK:
            return tuple(f"{layer[1]}.blocks.{layer[2]}.{part}.{LEAF[leaf]}" for part in BLOCK[layer[3]])
    raise ValueError(f"its weight {name} is unknown")


def _shape(model: Variables, name: str, axes: int) -> tuple[int, ...]:
    if name not in model.arrays or model.arrays[name].ndim != axes:
        raise ValueError(f"its weight {name} is missing or has the wrong number of axes")
    return model.arrays[name].shape


def _heads(model: Variables, side: str, state: int) -> int:
    _shape(model, f"{side}/num_heads", 0)
    heads = int(model.arrays[f"{side}/num_heads"])
    if heads < 1 or state % heads:
        raise ValueError(f"its {side} cannot have {heads} heads")
    return heads


def _layers(model: Variables, side: str) -> int:
    found = {layer[2] for layer in map(_LAYER.match, model.arrays) if layer and layer[1] == side}
    return len(found)
