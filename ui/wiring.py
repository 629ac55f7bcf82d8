"""What every part of the page is wired with: events of HTML components, and quiet defaults."""

from __future__ import annotations

from typing import Any

import gradio as gr

CLICKS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open]');
  if (!button || button.disabled) return;
  const turn = button.closest('[data-turn]');
  trigger('click', {...(turn ? turn.dataset : {}), ...button.dataset});
  dateline.opening(button, event.detail === 0);
});
"""
"""A click on anything that names an article is one event, with what it names."""

ACTIONS = """
const about = (node) => {
  const turn = node.closest('[data-turn]'), talk = node.closest('[data-conversation]');
  return {...(talk ? talk.dataset : {}), ...(turn ? turn.dataset : {}), ...node.dataset};
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open], [data-ask], [data-do]');
  if (!button || button.disabled) return;
  if (button.dataset.danger !== undefined && !dateline.sure(button)) return;
  const data = about(button);
  if (data.open) { trigger('click', data); dateline.opening(button, event.detail === 0); }
  else trigger(data.ask ? 'submit' : 'select', data);
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const typed = {};
  for (const [name, value] of new FormData(event.target, event.submitter)) {
    typed[name] = name in typed ? `${typed[name]}\n${value}` : value;
  }
  const data = {...about(event.target), ...typed};
  trigger(data.do === 'again' ? 'submit' : 'select', data);
});
watch('value', () => dateline.drawn(element));
"""
"""Clicks and forms: `data-open` is a click, `data-ask` (a question) a submit, `data-do` a select.

Each carries the data of the element and of the answer and the conversation that it stands in; of
fields of one name, such as boxes that are ticked, the values stand one a line.
"""

ROUTES = """
document.addEventListener('dl-route', () => trigger('select', {}));
"""
"""That Back or Forward led somewhere is a select; the address says where, `route.js` when."""

PAUSES = """
document.addEventListener('dl-paused', (event) => trigger('select', {text: event.detail}));
"""
"""What stands in the question's box when the person pauses is a select; `talk.js` says when."""

PLAIN: dict[str, Any] = {"apply_default_css": False}
"""For an HTML component that our style sheet dresses."""

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""For an event that shows its own progress and is no endpoint for others."""


def clicked(event: gr.EventData) -> dict[str, Any]:
    """Return what a click or a form carries."""
    data = event._data  # noqa: SLF001 - gradio gives no other way to the whole
    return dict(data) if isinstance(data, dict) else {}


def page_of(request: gr.Request | None) -> str:
    """Return which open page a request comes from; empty where it comes from none."""
    return (request.session_hash if request else None) or ""
