"""The doors of a server over the four invented articles: a real archive, a scripted asker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from scripted import ARTICLES, Scripted
from starlette.testclient import TestClient

from rag.answer.pipeline import NewsQA, _fill, open_qa
from rag.archive.archive import Archive
from rag.archive.conversations import Conversations
from rag.settings import ApiSettings, Settings
from ui.api.doors import install
from ui.api.service import Service
from ui.desk import Desk
from ui.guard import Guard
from ui.health import Health
from ui.intake import Intake
from ui.upload import Uploads, upload_routes

HERE = "http://127.0.0.1:7860"


class Now:
    """Runs work at once over a machine without a chat model."""

    def __init__(self, qa: NewsQA) -> None:
        self.qa = qa

    def work(self, job: Callable[[NewsQA], Any], **_: Any) -> Any:
        return job(self.qa)


def filled(folder: Path) -> Settings:
    """Make an archive of the invented articles."""
    from rag.models.embed import load

    settings = Settings(archive=folder, chat={"llm": "none"})
    with Archive.create(folder) as archive:
        _fill(archive, ARTICLES, load(settings.embed), settings)
    return settings


class House:
    """A server's application, what is below its doors, and who asks at them."""

    def __init__(self, app: FastAPI, service: Service, scripted: Scripted) -> None:
        self.app, self.service, self.scripted = app, service, scripted


@contextmanager
def house(
    folder: Path, *, api: ApiSettings | None = None, asker: Any = None, **known: Any
) -> Iterator[House]:
    """Open the archive in a folder with every door over it."""
    settings = filled(folder) if not (folder / "archive.db").exists() else None
    settings = settings or Settings(archive=folder, chat={"llm": "none"})
    with ExitStack() as stack:
        qa = stack.enter_context(open_qa(settings))
        kept = stack.enter_context(Conversations.open(folder))
        scripted = Scripted()
        desk = Desk(asker or scripted)
        intake = Intake(settings)
        stack.callback(desk.close)
        stack.callback(intake.close)
        service = Service(
            desk=desk,
            archive=qa.archive,
            health=lambda: Health("ready", "Ready", "scripted-model", desk.waiting),
            machine=Now(qa),
            kept=kept,
            intake=intake,
            **known,
        )
        app = FastAPI(openapi_url=None, docs_url=None)
        uploads = Uploads(intake)
        app.include_router(upload_routes(uploads, intake))
        install(app, service, uploads, api)
        yield House(app, service, scripted)


@contextmanager
def visiting(house: House, **guard: Any) -> Iterator[TestClient]:
    """Yield a client of the doors, behind the guard."""
    given = {"host": "127.0.0.1", "auth": None, **guard}
    app = Guard(house.app, **given)
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        yield client
