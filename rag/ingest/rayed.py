"""Ingestion on the machines of a Ray cluster: `ingest.engine = ray`, an archive on a server.

Each task reads, cleans and cuts some files and stores each article in one transaction of its own;
others give vectors to what has none. All that is to be remembered is in the archive's database:
what is stored is done, a passage without a vector waits for one. So a task may be done twice, after
a machine was lost, and nothing is doubled; a run that was cut off is simply run again.

Ray is imported when it is asked for. Its ports are open to the network: it asks for a token.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag.errors import DatelineError, SettingsError, SourceError
from rag.ingest.intake import FileReport, Item, Run, limits
from rag.ingest.outlets import Names
from rag.ingest.sources.draft import Given
from rag.ingest.sources.reading import from_path
from rag.ingest.sources.worker import Reader
from rag.models.embed import Embedder, embedded_text, load
from rag.models.encoder import Encoder
from rag.settings import Address, EmbedSettings, ReadSettings, Settings

if TYPE_CHECKING:
    from rag.archive.archive import Archive

log = logging.getLogger(__name__)

T = TypeVar("T")

FILES = 8
"""Files of one task."""
TOGETHER = 64
"""Passages of one task that makes vectors."""
AHEAD = 3
"""Tasks for each processor that are in work or wait: what is sent is held in memory."""
SENT_BYTES = 5_000_000
"""A longer file is opened by the machine that reads it, which must see it by the same name."""
RETRIES = 20
"""So often a task is done again whose machine or process was lost."""
HOW: dict[str, Any] = {"max_retries": RETRIES, "scheduling_strategy": "SPREAD"}
TRIES = 3
"""So often Ray is started."""
PAUSE = 5.0
NEEDED = "pip install 'dateline-qa[ray]'"


def read(
    archive: Archive,
    items: Sequence[Item],
    settings: Settings,
    mapping: Mapping[str, str],
    collection: str = "",
) -> Iterator[FileReport]:
    """Read and store on the cluster, within `cluster`, and report on each record as it is done."""
    import ray

    names = Names.of(archive.folder)
    here = Run(archive, Reader(limits(settings.read)), settings, mapping, None, names, collection)
    broken: list[Item] = []
    work = ray.remote(_stored).options(**HOW)
    sent = (
        work.remote(str(archive.place), settings, batch, dict(mapping), collection)
        for batch in _batches(_given(items, broken), FILES)
    )
    for reports in _results(ray, sent):
        yield from reports
    for item in broken:
        yield from here.reports(item)


def embed(
    archive: Archive,
    embedder: Encoder,
    settings: Settings,
    tick: Callable[[int, int], None],
) -> None:
    """Give a vector to each passage that has none, on the cluster, within `cluster`."""
    import ray

    waiting = archive.pending(embedder.fingerprint)
    # The model of the settings is loaded where it is used; another one is sent there.
    other = None if isinstance(embedder, Embedder) else embedder
    done = 0
    work = ray.remote(_embedded).options(**HOW)
    sent = (
        work.remote(str(archive.place), settings, other, ids) for ids in _batches(waiting, TOGETHER)
    )
    for count in _results(ray, sent):
        done += count
        tick(min(done, len(waiting)), len(waiting))


def _given(items: Iterable[Item], broken: list[Item]) -> Iterator[Item]:
    """Yield items with their bytes, so that the machine that reads one need not have the file.

    What cannot be read even here is put among the `broken`.
    """
    for item in items:
        found = from_path(item) if isinstance(item, Path) else item
        if isinstance(found, SourceError):
            broken.append(item)
        elif isinstance(item, Path) and isinstance(found, Given):
            with suppress(OSError):  # whoever opens it then says why it cannot be read
                if item.stat().st_size <= SENT_BYTES:
                    found = replace(found, data=item.read_bytes())
            yield found
        else:
            yield item


def _batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(things)
    while some := list(islice(left, size)):
        yield some


def _results(ray: Any, tasks: Iterator[Any]) -> Iterator[Any]:  # noqa: ANN401 - ray's own
    """Yield what tasks return as they end, with no more of them under way than is useful."""
    most = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    open_ = list(islice(tasks, most))
    while open_:
        ready, open_ = ray.wait(open_, num_returns=1)
        for one in ready:
            try:
                found = ray.get(one)
            except DatelineError:
                raise
            except ray.exceptions.RayError as error:
                raise DatelineError(
                    f"a task was lost {RETRIES} times ({error}); what was stored is stored: run it "
                    "again"
                ) from error
            yield found
        open_ += islice(tasks, most - len(open_))


def _stored(
    at: str,
    settings: Settings,
    batch: Sequence[Item],
    mapping: Mapping[str, str],
    collection: str,
) -> list[FileReport]:
    """Read and store some files: what a task does on whichever machine it is."""
    archive, reader = _opened(at), _reader(settings.read)
    names = Names.of(archive.folder)
    run = Run(archive, reader, settings, mapping, _fetch, names, collection)
    return [report for item in batch for report in run.reports(item)]


def _embedded(at: str, settings: Settings, other: Encoder | None, ids: Sequence[str]) -> int:
    """Give vectors to some passages; whatever has one by now is left out."""
    archive = _opened(at)
    encoder = other or _encoder(settings.embed)
    passages = archive.passages(archive.pending(encoder.fingerprint, ids))
    if passages:
        matrix = encoder.encode([embedded_text(passage) for passage in passages])
        archive.embedded([str(p.id) for p in passages], matrix, encoder.fingerprint)
    return len(ids)


@cache
def _opened(at: str) -> Archive:
    """Return the archive, open as long as this process of Ray's lives."""
    from rag.archive.archive import Archive

    return Archive.create(Address(at)).__enter__()


