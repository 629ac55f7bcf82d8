"""What a newsroom's server is made of, as files for Docker Compose and for Helm.

The files are templates in `files`, filled in from one `Plan`, so that they say the same. Nothing
here is applied: people read the files, change them, and start them with the tools that they know.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rag.errors import SettingsError
from rag.version import __version__

POSTGRES = "pgvector/pgvector:0.8.1-pg17"
VLLM = "vllm/vllm-openai:v0.30.0"
"""A version, since `latest` is another server every few weeks: what it is started with changes, and
so does how it serves a model. This one begins as `vllm serve`, and is built for CUDA 13 (NVIDIA's
driver 580 or newer); `v0.30.0-cu129` is the same for older ones."""
PROXY = "caddy:2"
MEMORY = "512MB"
"""What PostgreSQL keeps of its tables in memory: its own 128 MB hold less than the graph of 100,000
vectors and the words that a question looks up."""
_FILES = (
    "compose.yaml",
    "values.yaml",
    "Dockerfile",
    "Dockerfile.dockerignore",
    "Caddyfile",
    "env",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is wished for."""

    workers: int = 2
    domain: str = "dateline.example"
    model: str | None = "Qwen/Qwen3-8B"
    """What vLLM serves; None: no vLLM, and the articles' own words."""
    engine: str = "chroma-server"
    """Where the index of vectors is: `chroma-server` or `pgvector`."""
    source: str = "."
    """The folder of Dateline's source, that its image is made from."""

    @property
    def images(self) -> dict[str, str]:
        """The image of each service, in the order in which they start."""
        found = {"postgres": POSTGRES}
        if self.engine == "chroma-server":
            found["chroma"] = f"chromadb/chroma:{_chroma()}"
        if self.model:
            found["vllm"] = VLLM
        return found | {"dateline": f"dateline:{__version__}", "proxy": PROXY}

    def environment(self, password: str) -> dict[str, str]:
        """Return the settings of Dateline."""
        told = {
            "DATELINE_ARCHIVE": f"postgresql://dateline:{password}@postgres/dateline",
            "DATELINE_INDEX__ENGINE": self.engine,
            "DATELINE_SERVE__WORKERS": str(self.workers),
            "DATELINE_SERVE__PUBLIC_URL": f"https://{self.domain}",
            "DATELINE_TELEMETRY__METRICS": "true",
            "DATELINE_CHAT__LLM": f"openai:{self.model}" if self.model else "none",
        }
        if self.engine == "chroma-server":
            told["DATELINE_INDEX__URL"] = "http://chroma:8000"
        if self.model:
            told["DATELINE_CHAT__BASE_URL"] = "http://vllm:8000/v1"
        return told


def files(plan: Plan) -> dict[str, str]:
    """Return the files, by name; the secrets in `.env` are made anew."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(  # noqa: S701 - none of them is HTML
        loader=PackageLoader("ui.fleet", "files"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["quoted"] = partial(json.dumps, ensure_ascii=False)
    known = {
        "images": plan.images,
        "settings": plan.environment,
        "model": plan.model,
        "domain": plan.domain,
        "source": plan.source,
        "memory": MEMORY,
        "secret": secrets.token_urlsafe,
    }
    return {
        name.replace("env", ".env"): templates.get_template(name).render(known) for name in _FILES
    }


def write(plan: Plan, folder: Path) -> list[tuple[str, bool]]:
    """Write the files that are not there yet, and say of each whether it was written.

    A file that is there may have been changed by hand; it stays as it is.

    Raises:
        SettingsError: a file cannot be written.
    """
    done = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files(plan).items():
            at = folder / name
            fresh = not at.exists()
            if fresh:
                at.touch(mode=0o600 if name == ".env" else 0o644)
                at.write_text(text, encoding="utf-8")
            done.append((name, fresh))
    except OSError as error:
        raise SettingsError(f"cannot write to {str(folder)!r}: {error.strerror}") from error
    return done


def _chroma() -> str:
    """Return the version of Chroma's server that fits the client here."""
    try:
        return version("chromadb")
    except PackageNotFoundError:
        return "latest"
