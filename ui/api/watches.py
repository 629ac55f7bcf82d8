"""`/api/v1/watches` and `/feeds`: questions whose answer is watched, and what changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field

from rag.archive.notices import Watch
from rag.archive.people import on_behalf
from rag.archive.watches import Watches
from rag.errors import NotFound, SettingsError
from rag.watching.deliver import payload
from rag.watching.run import add
from ui.api.models.answers import FilterOut
from ui.api.models.shared import Asked, Given, Taken, Within, Words
from ui.api.problems import Refused
from ui.api.service import Service
from ui.feeds import atom
from ui.watching import watch_json, wish_of

Name = Annotated[str, Path(max_length=64)]
MOST = 1_000
"""Most watches of one archive that are made over HTTP."""


class WatchIn(Within):
    """A question whose answer is to be watched."""

    question: Asked
    every: Literal["commit", "day"] = Field(
        "commit", description="look whenever articles came, or once a day"
    )
    to: Annotated[Words, Field(min_length=1, max_length=500)] = Field(
        "atom", description="`atom`: the feed alone; a mail address; an address that gets a POST"
    )


class Paused(Taken):
    """Whether a watch rests."""

    paused: bool


class WatchOut(Given):
    """A watched question, with its answer in one line."""

    id: str
    question: str
    filters: FilterOut | None
    every: Literal["commit", "day"]
    to: str
    made: str
    paused: bool
    asked: str | None = Field(description="when the archive was last looked at for it")
    outcome: Literal["answered", "partial", "declined"] | None
    now: str = Field(description="the answer that was told last, in one line")
    message: str = Field(description="why it could not be asked; empty when it could")


class WatchMade(WatchOut):
    """A watch that was just made."""

    feed: str = Field(description="the path of the Atom feed of its owner")
    secret: str | None = Field(
        description="with which requests to `to` are signed; told this once, null for other ways"
    )


class WatchesOut(Given):
    """What is watched, the oldest first."""

    items: list[WatchOut]
    feed: str


class QuotedOut(Given):
    """Some words of an article, with their label."""

    article_id: str
    quote: str
    title: str | None
    publisher: str | None
    published: str | None
    url: str | None


class DifferenceOut(Given):
    """One thing that is not as it was, with the words behind it."""

    kind: Literal["outcome", "verdict", "value", "source"]
    old: str
    new: str
    was: list[QuotedOut]
    now: list[QuotedOut]


class NoticeOut(Given):
    """That the answer to a watched question, or a kept answer, is not as it was."""

    id: str
    watch: str | None
    answer: str | None = Field(description="the kept answer whose quotes changed")
    generation: int
    made: str
    question: str
    changes: list[DifferenceOut] | None = Field(
        description="null where an article that they quote was deleted for good"
    )


class NoticesOut(Given):
    """Notices, the newest first."""

    items: list[NoticeOut]


Many = Annotated[int, Query(ge=1, le=200)]


def watch_routes(service: Service) -> APIRouter:
    """Return the routes over watches."""
    router = APIRouter(tags=["watches"])

    @router.get("/watches", response_model=WatchesOut)
    def watches() -> dict[str, Any]:
        """List what is watched."""
        with _opened(service) as kept:
            items = [watch_json(watch) for watch in kept.listed()]
            return {"items": items, "feed": feed_path(kept)}

    @router.post("/watches", status_code=201, response_model=WatchMade)
    def make(given: WatchIn) -> dict[str, Any]:
        """Ask a question, and tell from now on when its answer changes; no model is asked."""
        with _opened(service) as kept:
            if len(kept.listed()) >= MOST:
                raise Refused(409, f"There are {MOST:,} watches already; delete some.")
            watch = _made(service, kept, given)
            known = {"feed": feed_path(kept), "secret": watch.secret or None}
            return watch_json(watch) | known

    @router.get("/watches/{name}", response_model=WatchOut)
    def one(name: Name) -> dict[str, Any]:
        """Read a watch."""
        with _opened(service) as kept:
            return watch_json(kept.watch(name))

    @router.patch("/watches/{name}", response_model=WatchOut)
    def rest(name: Name, given: Paused) -> dict[str, Any]:
        """Let a watch rest, or look again."""
        with _opened(service) as kept:
            kept.pause(name, given.paused)
            return watch_json(kept.watch(name))

    @router.delete("/watches/{name}", status_code=204)
    def remove(name: Name) -> Response:
        """Delete a watch with its notices."""
        with _opened(service) as kept:
            kept.remove(name)
        return Response(status_code=204)

    _tells(router, service)
    return router


def _tells(router: APIRouter, service: Service) -> None:
    """Add the routes that tell what changed."""

    @router.get("/watches/{name}/notices", response_model=NoticesOut)
    def told(name: Name, limit: Many = 50) -> dict[str, Any]:
        """List what changed for one watch."""
        with _opened(service) as kept:
            kept.watch(name)
            return {"items": [payload(n) for n in kept.notices(watch=name, limit=limit)]}

    @router.get("/notices", response_model=NoticesOut)
    def notices(limit: Many = 50) -> dict[str, Any]:
        """List what changed: watched answers, and kept answers whose quotes were changed."""
        with _opened(service) as kept:
            return {"items": [payload(n) for n in kept.notices(limit=limit)]}


def feed_routes(service: Service) -> APIRouter:
    """Return the route of Atom feeds, whose address is their key."""
    router = APIRouter(tags=["watches"])

    @router.get(
        "/feeds/{token}.atom",
        response_class=Response,
        responses={200: {"content": {"application/atom+xml": {"schema": {"type": "string"}}}}},
    )
    def feed(token: Annotated[str, Path(max_length=64)]) -> Response:
        """Read what changed as an Atom feed."""
        with _opened(service) as kept:
            owner = kept.owner(token)
            with on_behalf(service.reading().place, owner):
                found = kept.notices(owner=owner, limit=100)
        body = atom(found, service.public_url, token)
        headers = {"Cache-Control": "private, no-cache"}
        return Response(body, media_type="application/atom+xml", headers=headers)

    return router


def feed_path(kept: Watches, owner: str = "") -> str:
    """Return the path of a person's feed."""
    return f"/feeds/{kept.token(owner)}.atom"


def _made(service: Service, kept: Watches, given: WatchIn) -> Watch:
    if service.settings is None:
        raise Refused(409, "This server watches nothing.")
    try:
        wish = wish_of(given.question, given.every, given.to, given.filters(), service.settings)
    except SettingsError as error:
        raise Refused(422, str(error)) from error
    return service.run(lambda qa: add(qa, kept, wish), alone=False)


@contextmanager
def _opened(service: Service) -> Iterator[Watches]:
    archive = service.archive
    if archive is None:
        raise NotFound("there is no archive yet, and so no watch")
    with Watches.open(archive.place) as kept:
        yield kept
