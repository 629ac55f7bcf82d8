"""A proxy is believed by the address that it comes from, not by one that a header names."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import httpx
import pytest
import uvicorn
from people import settings_of
from starlette.responses import PlainTextResponse

from rag import rights
from rag.archive.archive import Archive
from rag.archive.people import People
from ui.doorkeeper import Doorkeeper
from ui.guard import Guard
from ui.server import listen, peers


@pytest.mark.parametrize(("network", "status"), [("10.0.0.7/32", 401), ("127.0.0.1/32", 200)])
def test_no_header_makes_a_request_come_from_the_proxy(
    tmp_path: Path, network: str, status: int
) -> None:
    Archive.create(tmp_path).close()
    with People.open(tmp_path) as people:
        people.add("ada")
    settings = settings_of(tmp_path, mode="proxy", proxy_networks=[network])

    async def inside(scope, receive, send):
        await PlainTextResponse("inside")(scope, receive, send)

    keeper = Doorkeeper(tmp_path, settings.auth, secure=False)
    guard = Guard(inside, host="127.0.0.1", auth=None, doorkeeper=keeper)
    rights.required(True)
    config = uvicorn.Config(guard, lifespan="off", log_level="error", **peers(settings))
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.05)
            named = {"x-forwarded-for": "10.0.0.7", "x-forwarded-user": "ada"}
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/articles"
            assert httpx.get(address, headers=named).status_code == status
        finally:
            server.should_exit = True
            thread.join()
            keeper.close()
            rights.required(False)
