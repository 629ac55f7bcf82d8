"""Other words for a question, and articles on something else, change nothing of what it says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from eval.metamorphic import LEAST, WORDED, beside, differing, questions
from rag.answer.pipeline import open_qa
from rag.settings import ChatSettings, Settings

CONFLICTS = re.compile(r"conflicts=(.*)\)$", re.MULTILINE)
"""What the sources differ on, in the line of one question."""


def test_there_are_forty_questions_with_three_paraphrases_each() -> None:
    assert len(questions()) == 40
    assert all(len(set(others) - {one}) == 3 for one, others in questions())


def test_paraphrases_come_out_the_same(sample_archive: Path) -> None:
    asked = [(one, other) for one, others in questions() for other in others]
    with open_qa(Settings(archive=sample_archive, chat=ChatSettings(llm="none"))) as qa:
        changed = differing(qa, asked)
    assert len(changed) <= (1 - WORDED) * len(asked), "\n".join(changed)
    differ = [one for one in changed if len(set(CONFLICTS.findall(one))) > 1]
    assert len(differ) <= (1 - LEAST) * len(asked), "\n".join(differ)


def test_200_articles_on_something_else_change_nothing(
    sample_archive: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(sample_archive, tmp_path / "archive")
    changed = beside(folder, 200)
    assert len(changed) <= (1 - LEAST) * len(questions()), "\n".join(changed)
