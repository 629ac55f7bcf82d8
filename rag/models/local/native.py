"""The quick engine: a model in ik_llama.cpp, called directly.

ik_llama.cpp (MIT) reads a prompt in half of llama.cpp's time on a processor with AVX2, since it
repacks the weights when it loads them. Its Python package has no server, so that one is ours
(`rag.models.local.quick`); what is here is the model itself: messages to tokens, tokens
to the next ones.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import POINTER, c_bool, c_char_p, c_int32, c_size_t, c_void_p
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ik_llama_cpp import _ctypes_api as native  # type: ignore[import-untyped]
from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from numpy.typing import NDArray

from rag.errors import ModelError

# Stops the quick engine in the middle of a batch, when nobody waits for it any longer. A batch
# takes seconds on a busy machine, and whoever asks next would wait for its end.
GLANCE = 0.02
"""Seconds between two looks at whether anybody waits."""


class Watch:
    """Lets the engine ask, between two operations of a batch, whether it should go on."""

    def __init__(self) -> None:
        self.fired = False
        """Whether the engine was told to stop."""
        self.callback = native.ggml_abort_callback(self._look)
        """For the engine; it must live as long as the engine does."""
        self._gone: Callable[[], bool] | None = None
        self._after = 0.0

    @contextmanager
    def over(self, gone: Callable[[], bool]) -> Iterator[None]:
        """Stop the engine when `gone` says so, until the block ends."""
        self._gone, self._after = gone, 0.0
        try:
            yield
        finally:
            self._gone, self.fired = None, False

    def _look(self, _: object) -> bool:
        if self._gone is not None and not self.fired and time.monotonic() > self._after:
            self.fired = self._gone()
            self._after = time.monotonic() + GLANCE
        return self.fired


# C functions of ik_llama.cpp that its Python package loads but does not bind. The types are those
# of `llama.h`, which comes with the package.
def _bound(name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - ctypes has no types
    function = getattr(native._lib, name)  # noqa: SLF001 - the library itself has no other name
    function.restype, function.argtypes = result, arguments
    return function


_STATE = (c_void_p, c_char_p, c_int32, POINTER(c_int32), c_size_t)
"""Context, file, sequence, tokens and how many of them."""

_meta = _bound("llama_model_meta_val_str", c_int32, c_void_p, c_char_p, c_char_p, c_size_t)
_forget = _bound("llama_kv_cache_seq_rm", c_bool, c_void_p, c_int32, c_int32, c_int32)
_save = _bound("llama_state_seq_save_file", c_size_t, *_STATE)
_load = _bound("llama_state_seq_load_file", c_size_t, *_STATE, POINTER(c_size_t))
_bos = _bound("llama_token_bos", c_int32, c_void_p)
_eos = _bound("llama_token_eos", c_int32, c_void_p)


BATCH = 128
"""Prompt tokens read at a time; what is given up in the middle of a batch is read anew."""
TEMPLATE = 1 << 16
"""Most bytes of a model's chat template."""
PIECE = 1 << 10
"""Most bytes of one token's text."""


class TooLong(ModelError):
    """The prompt does not fit into the context."""


class GivenUp(Exception):
    """Nobody waits for the reply any longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One token that the model wrote."""

    piece: bytes
    """Its text, which may be part of a character."""
    logprob: float
    likely: tuple[tuple[bytes, float], ...]
    """The likeliest tokens in its place with their log probabilities, as many as were asked for."""


