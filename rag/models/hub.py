"""Any GGUF file of the model hub as a local model: `hf:OWNER/REPOSITORY/FILE.gguf`.

The hub says the size and the SHA-256 of a file before it is fetched. What comes must have both.
"""

from __future__ import annotations

import os
import re

import httpx

from rag.errors import ModelMissing
from rag.models.catalogue import LocalModel

SECONDS = 10.0
_ADDRESS = re.compile(
    r"hf:(?P<repository>[\w.-]{1,96}/[\w.-]{1,96})/(?P<place>(?:[\w.-]{1,96}/){0,4}[\w.+-]{1,160}\.gguf)"
)
_PIECE = re.compile(r"-\d{5}-of-\d{5}\.gguf$")


def is_address(name: str) -> bool:
    """Return True for what names a file of the hub."""
    return name.startswith("hf:")


def model_at(address: str) -> LocalModel:
    """Return the model at an address, with the size and the hash that the hub says.

    Raises:
        ModelMissing: it is no such address, or the hub does not have it or cannot be reached.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or ".." in address:
        raise ModelMissing(f"{address!r} is no address of the hub: hf:OWNER/REPOSITORY/FILE.gguf")
    repository, place = found["repository"], found["place"]
    if _PIECE.search(place):
        raise ModelMissing(f"{place} is one piece of a model; name a file that is whole")
    size, digest = _stated(repository, place)
    file = place.rpartition("/")[2]
    return LocalModel(
        name=file.removesuffix(".gguf").lower(),
        file=file,
        size=size,
        sha256=digest,
        licence="see the hub",
        about=address,
        repository=repository,
        wheels=(),
        place=place,
    )


def _stated(repository: str, place: str) -> tuple[int, str]:
    """Return the size and the SHA-256 of a file as the hub states them."""
    from huggingface_hub import hf_hub_url

    url = hf_hub_url(repository, place, endpoint=os.environ.get("HF_ENDPOINT"))
    try:
        answer = httpx.head(url, timeout=SECONDS, headers={"accept-encoding": "identity"})
    except httpx.HTTPError as error:
        raise ModelMissing(f"the hub cannot be asked for {place}: {error}") from error
    digest = answer.headers.get("x-linked-etag", "").strip('"')
    size = answer.headers.get("x-linked-size", "")
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        raise ModelMissing(f"the hub has no {place} in {repository} ({answer.status_code})")
    if not re.fullmatch(r"[0-9a-f]{64}", digest) or not re.fullmatch(r"[1-9]\d{0,14}", size):
        raise ModelMissing(f"the hub does not say the size and the hash of {place}")
    return int(size), digest
