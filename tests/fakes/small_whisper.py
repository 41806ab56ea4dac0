"""A tiny Whisper model with random weights, written by CTranslate2's own writer as its converter would."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec

from bwc_review.transcript.openai_weights import Dimensions

State = dict[str, np.ndarray[Any, Any]]
DIMS = Dimensions(
    n_mels=4,
    n_audio_ctx=6,
    n_audio_state=8,
    n_audio_head=2,
    n_audio_layer=1,
    n_vocab=11,
    n_text_ctx=5,
    n_text_state=8,
    n_text_head=4,
    n_text_layer=2,
)


def openai_state() -> State:
    """Random weights under the names and in the shapes of ``whisper/model.py``."""
    shapes: dict[str, tuple[int, ...]] = {
        "encoder.positional_embedding": (6, 8),
        "encoder.conv1.weight": (8, 4, 3),
        "encoder.conv1.bias": (8,),
        "encoder.conv2.weight": (8, 8, 3),
        "encoder.conv2.bias": (8,),
        "decoder.token_embedding.weight": (11, 8),
        "decoder.positional_embedding": (5, 8),
    }
    blocks = ["encoder.blocks.0", "decoder.blocks.0", "decoder.blocks.1"]
    norms = ["encoder.ln_post", "decoder.ln"]
    for block in blocks:
        shapes |= {f"{block}.mlp.0.weight": (32, 8), f"{block}.mlp.0.bias": (32,)}
        shapes |= {f"{block}.mlp.2.weight": (8, 32), f"{block}.mlp.2.bias": (8,)}
        norms += [f"{block}.mlp_ln", f"{block}.attn_ln"]
        for attention in ("attn",) if block.startswith("encoder") else ("attn", "cross_attn"):
            norms.append(f"{block}.{attention}_ln")
            shapes |= {f"{block}.{attention}.{part}.weight": (8, 8) for part in ("query", "key", "value", "out")}
            shapes |= {f"{block}.{attention}.{part}.bias": (8,) for part in ("query", "value", "out")}
    shapes |= {f"{norm}.{leaf}": (8,) for norm in norms for leaf in ("weight", "bias")}
    random = np.random.default_rng(7)
    return {name: random.normal(size=shape).astype(np.float16).astype(np.float32) for name, shape in shapes.items()}


def written(state: Mapping[str, np.ndarray[Any, Any]], quantization: str | None = "float16") -> bytes:
    """The ``model.bin`` CTranslate2 makes of openai-whisper's weights, filled as its Whisper converter does."""
    spec = WhisperSpec(DIMS.n_audio_layer, DIMS.n_audio_head, DIMS.n_text_layer, DIMS.n_text_head)
    for name in ("conv1", "conv2"):
        fill(getattr(spec.encoder, name), state, f"encoder.{name}")
    norm(spec.encoder.layer_norm, state, "encoder.ln_post")
    norm(spec.decoder.layer_norm, state, "decoder.ln")
    spec.encoder.position_encodings.encodings = state["encoder.positional_embedding"]
    spec.decoder.position_encodings.encodings = state["decoder.positional_embedding"]
    spec.decoder.embeddings.weight = state["decoder.token_embedding.weight"]
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    for side in ("encoder", "decoder"):
        for n, layer in enumerate(getattr(spec, side).layer):
            block(layer, state, f"{side}.blocks.{n}", cross=side == "decoder")
    spec.register_vocabulary([f"<{n}>" for n in range(DIMS.n_vocab)])
    spec.validate()
    spec.optimize(quantization=quantization)
    with TemporaryDirectory() as folder:
        spec.save(folder)
        return Path(folder, "model.bin").read_bytes()


def fill(spec: Any, state: Mapping[str, Any], *names: str) -> None:
    first = state[f"{names[0]}.weight"]
    biases = [state.get(f"{name}.bias", np.zeros(len(first), first.dtype)) for name in names]
    spec.weight = np.concatenate([state[f"{name}.weight"] for name in names])
    spec.bias = np.concatenate(biases)


def norm(spec: Any, state: Mapping[str, Any], name: str) -> None:
    spec.gamma, spec.beta = state[f"{name}.weight"], state[f"{name}.bias"]


def block(spec: Any, state: Mapping[str, Any], name: str, *, cross: bool) -> None:
    fill(spec.self_attention.linear[0], state, *(f"{name}.attn.{part}" for part in ("query", "key", "value")))
    fill(spec.self_attention.linear[1], state, f"{name}.attn.out")
    norm(spec.self_attention.layer_norm, state, f"{name}.attn_ln")
    if cross:
        fill(spec.attention.linear[0], state, f"{name}.cross_attn.query")
        fill(spec.attention.linear[1], state, f"{name}.cross_attn.key", f"{name}.cross_attn.value")
        fill(spec.attention.linear[2], state, f"{name}.cross_attn.out")
        norm(spec.attention.layer_norm, state, f"{name}.cross_attn_ln")
    fill(spec.ffn.linear_0, state, f"{name}.mlp.0")
    fill(spec.ffn.linear_1, state, f"{name}.mlp.2")
    norm(spec.ffn.layer_norm, state, f"{name}.mlp_ln")


@cache
def small() -> bytes:
    return written(openai_state())
