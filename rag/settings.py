"""Settings: one frozen group for each step, from defaults, environment and command line.

`DATELINE_ARCHIVE=...` and `DATELINE_CHAT__BASE_URL=...` set them from the environment (two
underscores step into a group).
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import cache
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    SecretStr,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

Engine = Literal["ik", "llama.cpp"]
_NEEDED = frozenset({"avx2", "fma", "f16c"})
"""What the processor must have for `ik`: without it, that ends at its first instruction."""
_PROCESSOR = Path("/proc/cpuinfo")


@cache
def best_engine() -> Engine:
    """Return the quickest engine of local models that works here."""
    if find_spec("ik_llama_cpp") is None:
        return "llama.cpp"
    return "ik" if _abilities(_PROCESSOR) >= _NEEDED else "llama.cpp"


def _abilities(file: Path) -> frozenset[str]:
    """Return what the processor says it can do; nothing where it cannot be known."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


ProfileName = Literal["auto", "small", "medium", "large"]
VerifyMethod = Literal["rules", "model", "both"]
Length = Literal["sentence", "sentences", "paragraphs"]
Rewrite = Literal["leaning", "always"]

ENDPOINT_AT_ONCE = 4
"""Questions that an endpoint answers at once, unless `chat.parallel` says otherwise."""


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IngestSettings(_Group):
    """Where articles are read, cleaned, cut and embedded."""

    engine: Literal["process", "ray"] = Field(
        "process", description="this process, or the machines of a Ray cluster (extra `ray`)"
    )
    ray_address: str | None = Field(
        None, description="host:port of a cluster; none: one is started here for the run"
    )
    workers: int = Field(0, ge=0, le=512, description="processors of one started here; 0: all")


class ReadSettings(_Group):
    """What reading a file may cost, and what of it is kept."""

    megabytes: int = Field(1500, ge=600, description="address space of the process that reads")
    seconds: int = Field(30, ge=1, description="of computing for one article")
    wall_seconds: float = Field(90.0, gt=0, description="until an article is there")
    links: int = Field(0, ge=0, description="pages to fetch that feeds and sitemaps only name")
    keep_originals: bool = Field(True, description="keep files and pages for `dateline reclean`")
    original_bytes: int = Field(5_000_000, ge=0, description="larger originals are not kept")


class FollowSettings(_Group):
    """How feeds, sitemaps and folders are read again and again."""

    pages: int = Field(50, ge=1, description="most pages of one feed that a run fetches")
    delay: float = Field(1.0, ge=0, description="seconds between two requests to one host")
    seconds: float = Field(30.0, gt=0, description="for one answer, all redirects included")
    private: tuple[str, ...] = Field(
        (), description="hosts of the own network that may be fetched: name or name:port"
    )


class ChunkSettings(_Group):
    """How articles are cut into passages."""

    characters: int = Field(900, ge=200, le=8000, description="most characters of a passage")


class EmbedSettings(_Group):
    """The embedding model."""

    model: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2",
        description="any sentence-transformers model, by name or path",
    )
    batch: int = Field(32, ge=1)


class RerankSettings(_Group):
    """The cross-encoder that judges whether a sentence answers, and a statement holds."""

    model: str = Field(
        "ms-marco-minilm-l-12-v2",
        description="the default, any cross-encoder by name or path, or none: rules alone judge",
    )
    threads: int = Field(0, ge=0, description="0: as many as there are cores")


class RetrieveSettings(_Group):
    """What is read before sentences are chosen."""

    depth: int = Field(50, ge=1, description="passages from each retriever before fusion")
    passages: int = Field(16, ge=1, description="passages kept after fusion")
    per_article: int = Field(3, ge=1, description="most passages from one article")
    per_outlet: int = Field(12, ge=1, description="most passages from one outlet, if others have")
    rrf_k: int = Field(60, ge=1, description="the constant of reciprocal rank fusion")


class SelectSettings(_Group):
    """Which sentences the model gets to read."""

    characters: int = Field(950, ge=200, description="budget of evidence text in the prompt")
    per_article: int = Field(6, ge=1, description="most pieces of evidence from one article")


