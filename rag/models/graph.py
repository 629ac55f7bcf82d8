"""The computation of a BERT encoder as an ONNX graph without weights.

The graph names the weights and their shapes; whoever runs it brings them. Written as the bytes of
ONNX's `ModelProto`, of which it needs so little that the library for it would cost more than these
lines. Source: onnx.proto3 of ONNX 1.17; the operators are those that onnxruntime fuses BERT into.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

IDS, LENGTHS, TYPES, HIDDEN = "ids", "lengths", "types", "hidden"
"""The graph's inputs, int32 of shapes (texts, tokens), (texts,) and, where texts are pairs, (texts,
tokens), and its output, float32 of shape (texts, tokens, dimensions). A text's tokens stand first
in its row, padding after them."""

_FLOAT, _INT32 = 1, 6
_FUSED = "com.microsoft"
_IR, _OPSET = 8, 17
_EXTERNAL = 1


def bert(shapes: Mapping[str, Sequence[int]], *, layers: int, heads: int, epsilon: float) -> bytes:
    """Return the graph of an encoder with learned positions, GELU, and norms after each block.

    Args:
        shapes: of the weights, whose names are `word`, `position`, `norm.g`, `norm.b`, `segment`
            where texts are pairs, and, for each layer N, `N.` and one of `qkv.w`, `qkv.b`,
            `out.w`, `out.b`, `norm1.g`, `norm1.b`, `up.w`, `up.b`, `down.w`, `down.b`, `norm2.g`,
            `norm2.b`; matrices as (from, to).
        layers: how many.
        heads: of the attention.
        epsilon: of the norms.
    """
    eps, nodes, last = _float("epsilon", epsilon), [], "embedded"
    types, segment = (TYPES, "segment") if "segment" in shapes else ("", "")
    start = (IDS, types, "word", "position", segment, "norm.g", "norm.b")
    nodes.append(_node("EmbedLayerNormalization", start, (last, "unused"), eps))
    for n in map(str, range(layers)):
        attended = (last, f"{n}.qkv.w", f"{n}.qkv.b", LENGTHS)
        nodes += [
            _node("Attention", attended, (f"{n}.a",), _int("num_heads", heads)),
            _node("MatMul", (f"{n}.a", f"{n}.out.w"), (f"{n}.b",), domain=""),
            _norm(f"{n}.b", last, f"{n}.norm1", f"{n}.out.b", f"{n}.c", eps),
            _node("MatMul", (f"{n}.c", f"{n}.up.w"), (f"{n}.d",), domain=""),
            _node("BiasGelu", (f"{n}.d", f"{n}.up.b"), (f"{n}.e",)),
            _node("MatMul", (f"{n}.e", f"{n}.down.w"), (f"{n}.f",), domain=""),
        ]
        out = HIDDEN if n == str(layers - 1) else f"{n}.out"
        nodes.append(_norm(f"{n}.f", f"{n}.c", f"{n}.norm2", f"{n}.down.b", out, eps))
        last = out
    graph = _join(
        *(_field(1, node) for node in nodes),
        _field(2, b"bert"),
        *(_field(5, _weight(name, shape)) for name, shape in shapes.items()),
        _field(11, _value(IDS, _INT32, ("texts", "tokens"))),
        _field(11, _value(LENGTHS, _INT32, ("texts",))),
        _field(11, _value(TYPES, _INT32, ("texts", "tokens"))) if types else b"",
        _field(12, _value(HIDDEN, _FLOAT, ("texts", "tokens", shapes["word"][1]))),
    )
    opsets = ((b"", _OPSET), (_FUSED.encode(), 1))
    versions = (_field(8, _field(1, domain) + _field(2, version)) for domain, version in opsets)
    return _join(_field(1, _IR), _field(7, graph), *versions)


def _norm(x: str, skip: str, norm: str, bias: str, out: str, eps: bytes) -> bytes:
    return _node("SkipLayerNormalization", (x, skip, f"{norm}.g", f"{norm}.b", bias), (out,), eps)


def _node(
    operator: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    attribute: bytes = b"",
    *,
    domain: str = _FUSED,
) -> bytes:
    return _join(
        *(_field(1, name.encode()) for name in inputs),
        *(_field(2, name.encode()) for name in outputs),
        _field(4, operator.encode()),
        _field(5, attribute) if attribute else b"",
        _field(7, domain.encode()),
    )


def _float(name: str, value: float) -> bytes:
    return _field(1, name.encode()) + b"\x15" + struct.pack("<f", value) + _field(20, 1)


def _int(name: str, value: int) -> bytes:
    return _field(1, name.encode()) + _field(3, value) + _field(20, 2)


def _weight(name: str, shape: Sequence[int]) -> bytes:
    """Declare a weight whose numbers are stored elsewhere."""
    place = _field(1, b"location") + _field(2, b"memory")
    dimensions = (_field(1, size) for size in shape)
    kind = _field(2, _FLOAT) + _field(8, name.encode())
    return _join(*dimensions, kind, _field(13, place), _field(14, _EXTERNAL))


def _value(name: str, kind: int, shape: Iterable[int | str]) -> bytes:
    sizes = (_field(1, d) if isinstance(d, int) else _field(2, d.encode()) for d in shape)
    tensor = _field(1, kind) + _field(2, _join(*(_field(1, size) for size in sizes)))
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, value: int | bytes) -> bytes:
    """Write one protobuf field: a whole number, or bytes led by their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _join(*parts: bytes) -> bytes:
    return b"".join(parts)
