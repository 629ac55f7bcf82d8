"""What every part of the page is wired with: events of HTML components, and quiet defaults."""

from __future__ import annotations

from typing import Any

CLICKS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open]');
  if (!button || button.disabled) return;
  trigger('click', {...button.dataset});
  dateline.opening(button);
});
"""
"""A click on anything that names an article is one event, with what it names."""

PLAIN: dict[str, Any] = {"apply_default_css": False}
"""For an HTML component that our style sheet dresses."""

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""For an event that shows its own progress and is no endpoint for others."""
