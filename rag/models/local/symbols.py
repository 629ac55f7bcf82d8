"""C functions of ik_llama.cpp that its Python package loads but does not bind.

The types are those of `llama.h`, which comes with the package.
"""

from __future__ import annotations

from ctypes import POINTER, c_bool, c_char_p, c_int32, c_size_t, c_void_p
from typing import Any

from ik_llama_cpp import _ctypes_api as native  # type: ignore[import-untyped]


def _bound(name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - ctypes has no types
    function = getattr(native._lib, name)  # noqa: SLF001 - the library itself has no other name
    function.restype, function.argtypes = result, arguments
    return function


_STATE = (c_void_p, c_char_p, c_int32, POINTER(c_int32), c_size_t)
"""Context, file, sequence, tokens and how many of them."""

meta = _bound("llama_model_meta_val_str", c_int32, c_void_p, c_char_p, c_char_p, c_size_t)
forget = _bound("llama_kv_cache_seq_rm", c_bool, c_void_p, c_int32, c_int32, c_int32)
save = _bound("llama_state_seq_save_file", c_size_t, *_STATE)
load = _bound("llama_state_seq_load_file", c_size_t, *_STATE, POINTER(c_size_t))
bos = _bound("llama_token_bos", c_int32, c_void_p)
eos = _bound("llama_token_eos", c_int32, c_void_p)
