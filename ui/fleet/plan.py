"""What a newsroom's server is made of, as files for Docker Compose and for Helm.

Both are written from one `Plan`, so that they say the same. Nothing here is applied: people read
the files, change them, and start them with the tools that they know.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from rag.errors import SettingsError
from rag.version import __version__

POSTGRES = "pgvector/pgvector:0.8.1-pg17"
VLLM = "vllm/vllm-openai:v0.30.0"
"""A version, since `latest` is another server every few weeks: what it is started with changes, and
so does how it serves a model. This one begins as `vllm serve`, and is built for CUDA 13 (NVIDIA's
driver 580 or newer); `v0.30.0-cu129` is the same for older ones."""
PROXY = "caddy:2"
DATA = {
    "postgres": "/var/lib/postgresql/data",
    "chroma": "/data",
    "dateline": "/home/dateline",
    "vllm": "/root/.cache/huggingface",
    "proxy": "/data",
}
"""Where each keeps what must outlive it."""
SIZES = {"postgres": "50Gi", "chroma": "50Gi", "dateline": "10Gi", "vllm": "50Gi", "proxy": "1Gi"}
MEMORY = "512MB"
"""What PostgreSQL keeps of its tables in memory: its own 128 MB hold less than the graph of 100,000
vectors and the words that a question looks up."""
MODELS = "/opt/dateline"
"""Where the image keeps models: the volume in the home folder would hide them, or keep old ones."""
SECRETS = "dateline-passwords"
USER = 1000
"""Whom the image of Dateline runs as."""
PORTS = {"postgres": 5432, "chroma": 8000, "dateline": 7860, "vllm": 8000}


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
    """Return the files, by name."""
    return {
        "compose.yaml": _written(compose(plan), _COMPOSE_HEAD),
        "values.yaml": _written(values(plan), _VALUES_HEAD),
        "Dockerfile": DOCKERFILE,
        "Dockerfile.dockerignore": ".git\n.venv\n.dateline\n**/__pycache__\n",
        "Caddyfile": caddyfile(plan),
        ".env": dotenv(plan),
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


def compose(plan: Plan) -> dict[str, Any]:
    """Return what Docker Compose reads."""
    made = {name: _service(plan, name) for name in plan.images}
    return {
        "name": "dateline",
        "services": made,
        # Chroma has no login, PostgreSQL and vLLM need none of the world: nobody outside sees them.
        "networks": {"inside": {"internal": True}, "outside": {}},
        "volumes": {name: {} for name in made},
    }


def _service(plan: Plan, name: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "image": plan.images[name],
        "restart": "unless-stopped",
        "networks": ["inside"],
        "volumes": [f"{name}:{DATA[name]}"],
    }
    if name in _CHECKS:
        told["healthcheck"] = {
            "test": ["CMD-SHELL", _CHECKS[name]],
            "interval": "10s",
            "timeout": "10s",
            "retries": 6,
            "start_period": "600s" if name == "vllm" else "120s",
        }
    return told | _SPECIAL[name](plan)


def _postgres(_: Plan) -> dict[str, Any]:
    return {
        "environment": {
            "POSTGRES_USER": "dateline",
            "POSTGRES_PASSWORD": "${POSTGRES_PASSWORD}",
            "POSTGRES_DB": "dateline",
            "POSTGRES_INITDB_ARGS": "--encoding=UTF8",
        },
        "command": _POSTGRES,
        "shm_size": "256m",
    }


def _chroma_service(_: Plan) -> dict[str, Any]:
    return {"environment": {"ANONYMIZED_TELEMETRY": "FALSE"}}


def _vllm(plan: Plan) -> dict[str, Any]:
    gpu = {"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}
    return {
        "command": _vllm_command(plan),
        "networks": ["inside", "outside"],  # it fetches its model, once
        "ipc": "host",
        "environment": {"HF_TOKEN": "${HF_TOKEN:-}", "DO_NOT_TRACK": "1"},
        "deploy": {"resources": {"reservations": {"devices": [gpu]}}},
    }


def _vllm_command(plan: Plan) -> list[str]:
    # By its place: `vllm serve` warns that it is to lose its option `--model`.
    return [str(plan.model), "--max-model-len", "16384", "--gpu-memory-utilization=0.9"]


def _dateline(plan: Plan) -> dict[str, Any]:
    before = {name: {"condition": "service_healthy"} for name in plan.images if name in _FIRST}
    return {
        "build": {"context": "${DATELINE_SOURCE}", "dockerfile": "${PWD}/Dockerfile"},
        "command": _SERVE,
        "environment": plan.environment("${POSTGRES_PASSWORD}")
        | {
            "DATELINE_AUTH": "${DATELINE_AUTH:-}",
            "DATELINE_AUTH__MODE": "${DATELINE_AUTH__MODE:-none}",
        }
        # Nobody but the proxy reaches it, and so it may say whom a request comes from; leave this
        # out with DATELINE_AUTH__MODE=proxy, which must see the address of the proxy itself.
        | {"FORWARDED_ALLOW_IPS": "*"},
        "networks": ["inside", "outside"],  # it follows feeds
        "depends_on": before,
        "stop_grace_period": "30s",
    }


def _proxy(_: Plan) -> dict[str, Any]:
    return {
        "networks": ["inside", "outside"],
        "ports": ["80:80", "443:443", "443:443/udp"],
        "volumes": ["proxy:/data", "./Caddyfile:/etc/caddy/Caddyfile:ro"],
        "depends_on": {"dateline": {"condition": "service_started"}},
    }


_SPECIAL = {
    "postgres": _postgres,
    "chroma": _chroma_service,
    "vllm": _vllm,
    "dateline": _dateline,
    "proxy": _proxy,
}
_FIRST = ("postgres", "chroma")
"""What must be there before: a model may come later, until then the articles speak themselves."""
_POSTGRES = ["-c", f"shared_buffers={MEMORY}"]
_SERVE = ["serve", "--host", "0.0.0.0", "--port", "7860"]  # noqa: S104 - inside its container
_ARGS = {"postgres": _POSTGRES, "dateline": _SERVE}
_PYTHON = "python -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:{}\", timeout=8)'"
_CHECKS = {
    "postgres": "pg_isready -U dateline -d dateline",
    # Its image has neither curl nor Python.
    "chroma": "bash -c ': > /dev/tcp/127.0.0.1/8000'",
    "vllm": _PYTHON.format("8000/health"),
    # 401 without the login is an answer too.
    "dateline": "bash -c ': > /dev/tcp/127.0.0.1/7860'",
}


def values(plan: Plan) -> dict[str, Any]:
    """Return the values of the chart `app-template` (4.x), which makes what Kubernetes needs."""
    names = [name for name in plan.images if name != "proxy"]
    return {
        "controllers": {name: _controller(plan, name) for name in names},
        "service": {
            # By its bare name, as in the addresses; the chart would put the release before it.
            name: {
                "controller": name,
                "forceRename": name,
                "ports": {"http": {"port": PORTS[name]}},
            }
            for name in names
        },
        "persistence": {name: _claim(name) for name in names} | {"shm": _shared_memory(names)},
        "secrets": {
            "passwords": {
                "forceRename": SECRETS,
                "stringData": {
                    "POSTGRES_PASSWORD": "change-me",
                    "DATELINE_AUTH": "newsroom:change-me",
                    "DATELINE_ARCHIVE": plan.environment("change-me")["DATELINE_ARCHIVE"],
                },
            }
        },
        "ingress": {"dateline": _ingress(plan)},
    }


def _controller(plan: Plan, name: str) -> dict[str, Any]:
    repository, _, tag = plan.images[name].partition(":")
    main: dict[str, Any] = {"image": {"repository": repository, "tag": tag}}
    main["env"] = _env(plan, name)
    if name == "vllm":
        main["args"] = _vllm_command(plan)
        main["resources"] = {"limits": {"nvidia.com/gpu": 1}}
    if name in _ARGS:
        main["args"] = _ARGS[name]
    main["probes"] = {
        kind: {"enabled": True, "custom": True, "spec": _probe(name, kind)}
        for kind in ("liveness", "readiness", "startup")
    }
    # One pod each: pages and jobs live in the memory of one, and the others own their volumes.
    kind = "deployment" if name in ("vllm", "dateline") else "statefulset"
    made: dict[str, Any] = {"type": kind, "replicas": 1, "containers": {"main": main}}
    if kind == "deployment":
        made["strategy"] = "Recreate"
    if name == "dateline":  # its image runs as this user, whom a new volume does not belong to
        made["pod"] = {"securityContext": {"fsGroup": USER}}
    return made


def _env(plan: Plan, name: str) -> dict[str, Any]:
    def secret(key: str) -> dict[str, Any]:
        return {"valueFrom": {"secretKeyRef": {"name": SECRETS, "key": key}}}

    if name == "postgres":
        return {
            **_postgres(plan)["environment"],
            "POSTGRES_PASSWORD": secret("POSTGRES_PASSWORD"),
            "PGDATA": f"{DATA[name]}/pg",  # a volume's root may hold a folder of its own
        }
    if name == "dateline":
        told: dict[str, Any] = plan.environment("") | {"DATELINE_AUTH__MODE": "none"}
        return told | {key: secret(key) for key in ("DATELINE_ARCHIVE", "DATELINE_AUTH")}
    return {"ANONYMIZED_TELEMETRY": "FALSE"} if name == "chroma" else {"DO_NOT_TRACK": "1"}


def _probe(name: str, kind: str) -> dict[str, Any]:
    patience = {"failureThreshold": 90 if name == "vllm" else 30} if kind == "startup" else {}
    return {"tcpSocket": {"port": PORTS[name]}, "periodSeconds": 10, **patience}


def _claim(name: str) -> dict[str, Any]:
    return {
        "type": "persistentVolumeClaim",
        "accessMode": "ReadWriteOnce",
        "size": SIZES[name],
        "advancedMounts": {name: {"main": [{"path": DATA[name]}]}},
    }


def _shared_memory(names: Sequence[str]) -> dict[str, Any]:
    """Return what Compose's `shm_size` and `ipc: host` are there: a container has 64 MB."""
    needed = [name for name in names if name in ("postgres", "vllm")]
    return {
        "type": "emptyDir",
        "medium": "Memory",
        "advancedMounts": {name: {"main": [{"path": "/dev/shm"}]} for name in needed},  # noqa: S108 - a mount
    }


