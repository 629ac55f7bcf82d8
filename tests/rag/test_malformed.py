"""Five hundred damaged files and bombs: each an article or a named error, the reader alive."""

import lxml.html

from rag.ingest.sources import styles
from rag.ingest.sources.people import READ, people
from rag.ingest.sources.worker import Limits
from tests.rag.malformed import attack


def test_every_damaged_file_is_an_article_or_a_named_error():
    outcome = attack(500, seed=1, limits=Limits(seconds=5, wall=120))
    assert outcome.faults == []
    assert len(outcome.seconds) == 500
    assert outcome.counts["Draft"] > 100
    assert outcome.counts["SourceError"] > 50
    assert outcome.memory < 750  # of its own: half of what it may have


def test_authors_in_lists_of_lists_end():
    names: list[object] = ["Ann Lee"]
    for _ in range(40):
        names = [names, names]
    assert people(names) == ("Ann Lee",)
    assert people([["Ann Lee", ["Bo Ng"]], *[""] * READ, "Carla Diaz"]) == ("Ann Lee", "Bo Ng")


def test_no_more_rules_are_compiled_than_are_matched(monkeypatch):
    compiled: list[object] = []
    real = styles.compile_selector_list
    monkeypatch.setattr(
        styles, "compile_selector_list", lambda rule: compiled.append(rule) or real(rule)
    )
    rules = ".a .b .c{color:red}" * (3 * styles.RULES)
    tree = lxml.html.fromstring(f"<html><style>{rules}</style><p class=c>x</p></html>")
    styles.Sheet(tree)
    assert len(compiled) == styles.RULES
