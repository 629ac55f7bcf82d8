"""The Evaluation tab: the last runs of the eval suite, their reports, and what changed."""

from __future__ import annotations

from typing import Any

import gradio as gr
from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from rag.errors import DatelineError
from rag.rights import reader
from ui import evaluation, holdings
from ui.evaluation import REPORTS, Runs
from ui.wiring import PLAIN, QUIET

_CHOICE = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  const chosen = (name) => element.querySelector(`select[name=${name}]`).value;
  if (button.dataset.run) trigger('click', {run: button.dataset.run});
  else if (button.dataset.compare) {
    trigger('submit', {before: chosen('before'), after: chosen('after')});
  }
});
"""


def _manages() -> bool:
    who = reader()
    return who is None or who.manages


class Judging:
    """The handlers of the Evaluation tab."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def tab(self, tab: gr.Tab) -> None:
        """Lay out the tab and wire it; the list is read when the tab is opened."""
        runs = gr.HTML(elem_id="dl-runs", js_on_load=_CHOICE, **PLAIN)
        shown = gr.HTML(elem_id="dl-verdict", js_on_load=None, **PLAIN)
        quick: dict[str, Any] = {"queue": False, **QUIET}
        tab.select(self.recent, None, [runs], **quick)
        runs.click(self.open, None, [shown], **quick)
        runs.submit(self.compare, None, [shown], **quick)

    def recent(self) -> str:
        """Return the list of runs."""
        if not _manages():
            return holdings.refusal("Only admins see evaluations.")
        try:
            return evaluation.run_list(self._runs.recent())
        except DatelineError as error:
            return holdings.refusal(str(error))

    def open(self, event: gr.EventData) -> str:
        """Show the report of a run, if there is such a run."""
        if not _manages():
            return ""
        name = str(event.run)
        if name not in {run.name for run in self._runs.recent()}:
            return holdings.refusal(f"there is no run {name!r} any more")
        return evaluation.framed(name)

    def compare(self, event: gr.EventData) -> str:
        """Show what changed between two runs."""
        if not _manages():
            return ""
        try:
            return evaluation.compared(self._runs.compare(str(event.before), str(event.after)))
        except DatelineError as error:
            return holdings.refusal(str(error))


def report_routes(runs: Runs) -> APIRouter:
    """Return the route of the reports; the guard lets nothing run in what it serves."""
    router = APIRouter()

    @router.get(REPORTS + "/{name}")
    def report(name: str) -> HTMLResponse:
        try:
            return HTMLResponse(runs.report(name))
        except DatelineError as error:
            raise HTTPException(404, str(error)) from error

    return router