def _ingress(plan: Plan) -> dict[str, Any]:
    path = {"path": "/", "service": {"identifier": "dateline", "port": "http"}}
    return {
        "annotations": {f"nginx.ingress.kubernetes.io/{k}": v for k, v in _NGINX.items()},
        "hosts": [{"host": plan.domain, "paths": [path]}],
        "tls": [{"hosts": [plan.domain], "secretName": "dateline-tls"}],
    }


_NGINX = {"proxy-buffering": "off", "proxy-body-size": "200m", "proxy-read-timeout": "600"}
"""Each word of an answer at once, files as large as they are taken, models that take their time."""


def caddyfile(plan: Plan) -> str:
    """Return how the proxy passes requests on: at once, with no part of an answer held back."""
    return (
        f"{plan.domain} {{\n\tencode zstd gzip\n\trequest_body {{\n\t\tmax_size 200MB\n\t}}\n"
        "\t@metrics path /metrics\n\trespond @metrics 404\n"
        "\treverse_proxy dateline:7860 {\n\t\tflush_interval -1\n\t}\n}\n"
    )


def dotenv(plan: Plan) -> str:
    """Return the secrets, made anew, and the folder of the source."""
    return (
        "# Secrets of this server, read by compose.yaml. Keep them out of version control.\n"
        f"POSTGRES_PASSWORD={secrets.token_urlsafe(24)}\n"
        "# One login for all, NAME:PASSWORD.\n"
        f"DATELINE_AUTH=newsroom:{secrets.token_urlsafe(12)}\n"
        "# People with rights of their own: add them, leave DATELINE_AUTH empty, say password.\n"
        "DATELINE_AUTH__MODE=none\n"
        "# The folder of Dateline's source, that its image is made from.\n"
        f"DATELINE_SOURCE={plan.source}\n"
    )


