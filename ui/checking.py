"""The tab in which a draft is held against the archive, sentence by sentence; no model is asked."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from queue import Queue
from typing import TYPE_CHECKING

import gradio as gr
from markupsafe import Markup

from rag.errors import DatelineError
from rag.record import source_from_json
from rag.rights import carried
from rag.types import Span
from ui import holdings
from ui.api.citing import Citer, Json
from ui.api.drafts import SAID, draft_json, finding
from ui.desk import INTERNAL, Stopped
from ui.machine import Machine
from ui.markup import EMPTY, byline, opener, title, together, words
from ui.wiring import CLICKS, PLAIN, QUIET

if TYPE_CHECKING:
    from rag.answer.draft import Checked
    from rag.answer.pipeline import NewsQA
    from rag.archive.archive import Archive

log = logging.getLogger(__name__)

MOST_CHARACTERS = 60_000
_LOOKS = {
    "supported": ("✓", "supported"),
    "one_source": ("✓", "supported"),
    "changed_since": ("✕", "contradicted"),
    "contradicted": ("✕", "contradicted"),
    "not_in_archive": ("≈", "partly"),
    "no_claim": ("·", "unchecked"),
}
"""The sign of each finding, and the verdict on a sentence of an answer that it looks like."""

_Told = tuple[int, int] | list["Checked"] | Exception


class Checking:
    """The handlers of the tab."""

    def __init__(self, machine: Machine, archive: Archive) -> None:
        self._machine = machine
        self._citer = Citer(archive)

    def tab(self) -> gr.HTML:
        """Lay out the tab and wire it; returns what shows the quotes, which open their articles."""
        draft = gr.Textbox(
            label="Your draft",
            info="Each sentence is looked up in the archive. Nothing is kept.",
            lines=8,
            max_lines=24,
            max_length=MOST_CHARACTERS,
            elem_id="dl-draft",
        )
        send = gr.Button("Check", variant="primary", elem_id="dl-check")
        found = gr.HTML(elem_id="dl-checked", js_on_load=CLICKS, **PLAIN)
        send.click(self.check, [draft], [found], concurrency_limit=4, **QUIET)
        return found

    def check(self, text: str) -> Iterator[str]:
        """Check a draft, and say on the way how far it is."""
        if not text.strip():
            yield holdings.refusal("Write or paste a text first.")
            return
        told: Queue[_Told] = Queue()
        stop = threading.Event()
        work = threading.Thread(
            target=carried(self._work), args=(text[:MOST_CHARACTERS], told, stop), daemon=True
        )
        work.start()
        try:
            while True:
                item = told.get()
                if isinstance(item, tuple):
                    yield _bar(*item)
                    continue
                yield self._shown(item)
                return
        finally:
            stop.set()

    def _work(self, text: str, told: Queue[_Told], stop: threading.Event) -> None:
        from rag.answer.draft import check

        def tell(done: int, total: int) -> None:
            if stop.is_set():
                raise Stopped
            told.put((done, total))

        def job(qa: NewsQA) -> list[Checked]:
            return list(check(text, qa, progress=tell))

        try:
            told.put(self._machine.work(job, alone=False, stop=stop))
        except Stopped:  # nobody looks any longer
            return
        except Exception as error:  # noqa: BLE001 - told to the person, and logged there
            told.put(error)

    def _shown(self, found: list[Checked] | Exception) -> str:
        if isinstance(found, DatelineError):
            return holdings.refusal(str(found))
        if isinstance(found, Exception):
            log.error("a draft could not be checked", exc_info=found)
            return holdings.refusal(INTERNAL)
        return str(_result(draft_json(found, self._citer)))


def _bar(done: int, total: int) -> str:
    return str(
        Markup(
            '<div class="dl-job" role="status"><p class="dl-job-head"><b>Checking</b> {} of {} '
            'sentences</p><progress class="dl-progress" value="{}" max="{}"></progress></div>'
        ).format(done, total, done, max(total, 1))
    )


def _result(record: Json) -> Markup:
    counts = ", ".join(f"{n} {SAID[name]}" for name, n in record["counts"].items() if n)
    return Markup('<p class="dl-job-head" role="status">{}</p>{}').format(
        counts or "There is no sentence to check.", together(map(_sentence, record["sentences"]))
    )


def _sentence(one: Json) -> Markup:
    sign, look = _LOOKS[one["finding"]]
    reasons = "; ".join(one["reasons"])
    return Markup(
        '<p class="dl-st dl-{}"><span class="dl-sign" aria-hidden="true">{}</span>'
        '<span class="dl-words" dir="auto">{}</span> <span class="dl-verdict">{}</span>{}</p>{}'
    ).format(
        look,
        sign,
        words(one["text"]),
        finding(one),
        Markup('<span class="dl-why">{}</span>').format(words(reasons)) if reasons else EMPTY,
        together(map(_quote, (*one["support"], *one["against"]))),
    )


def _quote(cited: Json) -> Markup:
    source = source_from_json(cited)
    said = "for it" if cited["verdict"] == "supported" else "against it"
    return Markup(
        '<p>{}: <button class="dl-open-file" {}><span dir="auto">“{}”</span></button> {} · '
        '<span dir="auto">{}</span></p>'
    ).format(
        said,
        opener(cited["article_id"], Span(start=cited["start"], end=cited["end"])),
        words(cited["quote"]),
        byline(source),
        title(source),
    )