class ChatSettings(_Group):
    """Who words the answer.

    `llm` is `local` (the default model in this process), `none` (the sources' own sentences),
    `openai:MODEL` (any OpenAI-compatible endpoint at `base_url`) or `ollama:MODEL`.
    """

    llm: str = "local"
    base_url: str | None = None
    api_key: str | None = Field(None, repr=False)
    max_tokens: int = Field(160, ge=1)
    temperature: float = Field(0.0, ge=0)
    first_token_timeout: float = Field(120.0, gt=0, description="seconds")
    idle_timeout: float = Field(30.0, gt=0, description="seconds between two tokens")
    total_timeout: float = Field(300.0, gt=0, description="seconds")
    threads: int = Field(0, ge=0, description="0: as many as there are cores")
    parallel: int = Field(
        0, ge=0, le=64, description="questions answered at once; 0: 4 by an endpoint, else 1"
    )
    engine: Engine = Field(
        default_factory=best_engine, description="of a local model: ik (quicker) or llama.cpp"
    )
    probabilities: bool = Field(
        True, description="ask how likely the model finds its words; some endpoints refuse"
    )
    profile: ProfileName = Field(
        "auto", description="small, medium or large: what the model can do; auto: by its size"
    )
    thinking: int = Field(
        0, ge=0, description="tokens that it may think beside its answer; 0: as its profile has it"
    )
    context: int = Field(0, ge=0, description="tokens it can read; 0: what its endpoint says")
    shared: Path | None = Field(
        None, description="a file in which another process says where it runs the local model"
    )
    headers: dict[str, str] = Field(
        default_factory=dict, repr=False, description="sent to the endpoint with each request"
    )
    structured: Literal["auto", "schema", "grammar", "object", "none"] = Field(
        "auto", description="how an endpoint is held to JSON; grammar: llama.cpp's own field"
    )
    caching: bool = Field(True, description="ask a paid service to keep the beginning of prompts")
    price_read: float | None = Field(None, ge=0, description="of a million tokens that it reads")
    price_cached: float | None = Field(None, ge=0, description="the same, for cached ones")
    price_written: float | None = Field(None, ge=0, description="of a million that it writes")
    currency: str = Field("USD", max_length=12)

    @property
    def at_once(self) -> int:
        """How many questions are answered at once: a model on this machine needs all of it."""
        return self.parallel or (ENDPOINT_AT_ONCE if self.elsewhere else 1)

    @property
    def elsewhere(self) -> bool:
        """Whether an endpoint words the answers, not this machine."""
        return self.llm.partition(":")[0] in ("openai", "ollama")


class ProfileSettings(_Group):
    """What a profile holds, one by one; None leaves it as the profile of the model has it."""

    characters: int | None = Field(None, ge=200, description="budget of evidence in the prompt")
    articles: int | None = Field(None, ge=1, description="most articles that it reads")
    passages: int | None = Field(None, ge=1, description="passages found for each search")
    markers: bool | None = Field(None, description="number the sentences, have it cite [3.2]")
    length: Length | None = Field(None, description="of an answer in the style normal")
    max_tokens: int | None = Field(None, ge=1, description="most tokens of an answer")
    thinking: int | None = Field(None, ge=0, description="tokens for thoughts beside these")
    rewrite: Rewrite | None = Field(None, description="which follow-ups the model rewords")
    searches: int | None = Field(None, ge=0, le=3, description="more searches that it may ask for")
    verify: VerifyMethod | None = Field(None, description="who checks; see verify.method")


class PlanSettings(_Group):
    """What looking for more may cost, where a model plans searches."""

    seconds: float = Field(20.0, gt=0, description="until the last search is asked for")
    tokens: int = Field(600, ge=50, description="that the plan may take to write")


class VerifySettings(_Group):
    """Who says whether the sources bear a sentence out; what code refutes stays refuted."""

    method: Literal["auto", "rules", "model", "both"] = Field(
        "auto", description="rules (and the judge), a model, or both; auto: as the profile has it"
    )
    llm: str | None = Field(None, description="a model of its own, named as chat.llm; else that")
    base_url: str | None = None
    api_key: str | None = Field(None, repr=False)
    price_read: float | None = Field(None, ge=0, description="of a million tokens, if its own")
    price_written: float | None = Field(None, ge=0, description="of a million tokens, if its own")