@cache
def _reader(settings: ReadSettings) -> Reader:
    return Reader(limits(settings)).__enter__()


@cache
def _encoder(settings: EmbedSettings) -> Encoder:
    return load(settings)


def _fetch(url: str) -> Given:
    from rag.ingest.sources.web import Web

    return Web().fetch(url)


@contextmanager
def cluster(archive: Archive, settings: Settings) -> Iterator[None]:
    """Be connected to Ray: to a cluster that runs, or to one that is started here for now.

    Raises:
        SettingsError: Ray is not here, or the archive is not on a server.
        DatelineError: Ray cannot be started.
    """
    if not isinstance(archive.place, Address):
        raise SettingsError(
            "ingest.engine=ray needs an archive on a PostgreSQL server, which several machines can "
            "write to; this one is a folder: dateline move FOLDER postgresql://..."
        )
    try:
        # Before it is imported: nothing is told of its use, and who connects must know the token.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        import ray
    except ImportError as error:
        raise SettingsError(f"ingest.engine=ray needs a package: {NEEDED}") from error
    _connect(ray, settings)
    try:
        yield
    finally:
        ray.shutdown()


def _connect(ray: Any, settings: Settings) -> None:  # noqa: ANN401 - the module
    """Connect, tried three times: on a busy machine the first start may be too slow for Ray.

    Raises:
        DatelineError: it cannot be started.
    """
    how: dict[str, Any] = {
        "address": settings.ingest.ray_address or "local",
        "log_to_driver": False,
    }
    if not settings.ingest.ray_address:
        how |= {"num_cpus": settings.ingest.workers or os.cpu_count(), "include_dashboard": False}
    for turn in range(1, TRIES + 1):
        try:
            ray.init(logging_level="error", **how)
        except Exception as error:
            ray.shutdown()
            if turn == TRIES:
                where = settings.ingest.ray_address or "this machine"
                raise DatelineError(
                    f"Ray cannot be started on {where}, tried {TRIES} times: {error}"
                ) from error
            log.warning("Ray did not start (%s); trying again", error)
            time.sleep(PAUSE)
        else:
            return
