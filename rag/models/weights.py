"""The weights of a BERT model that an ONNX file holds in eight bits, as float32.

Only what `rag.models.reader` needs of onnx.proto3 (ONNX 1.17) is read: the library for it would be
larger than all that reads it here. A file has been checked by its hash before it comes here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rag.models.encoder import Matrix

_TYPES = {1: np.float32, 2: np.uint8, 3: np.int8}
"""ONNX's numbers for the types of numbers; tensors of other types are no weights."""
_SUFFIXES = ("_quantized", "_scale", "_zero_point")
_PLACE = re.compile(r"^/bert/(encoder/layer\.\d+/.+?)/MatMul_quant$")


def weights(path: Path) -> dict[str, Matrix]:
    """Return the weights by their names in the model; matrices of dense layers as (to, from).

    Raises:
        ValueError: the file is no model of this kind.
    """
    try:
        (graph,) = (value for field, value in _fields(path.read_bytes()) if field == 7)
        tensors: dict[str, Matrix | None] = {}
        products: dict[str, str] = {}
        for field, value in _fields(_bytes(graph)):
            if field == 5:
                name, tensor = _tensor(_bytes(value))
                tensors[name] = tensor
            elif field == 1:
                products |= _product(_bytes(value))
        return _named(tensors, products)
    except (IndexError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no BERT model in eight bits: {error}") from error


def _named(tensors: dict[str, Matrix | None], products: dict[str, str]) -> dict[str, Matrix]:
    found: dict[str, Matrix] = {}
    for name, tensor in tensors.items():
        base = name.removesuffix("_quantized")
        if base == name and tensor is not None and not name.endswith(_SUFFIXES):
            found[name.removeprefix("bert.")] = tensor
        elif base != name:
            matrix = _plain(tensors, base)
            place = products.get(name)
            found[place or base.removeprefix("bert.")] = matrix.T if place else matrix
    return found


def _plain(tensors: dict[str, Matrix | None], base: str) -> Matrix:
    numbers, scale, zero = (np.asarray(tensors[base + suffix], np.float32) for suffix in _SUFFIXES)
    return np.asarray((numbers - zero) * scale, np.float32)


def _tensor(data: bytes) -> tuple[str, Matrix | None]:
    name, kind, raw = "", 0, b""
    shape: list[int] = []
    few: list[int] = []
    for field, value in _fields(data):
        if field == 1:
            shape += [value] if isinstance(value, int) else list(_varints(value))
        elif field == 2 and isinstance(value, int):
            kind = value
        elif field == 8:
            name = _bytes(value).decode()
        elif field in {4, 9}:  # numbers one after the other, either way
            raw = _bytes(value)
        elif field == 5:
            few += [value] if isinstance(value, int) else list(_varints(value))
    known = _TYPES.get(kind)
    if known is None:
        return name, None
    numbers = np.array(few).astype(known) if few else np.frombuffer(raw, known)
    return name, numbers.reshape(shape)


def _product(data: bytes) -> dict[str, str]:
    """Return the weight of a node that multiplies by one, with the place it has in the model."""
    inputs = [_bytes(value).decode() for field, value in _fields(data) if field == 1]
    (name,) = [_bytes(value).decode() for field, value in _fields(data) if field == 3] or [""]
    place = _PLACE.match(name)
    held = [one for one in inputs if one.endswith("_quantized")]
    if place is None or not held:
        return {}
    return {held[-1]: place[1].replace("/", ".") + ".weight"}


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield a message's fields: its number, and a whole number or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            number, at = _varint(data, at)
            yield key >> 3, number
            continue
        size, at = _varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
        yield key >> 3, data[at : at + size]
        at += size


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        number, at = _varint(data, at)
        yield number


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise TypeError("a number where bytes should be")
    return value
