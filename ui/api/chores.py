"""Chores that Open WebUI sends of its own, answered by rule: no search, no model, no place in line.

They begin with `### Task:` and ask for a title, tags, follow-up questions, search queries.
"""

from __future__ import annotations

import json
import re

_HISTORY = re.compile(r"<chat_history>(.*?)</chat_history>", re.DOTALL)
_USER = re.compile(r"^\s*USER:\s*(.*?)(?=^\s*ASSISTANT:|\Z)", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_LONGEST = 60


def is_chore(question: str) -> bool:
    """Return True for a prompt that Open WebUI wrote, not a person."""
    return question.lstrip().startswith("### Task:")


def chore(prompt: str) -> str:
    """Return what a chore asks for, in the JSON that it wants."""
    head = prompt[:2000].lower()
    asked = _asked(prompt)
    if '"follow_ups"' in prompt or "follow-up" in head:
        return json.dumps({"follow_ups": []})
    if '"queries"' in prompt or "search quer" in head:
        return json.dumps({"queries": []})
    if '"tags"' in prompt:
        return json.dumps({"tags": _tags(asked)}, ensure_ascii=False)
    if '"title"' in prompt or "title" in head:
        return json.dumps({"title": _title(asked)}, ensure_ascii=False)
    if '"prompt"' in prompt:
        return json.dumps({"prompt": ""})
    return json.dumps({"text": ""})


def _asked(prompt: str) -> str:
    """Return the first question of the conversation that a chore shows."""
    history = _HISTORY.search(prompt)
    found = _USER.search(history[1] if history else "")
    return " ".join(found[1].split()) if found else ""


def _title(question: str) -> str:
    flat = question.rstrip("?!. ")
    if len(flat) > _LONGEST:
        flat = flat[:_LONGEST].rsplit(" ", 1)[0] + "…"
    return flat or "Question to the archive"


def _tags(question: str) -> list[str]:
    """Return the names of a question; its first word has a capital anyway."""
    return ["News", *dict.fromkeys(_NAME.findall(question.partition(" ")[2]))][:3]
