"""What tests of several packages share."""

import os
from pathlib import Path

import pytest

# Answers are judged by rules alone but where a test asks for the learned judge: what most tests
# are about does not depend on it, and it need not be on this machine.
os.environ.setdefault("DATELINE_RERANK__MODEL", "none")


@pytest.fixture(scope="session", autouse=True)
def _servers():
    """Servers that tests start last as long as these, and no longer."""
    yield
    from tests import servers

    servers.close()


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def seeds():
    """The two articles that the project began with, where this machine has them."""
    found = sorted((SHARED / "seeds").glob("*.txt"))
    if not found:
        pytest.skip("the seed articles (../shared/seeds) are not on this machine")
    return found


@pytest.fixture(scope="session")
def realtimeqa():
    """The 2,464 real news articles, where this machine has them."""
    path = SHARED / "data" / "realtimeqa_dev" / "articles.jsonl.gz"
    if not path.exists():
        pytest.skip("the RealTimeQA articles (../shared/data) are not on this machine")
    return path


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory):
    """The folder of an archive of the sample articles, made once by the real ingestion."""
    from rag.archive.archive import Archive
    from rag.ingest.run import ingest
    from rag.models.embed import load
    from rag.settings import Settings

    folder = tmp_path_factory.mktemp("sample-archive")
    settings = Settings()
    files = [Path(__file__).resolve().parents[1] / "eval" / "sample"]
    with Archive.create(folder) as archive:
        reports = list(ingest(archive, load(settings.embed), files, settings))
    assert {r.outcome for r in reports} == {"added", "duplicate"}
    return folder
