"""The answering machine of a server: opened in the background, asked when it is ready."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from rag.errors import DatelineError
from rag.settings import Settings
from rag.types import Answer
from ui.api import Health
from ui.desk import INTERNAL, Stopped

if TYPE_CHECKING:
    from rag.pipeline import NewsQA

log = logging.getLogger(__name__)


class Engine:
    """Opens archive and models without making anyone wait who only wants to read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = ExitStack()
        self._opener = ThreadPoolExecutor(1, thread_name_prefix="dateline-open")
        self._opening: Future[NewsQA] = Future()
        self._examples: tuple[str, ...] = ()

    def start(self) -> None:
        """Begin to load."""
        self._opening = self._opener.submit(self._open)

    def ask(self, question: str, *, stop: threading.Event, **options: Any) -> Answer:  # noqa: ANN401
        """Answer a question as `NewsQA.ask` does, once everything is loaded."""
        while not self._opening.done():
            if stop.wait(0.1):
                raise Stopped
        return self._loaded().ask(question, stop=stop, **options)

    def suggestions(self) -> tuple[str, ...]:
        """Return questions that the archive answers; none while it is opened."""
        return self._examples

    def health(self, waiting: int) -> Health:
        """Say whether questions can be answered."""
        if not self._opening.done():
            return Health("loading", "Loading the models", waiting=waiting)
        error = self._opening.exception()
        if error is not None:
            known = isinstance(error, DatelineError)
            return Health("failed", str(error) if known else INTERNAL, waiting=waiting)
        chat = self._opening.result().chat
        model = chat.name if chat else ""
        named = f"Ready: {model}" if model else "Ready: the articles\u2019 own words"
        return Health("ready", "Answering" if waiting else named, model, waiting)

    def close(self) -> None:
        """Stop the models."""
        self._opener.shutdown(wait=False, cancel_futures=True)
        self._stack.close()

    def _open(self) -> NewsQA:
        from rag.examples import examples
        from rag.pipeline import open_qa

        qa = self._stack.enter_context(open_qa(self._settings))
        qa.retrieve(qa.read("Is everything loaded?"))  # else the first reader waits for it
        self._examples = examples(qa.archive, _without_model(qa).ask)
        return qa

    def _loaded(self) -> NewsQA:
        error = self._opening.exception()
        if error is None:
            return self._opening.result()
        if isinstance(error, DatelineError):
            raise error
        log.error("the models could not be loaded", exc_info=error)
        raise DatelineError(INTERNAL)


def _without_model(qa: NewsQA) -> NewsQA:
    """Return an answering machine that gives the sources' own words, and shares all else."""
    from rag.pipeline import NewsQA

    return NewsQA(
        archive=qa.archive,
        retriever=qa.retriever,
        encoder=qa.encoder,
        verifier=qa.verifier,
        chat=None,
        settings=qa.settings,
    )
