"""`POST /api/v1/check`: somebody's own text against the archive, sentence by sentence.

Apart from `drafts`, which the tools use without a web server.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ui.api.drafts import draft_json
from ui.api.models.answers import CheckIn, CheckOut
from ui.api.service import Service


def check_routes(service: Service) -> APIRouter:
    """Return the route by which drafts are checked."""
    router = APIRouter(tags=["check"])

    @router.post("/check", response_model=CheckOut)
    def check(draft: CheckIn) -> JSONResponse:
        """Say of each sentence whether the archive supports it; no model is asked."""
        checked = service.check(draft.text, filters=draft.filters())
        return JSONResponse(draft_json(checked, service.citer))

    return router
