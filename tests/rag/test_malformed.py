"""Five hundred damaged files and bombs: each an article or a named error, the reader alive."""

from rag.ingest.sources.worker import Limits
from tests.rag.malformed import attack


def test_every_damaged_file_is_an_article_or_a_named_error():
    outcome = attack(500, seed=1, limits=Limits(seconds=5, wall=120))
    assert outcome.faults == []
    assert len(outcome.seconds) == 500
    assert outcome.counts["Draft"] > 100
    assert outcome.counts["SourceError"] > 50
    assert outcome.memory < 750  # of its own: half of what it may have
