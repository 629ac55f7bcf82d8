"""Dateline, asked as its command line asks it."""

import json
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from worker import Mark, serve

from rag.answer.pipeline import EvidenceFound, NewsQA, Progress, TextDelta, open_qa
from rag.archive.archive import Archive
from rag.ingest.run import ingest
from rag.models.embed import load
from rag.settings import Settings


class Dateline:
    """With `key` "own" it runs its own model server, which keeps the prompt's beginning on disk."""

    def __init__(self, config: dict[str, str]) -> None:
        self._folder = Path(config["folder"])
        chat = {"llm": f"openai:{config['model']}", "first_token_timeout": 600.0}
        chat |= {"base_url": config["url"], "api_key": config["key"], "total_timeout": 600.0}
        if config["key"] == "own":
            chat = {"llm": f"local:{config['file']}"}
        self._settings = Settings.model_validate(
            {"archive": self._folder / "archive", "chat": chat}
        )
        self._open = ExitStack()
        self._qa: NewsQA | None = None

    def index(self, articles: list[dict[str, Any]]) -> None:
        self._open.close()
        source = self._folder / "articles.jsonl"
        with source.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(article) + "\n" for article in articles)
        with Archive.create(self._settings.archive) as archive:
            embedder = load(self._settings.embed)
            for _ in ingest(archive, embedder, [source], self._settings):
                pass
        self._qa = None

    def ask(self, question: str, day: str, mark: Mark) -> str:
        if self._qa is None:
            self._qa = self._open.enter_context(open_qa(self._settings))

        def told(event: Progress) -> None:
            if isinstance(event, EvidenceFound):
                mark("evidence")
            elif isinstance(event, TextDelta):
                mark("token")

        return self._qa.ask(question, as_of=date.fromisoformat(day), on_event=told).text


if __name__ == "__main__":
    serve(Dateline)