class Native:
    """One model with one context, which remembers what it has read. Not for several threads."""

    def __init__(self, path: Path, *, context: int, threads: int) -> None:
        """Load a model.

        Args:
            path: a GGUF file.
            context: tokens of prompt and reply together.
            threads: to compute with.

        Raises:
            ModelError: the file cannot be loaded, or its chat template not be followed.
        """
        native.llama_backend_init()
        wanted = native.llama_model_default_params()
        wanted.use_mmap = False  # weights that are repacked are no longer the file's
        wanted.repack_tensors = True
        self._model = native.llama_model_load_from_file(str(path).encode(), wanted)
        if not self._model:
            raise ModelError(f"{path} cannot be loaded")
        settings = native.llama_context_default_params()
        settings.n_ctx = settings.n_batch = context
        settings.n_ubatch = BATCH
        settings.n_threads = settings.n_threads_batch = threads
        self._watch = Watch()
        settings.abort_callback = self._watch.callback
        settings.flash_attn = False  # asserts on long prompts where VNNI instructions lack
        self._context = native.llama_init_from_model(self._model, settings)
        if not self._context:
            raise ModelError(f"{path} cannot be given a context of {context} tokens")
        self._size = context
        self._words = native.llama_vocab_n_tokens(native.llama_model_get_vocab(self._model))
        self._held: list[int] = []
        self._next = False
        """Whether the engine still has what comes after all that is held."""
        self.ended = False
        """Whether the last reply was ended by the model itself."""
        self._template = self._read_template()
        self.prompt([{"role": "system", "content": "a"}, {"role": "user", "content": "b"}])

    def _read_template(self) -> Template:
        buffer = ctypes.create_string_buffer(TEMPLATE)
        size = _meta(self._model, b"tokenizer.chat_template", buffer, TEMPLATE)
        if not 0 < size < TEMPLATE:
            raise ModelError("the model has no chat template")
        world = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        world.globals["raise_exception"] = _raise
        try:
            return world.from_string(buffer.value.decode(errors="replace"))
        except TemplateError as error:
            raise ModelError(f"the model's chat template cannot be read: {error}") from error

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the tokens of a conversation, written as the model's own template has it.

        Raises:
            TooLong: there is no room for a reply behind it.
            ModelError: the template refuses the conversation, or cannot be followed.
        """
        try:
            text = self._template.render(
                messages=messages,
                add_generation_prompt=True,
                bos_token=self._special(_bos(self._model)),
                eos_token=self._special(_eos(self._model)),
            )
        except TemplateError as error:
            raise ModelError(f"the model's chat template cannot be followed: {error}") from error
        tokens = self._tokens(text)
        if tokens[:1] == tokens[1:2] == [_bos(self._model)]:
            del tokens[0]  # the template wrote what the tokenizer adds
        if len(tokens) >= self._size:
            raise TooLong(
                f"the prompt of {len(tokens)} tokens exceeds the context of {self._size} tokens"
            )
        return tokens

    def _tokens(self, text: str) -> list[int]:
        data = text.encode()
        room = len(data) + 2
        found = (ctypes.c_int32 * room)()
        count = native.llama_tokenize(self._model, data, len(data), found, room, True, True)
        if count < 0:
            raise ModelError("the prompt cannot be read as tokens")
        return found[:count]

    def _special(self, token: int) -> str:
        return self._piece(token, special=True).decode(errors="replace")

    def _piece(self, token: int, *, special: bool = False) -> bytes:
        buffer = ctypes.create_string_buffer(PIECE)
        size = native.llama_token_to_piece(self._model, token, buffer, PIECE, 0, special)
        return buffer.raw[: max(size, 0)]

    def read(self, tokens: Sequence[int], gone: Callable[[], bool]) -> int:
        """Read a prompt up to its end; return how many of its tokens were known already.

        Raises:
            GivenUp: `gone` said so; the batches that were read to their end stay known.
            ModelError: the engine failed.
        """
        if self._next and list(tokens) == self._held:
            return len(tokens)  # read ahead, and nothing since: not even the last is read anew
        known = self._shared(tokens)
        self._keep(known)
        with self._watch.over(gone):
            for start in range(known, len(tokens), BATCH):
                if gone():
                    raise GivenUp
                self._decode(tokens[start : start + BATCH], last=start + BATCH >= len(tokens))
        return known

    def _shared(self, tokens: Sequence[int]) -> int:
        """Count the tokens at the beginning that are held; the last is always read anew."""
        most = min(len(tokens) - 1, len(self._held))
        return next((i for i in range(most) if tokens[i] != self._held[i]), most)

    def _keep(self, count: int) -> None:
        self._next = False
        if count < len(self._held):
            self._forget(count)

    def _forget(self, count: int) -> None:
        """Forget all but the first tokens, also what the engine has and is not in `_held`."""
        if not _forget(self._context, 0, count, -1):
            self._clear()
            raise ModelError("the engine could not forget the last prompt")
        del self._held[count:]

    def _clear(self) -> None:
        native.llama_kv_cache_clear(self._context)
        self._held, self._next = [], False

    def _decode(self, tokens: Sequence[int], *, last: bool = True) -> None:
        batch = native.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for i, token in enumerate(tokens):
                batch.token[i] = token
                batch.pos[i] = len(self._held) + i
                batch.n_seq_id[i] = 1
                batch.seq_id[i][0] = 0
                batch.logits[i] = last and i == len(tokens) - 1
            failed = native.llama_decode(self._context, batch)
        finally:
            native.llama_batch_free(batch)
        if self._watch.fired:  # the engine reports no failure, and holds a batch half computed
            self._forget(len(self._held))
            raise GivenUp
        if failed:
            self._clear()
            raise ModelError(f"the engine failed ({failed})")
        self._held.extend(tokens)
        self._next = last

    def write(self, most: int, *, temperature: float, likely: int) -> Iterator[Written]:
        """Go on from what was read, token by token, until the model ends or `most` are written.

        Args:
            most: tokens; fewer where the context is full.
            temperature: 0 takes the likeliest token each time.
            likely: how many alternatives to name for each.

        Raises:
            ModelError: the engine failed.
        """
        self.ended = False
        dice = np.random.default_rng()
        token = None
        for _ in range(min(most, self._size - len(self._held))):
            if token is not None:
                self._decode([token])
            chances = self._chances()
            token = _pick(chances, temperature, dice)
            if native.llama_token_is_eog(self._model, token):
                self.ended = True
                return
            yield Written(
                piece=self._piece(token),
                logprob=float(chances[token]),
                likely=tuple((self._piece(t), float(chances[t])) for t in _best(chances, likely)),
            )

    def _chances(self) -> NDArray[np.float64]:
        """Return the log probability of every token to come next."""
        pointer = native.llama_get_logits_ith(self._context, -1)
        logits = np.ctypeslib.as_array(pointer, shape=(self._words,)).astype(np.float64)
        logits -= logits.max()
        return np.asarray(logits - np.log(np.exp(logits).sum()))

    def save(self, file: Path) -> int:
        """Write what was read to a file; return how many tokens that is.

        Raises:
            ModelError: it could not be written.
        """
        held = (ctypes.c_int32 * len(self._held))(*self._held)
        if not _save(self._context, str(file).encode(), 0, held, len(self._held)):
            raise ModelError(f"{file.name} could not be written")
        return len(self._held)

    def restore(self, file: Path) -> int:
        """Take what was read from a file; return how many tokens that is.

        Raises:
            ModelError: the file is not there or not of this model.
        """
        self._clear()
        found, count = (ctypes.c_int32 * self._size)(), ctypes.c_size_t(0)
        read = file.is_file() and _load(
            self._context, str(file).encode(), 0, found, self._size, ctypes.byref(count)
        )
        if not read:
            self._clear()  # a part may have been taken
            raise ModelError(f"{file.name} could not be read")
        self._held = found[: count.value]
        return len(self._held)


def release() -> str:
    """Name the engine and its version."""
    return f"ik-{version('ik-llama-cpp-python')}"


def _raise(message: str) -> None:
    raise ModelError(f"the model's chat template refuses this conversation: {message}")


def _pick(chances: NDArray[np.float64], temperature: float, dice: np.random.Generator) -> int:
    if temperature <= 0:
        return int(chances.argmax())
    weights = np.exp((chances - chances.max()) / temperature)
    return int(dice.choice(len(weights), p=weights / weights.sum()))


def _best(chances: NDArray[np.float64], count: int) -> list[int]:
    if count <= 0:
        return []
    top = np.argpartition(-chances, count)[:count]
    return [int(t) for t in top[np.argsort(-chances[top])]]
