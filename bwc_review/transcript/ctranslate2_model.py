"""Reading CTranslate2's ``model.bin``: the variables of a converted model, by name, without copying.

Format: ``ModelSpec._serialize`` of CTranslate2 4 (``ctranslate2/specs/model_spec.py``), binary version 6,
little endian. What the variables mean is not decided here.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BINARY_VERSION = 6
DTYPES = ("<f4", "<i1", "<i2", "<i4", "<f2")  # by type id; id 5, bfloat16, is unknown to numpy


@dataclass(frozen=True, slots=True)
class Variables:
    """Everything in one ``model.bin``. The arrays are read-only views of the file's bytes."""

    spec: str
    arrays: Mapping[str, npt.NDArray[Any]]
    aliases: Mapping[str, str]  # another name -> name of the variable it stands for


def read(content: bytes) -> Variables:
    """Parse a whole file. Raises ValueError saying what is wrong with it; nothing may be left over."""
    file = _Cursor(content)
    version = file.number("I")
    if version != BINARY_VERSION:
        raise ValueError(f"its file format is version {version}, not {BINARY_VERSION}")
    spec = file.text()
    file.number("I")  # revision of the spec: it renames variables, and names are checked by who uses them
    arrays: dict[str, npt.NDArray[Any]] = {}
    for _ in range(file.number("I")):
        name = file.text()
        if name in arrays:
            raise ValueError(f"the variable {name} occurs twice")
        arrays[name] = _array(file, name)
    aliases = {}
    for _ in range(file.number("I")):
        alias = file.text()
        aliases[alias] = file.text()
    if file.at != len(content):
        raise ValueError(f"{len(content) - file.at} bytes are left over at its end")
    return Variables(spec, arrays, aliases)


def _array(file: _Cursor, name: str) -> npt.NDArray[Any]:
    shape = tuple(file.number("I") for _ in range(file.number("B")))
    kind = file.number("B")
    size = file.number("I")
    if kind >= len(DTYPES):
        raise ValueError(f"the variable {name} has numbers of the unknown type {kind}")
    dtype = np.dtype(DTYPES[kind])
    if size != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"the variable {name} has {size} bytes, which does not fit its shape {shape}")
    return np.frombuffer(file.take(size), dtype=dtype).reshape(shape)


class _Cursor:
    """Reads a file from front to back; ValueError where it ends too early."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self.at = 0

    def take(self, size: int) -> memoryview:
        if self.at + size > len(self._content):
            raise ValueError("it ends too early")
        self.at += size
        return self._content[self.at - size : self.at]

    def number(self, kind: str) -> int:
        form = "<" + kind
        value: int = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return value

    def text(self) -> str:
        raw = bytes(self.take(self.number("H")))
        if not raw.endswith(b"\0"):
            raise ValueError("a name in it has no end")
        return raw[:-1].decode("utf-8")  # UnicodeDecodeError is a ValueError