class AnswerSettings(_Group):
    """How the answer reads and when it is withheld."""

    style: Literal["short", "normal", "full"] = "normal"
    decline_below: float = Field(
        0.3, ge=0, le=1, description="decline when confidence is lower than this"
    )
    second_look: bool = Field(
        True, description="where the judge is in doubt, ask a local model whether it is right"
    )
    read_on: bool = Field(
        True, description="where an answer is in doubt, let a local model read the next sentences"
    )
    without: tuple[str, ...] = Field(
        (), description="checks and answers told by code to leave out, by name"
    )


class PageSettings(_Group):
    """What the page does by itself; no answer depends on it."""

    ahead: bool = Field(
        True, description="make a question ready when the person who types it pauses"
    )


class MailSettings(_Group):
    """The mail server that sends notices."""

    host: str = Field("", description="empty: no mail is sent")
    port: int = Field(587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = Field("", repr=False)
    sender: str = Field("", description="the address that notices come from")


class WatchSettings(_Group):
    """Watches, and where their notices may go."""

    every: float = Field(60.0, gt=0, description="seconds between two looks of a server at them")
    private: tuple[str, ...] = Field(
        (), description="hosts of the own network that may be notified: name or name:port"
    )


class ServeSettings(_Group):
    """How the server is reached."""

    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#@]+(?:/[^\s?#]*)?$",
        description="where people reach it, behind a proxy: citation addresses begin with it",
    )
    workers: int = Field(
        1, ge=1, le=64, description="processes that answer; the first has the page and takes in"
    )
    waiting: int = Field(
        8, ge=0, le=1000, description="questions that may wait for those in work, by each model"
    )


class ApiSettings(_Group):
    """What the HTTP doors allow, and how they write."""

    rate_per_minute: int = Field(
        0, ge=0, description="requests of one client in a minute; 0: no limit"
    )
    cors_origins: tuple[str, ...] = Field(
        (), description="origins of other sites whose scripts may call the API"
    )
    footer: Literal["auto", "on", "off"] = Field(
        "auto", description="a list of sources at the end of OpenAI-compatible answers"
    )
    draft: Literal["none", "reasoning"] = Field(
        "none",
        description="reasoning: streamed chat completions show the model's unchecked words apart "
        "from the answer, as `reasoning_content`",
    )


class TelemetrySettings(_Group):
    """What is told of questions to others; by default nothing is kept, and nothing leaves."""

    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="the collector of OpenTelemetry that traces go to: http://host:4318",
    )
    content: bool = Field(False, description="write question and answer into the traces")
    metrics: bool = Field(False, description="serve counts for Prometheus at /metrics")


class AuthSettings(_Group):
    """Who may use a server, and how it knows them."""

    mode: Literal["none", "password", "proxy"] = Field(
        "none",
        description="none: one login for all, or none on this machine; password: people sign in on "
        "the page; proxy: a proxy in front has signed them in and names them",
    )
    proxy_header: str = Field(
        "X-Forwarded-User",
        pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$",
        description="the header in which the proxy names the person",
    )
    proxy_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="addresses of the proxy; from others the header is not believed"
    )
    openwebui_secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="the secret with which Open WebUI signs who asks "
        "(its FORWARD_USER_INFO_HEADER_JWT_SECRET)",
    )
    session_days: float = Field(
        7.0, gt=0, le=365, description="days after which people sign in again"
    )


IndexEngine = Literal["chroma", "chroma-server", "pgvector"]
"""What finds passages by meaning."""


class IndexSettings(_Group):
    """Where the graph is that finds passages by meaning."""

    engine: IndexEngine = Field(
        "chroma", description="chroma: files beside the archive; the others are on a server"
    )
    url: str | None = Field(
        None,
        description="chroma-server: http://host:port; pgvector: postgresql://..., or the archive's",
        repr=False,
    )


def default_archive() -> Path:
    """Return the per-user data folder, as the XDG base directory specification has it."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "dateline" / "archive"


_UNTOLD = frozenset(
    {"shared", "headers", "price_read", "price_cached", "price_written", "currency"}
)
"""Of a model, what no answer depends on, or is a secret."""
_LATER = ("profile", "thinking", "context", "structured", "caching")


class Address(str):
    """Where the database of an archive is on a PostgreSQL server: postgresql://user@host/name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The address as it may be shown: without a password."""
        return re.sub(r"(//[^/@:]*):[^/]*@|(password=)[^&]*", _hidden, self)

    @property
    def folder(self) -> Path:
        """Where what belongs to the archive lies on this machine, such as its index of vectors."""
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return Path(base) / "dateline" / "at" / hashlib.sha256(self.name.encode()).hexdigest()[:12]


