"""The archive of a suite: made once, counted, and refused when it is not what was indexed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from eval.corpus import COMPLETE, count
from eval.rows import RunFault
from eval.suites import sample
from rag.archive.archive import Archive


@pytest.fixture
def copied(sample_archive: Path, tmp_path: Path) -> Path:
    place = tmp_path / "archive"
    shutil.copytree(sample_archive, place)
    return place


def test_the_articles_are_counted_before_anything_is_asked(copied: Path) -> None:
    with Archive.open(copied) as archive:
        held = count(archive, sample())
        (copied.parent / COMPLETE).write_text(f"{held}\n")
        assert count(archive, sample()) == held == 36


def test_an_archive_that_lost_articles_is_refused(copied: Path) -> None:
    (copied.parent / COMPLETE).write_text("37\n")
    with (
        Archive.open(copied) as archive,
        pytest.raises(RunFault, match="holds 36 articles where 37 were indexed"),
    ):
        count(archive, sample())


def test_an_archive_of_something_else_is_refused(copied: Path) -> None:
    suite = sample()
    case = next(case for case in suite.cases if case.evidence)
    other = replace(case, evidence=(replace(case.evidence[0], article="elsewhere"),))
    with (
        Archive.open(copied) as archive,
        pytest.raises(RunFault, match="lacks 1 articles that sample names"),
    ):
        count(archive, replace(suite, cases=(other,)))
