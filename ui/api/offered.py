"""The models that clients of OpenAI's API may name: the whole archive, or one collection of it.

`dateline/Town hall` reads what is in that collection. It is there for who may read it; to everybody
else it is what a collection that does not exist is.
"""

from __future__ import annotations

from ui.api.problems import Refused
from ui.api.service import Service

WHOLE, EXTRACTIVE = "dateline", "dateline-extractive"
"""The one words answers with the server's model; the other takes the sources' own sentences."""
WITHIN = f"{WHOLE}/"
"""What the name of a collection's model begins with."""


def offered(service: Service) -> list[str]:
    """Return the models that whoever asks can name."""
    names = service.archive.collections() if service.archive else ()
    return [WHOLE, EXTRACTIVE, *(f"{WITHIN}{name}" for name in names)]


def within(service: Service, model: str) -> str:
    """Return the collection that a model reads, empty for all that may be read.

    Raises:
        Refused: there is no such model, or not for whoever asks.
    """
    if model in (WHOLE, EXTRACTIVE):
        return ""
    if model.startswith(WITHIN) and model in offered(service):
        return model.removeprefix(WITHIN)
    raise Refused(
        404,
        f"The model {model[:100]!r} does not exist; there are {WHOLE}, {EXTRACTIVE} and, for each "
        f"collection that you may read, {WITHIN}COLLECTION: GET /v1/models lists them.",
        code="model_not_found",
        param="model",
    )
