"""The answering machine of a server: opened in the background, asked when it is ready."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from rag.answer.prepare import Asked
from rag.errors import ArchiveUnreachable, DatelineError, ModelError
from rag.events import Turn
from rag.rights import SYSTEM, enter, reader
from rag.settings import Settings
from rag.types import Answer, Filter
from ui.ahead import Ahead, Preparation
from ui.desk import INTERNAL, Lane, Stopped
from ui.health import Health
from ui.wishes import Wishes

if TYPE_CHECKING:
    from rag.answer.examples import Example
    from rag.answer.pipeline import NewsQA
    from rag.models.chat import Chat

log = logging.getLogger(__name__)

T = TypeVar("T")

EXAMPLES_PATIENCE = 60.0
"""Seconds that are spent on finding example questions, between those that people ask."""

LOOK_AGAIN = 20.0
"""Seconds after which a model that was not there is looked for again."""

AWAY = 2.0
"""Seconds between two tries to open an archive whose server is away."""

HERE = "this machine"
"""The lane of all that is computed here: local models, and answers without a model."""

GLANCE = 0.05
"""Seconds between two looks at whether to go on waiting for the machine."""


class Engine:
    """Opens archive and models without making anyone wait who only wants to read.

    `llms` are the models that people may choose besides the one of the settings; one of them is
    loaded when it is asked for the first time.
    """

    def __init__(self, settings: Settings, llms: tuple[str, ...] = ()) -> None:
        self._settings = settings
        self._llms = llms
        self._stack = ExitStack()
        self._opener = ThreadPoolExecutor(1, thread_name_prefix="dateline-open")
        self._opening: Future[NewsQA] = Future()
        self._examples: tuple[Example, ...] = ()
        self._step = "Opening the archive"
        self._begun = time.monotonic()
        self._chats: dict[str, Chat | None] = {}
        self._looking: Future[None] = Future()
        self._looked = 0.0
        self._connecting = threading.Lock()
        self._slots: dict[Lane, threading.Semaphore] = {}
        self._wanted = 0
        self._counting = threading.Lock()
        self._closed = threading.Event()
        self.ahead = Ahead(self._make_ready, lambda: self._wanted > 0)
        """What is made ready for those who type."""

    def start(self, *, suggest: bool = True) -> None:
        """Begin to load, and to look for example questions where somebody may `suggest` them."""
        self._begun = time.monotonic()
        self._opening = self._opener.submit(self._open)
        if suggest:
            threading.Thread(target=self._suggest, name="dateline-examples", daemon=True).start()

    def ask(
        self,
        question: str,
        *,
        stop: threading.Event,
        wishes: Wishes | None = None,
        claim: Preparation | None = None,
        **options: Any,  # noqa: ANN401 - those of `NewsQA.ask`
    ) -> Answer:
        """Answer a question as `NewsQA.ask` does, once everything is loaded.

        Args:
            question: In the person's words.
            stop: Set it from another thread to give the question up.
            wishes: How this person wants it answered.
            claim: What was made ready for this person, who may have asked for something else.
            options: Those of `NewsQA.ask`.
        """
        try:
            while not self._opening.done():
                if stop.wait(0.1):
                    raise Stopped
            qa = self._loaded()
            if wishes:
                qa = self._as_wished(qa, wishes)
            if claim is not None and not claim.of(_asked(question, **options), wishes):
                claim.stop.set()
                claim = None
            with self._turn(self.lane({"wishes": wishes}), claim, stop):
                if claim is not None and claim.prepared is not None:
                    options["prepared"] = claim.prepared
                return qa.ask(question, stop=stop, **options)
        finally:
            if claim is not None:
                claim.stop.set()

    def work(
        self,
        job: Callable[[NewsQA], T],
        *,
        alone: bool = True,
        stop: threading.Event | None = None,
    ) -> T:
        """Run a job over the loaded machine, which needs no chat model.

        Args:
            job: What to do.
            alone: Whether nobody else may have the machine meanwhile; a search need not wait.
            stop: Set it from another thread to give up waiting.
        """
        stop = stop or threading.Event()
        while not self._opening.done():
            if stop.wait(0.1) or self._closed.is_set():
                raise Stopped
        qa = self._loaded()
        if not alone:
            return job(qa)
        with self._turn(self.lane({"wishes": Wishes(extractive=True)}), None, stop):
            return job(qa)

    def lane(self, options: Mapping[str, object]) -> Lane:
        """Return what answers a question that is asked with such options, and how many at once.

        All that runs on this machine is one lane: two models that compute at a time are no quicker
        than one after the other.
        """
        wishes = options.get("wishes")
        chosen = self._settings.chat
        if isinstance(wishes, Wishes):
            llm = "none" if wishes.extractive else self._llm(wishes)
            chosen = chosen.model_copy(update={"llm": llm})
        if chosen.elsewhere:
            return Lane(chosen.llm, chosen.at_once)
        return Lane(HERE, 1 if self._settings.chat.elsewhere else self._settings.chat.at_once)

    def suggestions(self) -> tuple[Example, ...]:
        """Return questions that the archive answers, as far as they are known.

        They are made of all articles, so who may not read them all gets none.
        """
        who = reader()
        return self._examples if who is None or who.everything else ()

    def health(self, waiting: int) -> Health:
        """Say whether questions can be answered, by which model, and how many wait."""
        if not self._opening.done():
            since = time.monotonic() - self._begun
            return Health("loading", f"{self._step}, {since:.0f} s", waiting=waiting)
        error = self._opening.exception()
        if error is not None:
            known = isinstance(error, DatelineError)
            return Health("failed", str(error) if known else INTERNAL, waiting=waiting)
        chat = self._opening.result().chat
        if chat is None:
            return _ready("", waiting)
        return self._model(chat, waiting)

    def index_state(self) -> str:
        """Say what searches by meaning: `rag.archive.index.State`, or "" before it is loaded."""
        if not self._opening.done() or self._opening.exception() is not None:
            return ""
        return self._opening.result().index_state()

    def close(self) -> None:
        """Stop the models."""
        self._closed.set()
        self.ahead.close()
        self._opener.shutdown(wait=False, cancel_futures=True)
        for lane, slots in tuple(self._slots.items()):
            for _ in range(lane.width):  # once nothing is answered any more
                slots.acquire()
        self._stack.close()

    def _model(self, chat: Chat, waiting: int) -> Health:
        """Say how a chat model is; one that was not there is looked for now and then."""
        if self._looked == 0 or (self._lost and time.monotonic() - self._looked > LOOK_AGAIN):
            self._looked = time.monotonic()
            self._looking = self._opener.submit(chat.wait_ready)
        if not self._looking.done():
            since = time.monotonic() - self._looked
            message = f"Loading the model, {since:.0f} s. Questions can be asked already"
            return Health("loading", message, chat.name, waiting)
        if self._lost:
            message = f"{chat.name} cannot be reached; answers are the articles’ own words"
            return Health("unreachable", message, chat.name, waiting)
        return _ready(chat.name, waiting, self._settings.chat.at_once)

    @property
    def _lost(self) -> bool:
        return self._looking.done() and isinstance(self._looking.exception(), ModelError)

    def _open(self) -> NewsQA:
        """Open all; while the archive's server is away, wait for it: it comes back by itself."""
        enter(SYSTEM)  # this thread is the server's own
        while True:
            try:
                return self._opened()
            except ArchiveUnreachable as error:
                log.warning("%s; it is tried again", error)
                self._step = "The archive's server does not answer"
                if self._closed.wait(AWAY):
                    raise

    def _opened(self) -> NewsQA:
        from rag.answer.pipeline import open_qa

        with ExitStack() as stack:
            qa = stack.enter_context(open_qa(self._settings))
            self._step = "Loading the search"
            qa.retrieve(qa.read("Is everything loaded?"))  # else the first reader waits for it
            self._stack.push(stack.pop_all())
            return qa

    def _suggest(self) -> None:
        """Find example questions once everything is loaded; whoever asks does not wait for them."""
        from rag.answer.examples import examples

        enter(SYSTEM)
        try:
            qa = self._opening.result()
            machine = self._as_wished(qa, Wishes(extractive=True))
            ask = partial(self._between, machine)
            self._examples = examples(qa.archive, ask, patience=EXAMPLES_PATIENCE)
        except Stopped:
            return
        except Exception:  # of `_open`, which is told by `health`, or of an example, which is none
            log.debug("there are no example questions", exc_info=True)

    def related(self, answer: Answer) -> tuple[str, ...]:
        """Return other questions that the articles of an answer answer, without a model."""
        from rag.answer.examples import related

        if not self._opening.done():
            return ()
        machine = self._as_wished(self._loaded(), Wishes(extractive=True))
        try:
            return related(machine.archive, answer, partial(self._between, machine))
        except Stopped:
            return ()

    @contextmanager
    def _turn(self, lane: Lane, claim: Preparation | None, stop: threading.Event) -> Iterator[None]:
        """Have a place to answer a person in, once nothing else has it but what is claimed."""
        with self._counting:
            self._wanted += 1
        self.ahead.give_way(to=claim)
        slots = self._places(lane)
        try:
            while not slots.acquire(timeout=GLANCE):
                if stop.is_set():
                    raise Stopped
            try:
                yield
            finally:
                slots.release()
        finally:
            with self._counting:
                self._wanted -= 1

    def _places(self, lane: Lane) -> threading.Semaphore:
        with self._counting:
            return self._slots.setdefault(lane, threading.Semaphore(lane.width))

    def _between(self, machine: NewsQA, question: str) -> Answer:
        """Try an example while nobody asks anything; it is nobody's question, and not counted."""
        while self._wanted:
            self._pause()
        with self._places(self.lane({"wishes": Wishes(extractive=True)})):
            if self._closed.is_set():
                raise Stopped
            return machine.unobserved().ask(question)

    def _pause(self) -> None:
        if self._closed.wait(0.1):
            raise Stopped

    def _make_ready(self, preparation: Preparation) -> None:
        """Make a question ready as far as can be while nobody is answered."""
        from rag.answer import ahead

        wishes = preparation.wishes
        if not self._opening.done() or not self._connected(wishes):
            return
        qa = self._opening.result()
        if wishes:
            qa = self._as_wished(qa, wishes)
        slots = self._places(self.lane({"wishes": wishes}))
        while not slots.acquire(timeout=GLANCE):  # an example question has it, or an answer
            if preparation.stop.is_set() or self._wanted:
                return
        try:
            preparation.prepared = ahead.prepare(qa, preparation.asked, preparation.stop)
        finally:
            slots.release()
        # The model has a line of its own; whoever asks meanwhile sees the evidence at once.
        ahead.read(qa.chat, preparation.prepared, preparation.stop)

    def _connected(self, wishes: Wishes | None) -> bool:
        """Say whether the model is there: none is loaded for a question that nobody asked yet."""
        llm = wishes.llm if wishes else None
        return llm is None or llm == self._settings.chat.llm or llm in self._chats

    def _as_wished(self, qa: NewsQA, wishes: Wishes) -> NewsQA:
        """Return the same machine with other settings for one question."""
        return replace(
            qa,
            chat=None if wishes.extractive else self._chat(qa, wishes),
            settings=wishes.applied(qa.settings),
        )

    def _llm(self, wishes: Wishes) -> str:
        """Return the model that a person gets: what they choose, if it is offered."""
        usual = self._settings.chat.llm
        return wishes.llm if wishes.llm and wishes.llm in self._llms else usual

    def _chat(self, qa: NewsQA, wishes: Wishes) -> Chat | None:
        from rag.models.chat import connect

        llm = self._llm(wishes)
        if llm == self._settings.chat.llm:
            return qa.chat
        with self._connecting:
            if llm not in self._chats:
                chat = connect(self._settings.chat.model_copy(update={"llm": llm}))
                self._chats[llm] = self._stack.enter_context(chat) if chat else None
            return self._chats[llm]

    def _loaded(self) -> NewsQA:
        error = self._opening.exception()
        if error is None:
            return self._opening.result()
        if isinstance(error, DatelineError):
            raise error
        log.error("the models could not be loaded", exc_info=error)
        raise DatelineError(INTERNAL)


def _asked(
    question: str,
    *,
    filters: Filter | None = None,
    as_of: date | None = None,
    history: Sequence[Turn] = (),
    verbatim: bool = False,
    **_: object,
) -> Asked:
    return Asked(
        question=question,
        filters=filters,
        as_of=as_of,
        history=tuple(history),
        verbatim=verbatim,
    )


def _ready(model: str, waiting: int, at_once: int = 1) -> Health:
    """Say that questions are answered, and how many are before the next one."""
    if waiting > at_once:
        return Health("busy", f"Answering, {waiting - at_once} more waiting", model, waiting)
    if waiting:
        return Health("busy", "Answering", model, waiting)
    return Health("ready", f"Ready: {model}" if model else "Ready: the articles’ own words", model)