def _hidden(found: re.Match[str]) -> str:
    return f"{found[2]}..." if found[2] else f"{found[1]}@"


Place = Path | Address
"""What names an archive: its folder, or the address of its database on a server."""


def place(named: object) -> Place:
    """Return what names an archive: the folder of one, or the address of one on a server.

    A command line that was read as a path has lost all slashes but one: before the name of a
    database alone, which is on this machine, there were three.
    """
    text = str(named)
    found = re.match(r"postgres(?:ql)?:(/{1,3})(?!/)", text)
    if found is None:
        return Path(text).expanduser()
    rest = text[found.end() :]
    alone = found[1] == "/" and "/" not in rest.partition("?")[0]
    return Address(f"postgresql:{'///' if alone or found[1] == '///' else '//'}{rest}")


def shown(at: Place) -> str:
    """Return what names an archive as it may be shown."""
    return at.name if isinstance(at, Address) else str(at)


class _Environment(EnvSettingsSource):
    """`DATELINE_AUTH` is the login of `dateline serve`; the group `auth` has its parts only."""

    def prepare_field_value(
        self,
        field_name: str,
        field: FieldInfo,
        value: Any,  # noqa: ANN401 - pydantic's
        value_is_complex: bool,
    ) -> Any:  # noqa: ANN401 - pydantic's
        """Return what a group or a setting is given by the environment."""
        told = None if field_name == "auth" else value
        return super().prepare_field_value(field_name, field, told, value_is_complex)


class Settings(BaseSettings):
    """Everything that can be set; frozen, with a digest that names the configuration."""

    model_config = SettingsConfigDict(
        env_prefix="DATELINE_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    archive: Annotated[Place, PlainValidator(place), PlainSerializer(shown)] = Field(
        default_factory=default_archive
    )
    ingest: IngestSettings = IngestSettings()
    read: ReadSettings = ReadSettings()
    follow: FollowSettings = FollowSettings()
    chunk: ChunkSettings = ChunkSettings()
    embed: EmbedSettings = EmbedSettings()
    rerank: RerankSettings = RerankSettings()
    retrieve: RetrieveSettings = RetrieveSettings()
    select: SelectSettings = SelectSettings()
    chat: ChatSettings = ChatSettings()
    answer: AnswerSettings = AnswerSettings()
    profile: ProfileSettings = ProfileSettings()
    plan: PlanSettings = PlanSettings()
    verify: VerifySettings = VerifySettings()
    page: PageSettings = PageSettings()
    watch: WatchSettings = WatchSettings()
    mail: MailSettings = MailSettings()
    serve: ServeSettings = ServeSettings()
    api: ApiSettings = ApiSettings()
    auth: AuthSettings = AuthSettings()
    index: IndexSettings = IndexSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from: arguments first, then the environment."""
        return init_settings, _Environment(settings_cls)

    def digest(self) -> str:
        """Name this configuration in 12 hex digits: what an answer depends on, no secrets.

        What came later counts only where it was changed, so that what was asked before keeps its
        name.
        """
        unneeded = {"api_key", "parallel", *_UNTOLD}
        if not self.chat.llm.startswith("local"):
            unneeded.add("engine")
        plain = ChatSettings()
        unneeded |= {name for name in _LATER if getattr(self.chat, name) == getattr(plain, name)}
        apart = dict.fromkeys(
            (
                *("archive", "ingest", "read", "follow", "page", "watch", "mail"),
                *("serve", "api", "auth", "index", "telemetry"),
            ),
            True,
        )
        hidden = {"chat": unneeded, "verify": {"api_key", *_UNTOLD}}
        kept: dict[str, Any] = self.model_dump(mode="json", exclude={**apart, **hidden})
        if not self.answer.without:
            del kept["answer"]["without"]
        for group in ("profile", "plan", "verify"):
            if getattr(self, group) == type(self).model_fields[group].default:
                del kept[group]
        return hashlib.sha256(repr(sorted(kept.items())).encode()).hexdigest()[:12]