DOCKERFILE = f"""\
# The image of Dateline, made from its source: docker compose build
FROM python:3.12-slim
RUN apt-get update \\
 && apt-get install -qy --no-install-recommends libgomp1 \\
 && rm -rf /var/lib/apt/lists/* \\
 && useradd --create-home --uid {USER} dateline \\
 && install -d -o dateline {MODELS}
COPY . /source
RUN pip install --no-cache-dir -c /source/constraints.txt '/source[postgres,telemetry]' \\
 && rm -rf /source
USER dateline
WORKDIR /home/dateline
# Not in the home folder, where a volume lies.
ENV DATELINE_CACHE={MODELS}
# The judge's small model; answers are worded by an endpoint.
RUN dateline models pull ms-marco-minilm-l-12-v2
ENTRYPOINT ["dateline"]
CMD ["serve"]
"""
_COMPOSE_HEAD = """\
# A newsroom's server: docker compose up -d
# Passwords are in .env beside this file. Made by `dateline up`; change it as you like.
"""
_VALUES_HEAD = """\
# A newsroom's server on Kubernetes: values of the chart app-template, version 4.
#   helm install dateline <app-template> --version 4 --values values.yaml
# First set the passwords (at the end; POSTGRES_PASSWORD is also in DATELINE_ARCHIVE), the image of
# Dateline (docker build -f Dockerfile SOURCE), the ingress. For people with rights of their own
# leave DATELINE_AUTH empty and set DATELINE_AUTH__MODE to password, once they were added.
# Made by `dateline up`; change it as you like.
"""


def _written(told: dict[str, Any], head: str) -> str:
    class Plain(yaml.SafeDumper):
        """Writes a list or mapping in full each time: people edit the files."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    return head + yaml.dump(told, Dumper=Plain, sort_keys=False, width=100)


def _chroma() -> str:
    """Return the version of Chroma's server that fits the client here."""
    try:
        return version("chromadb")
    except PackageNotFoundError:
        return "latest"
