"""`python -m eval.bench soak SUITE`: does memory stay flat over many different articles?

One question is asked about each article, made of its title, so that other sentences are read every
time; a scripted model words the answers, so that all checks are run. Resident memory is printed
every 50 questions. It may grow over the first 50, in which caches fill; after that by no more than
`SLACK`, else the command fails.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from eval import scripted
from eval.corpus import prepare
from eval.loaders import Suite
from eval.memory import resident_mb
from eval.suites import find
from rag.answer.pipeline import NewsQA, open_qa
from rag.errors import QuestionError
from rag.settings import ChatSettings, Settings

SLACK = 0.06
"""The share by which memory may grow after the first `EVERY` questions: allocators keep pages."""
EVERY = 50


def questions(qa: NewsQA, most: int) -> Iterator[str]:
    """Yield a question about each article of the archive, newest first."""
    for article in qa.archive.articles(limit=most):
        yield f"What is known of this: {article.title or article.id}?"


def resident(
    qa: NewsQA, asked: Iterator[str], memory: Callable[[], float], every: int = EVERY
) -> Iterator[tuple[int, float]]:
    """Ask the questions; yield how many were asked and the resident memory, `every` so many."""
    for count, question in enumerate(asked, 1):
        try:
            qa.ask(question)
        except QuestionError:
            continue
        finally:
            if count % every == 0:
                yield count, memory()


def flat(held: Sequence[float]) -> bool:
    """Say whether memory stayed flat after the first figure."""
    return max(held, default=0.0) <= (1 + SLACK) * held[0] if held else True


def main() -> int:
    """Print the memory as it comes; fail when it grows."""
    options = _options()
    settings = Settings(chat=ChatSettings(llm="none"))
    if options.archive:
        settings = settings.model_copy(update={"archive": options.archive})
    else:
        settings = prepare(_thinned(find(options.suite), options.articles), settings)
    held: list[float] = []
    with open_qa(settings) as qa:
        qa.chat = scripted.connect(settings.chat)
        sys.stdout.write("| questions | resident, MB |\n| ---: | ---: |\n")
        asked = questions(qa, options.articles)
        for count, megabytes in resident(qa, asked, resident_mb, options.every):
            held.append(megabytes)
            sys.stdout.write(f"| {count} | {megabytes:.0f} |\n")
            sys.stdout.flush()
    if flat(held):
        return 0
    sys.stderr.write(f"memory grew by {max(held) / held[0] - 1:.0%} after the first figure\n")
    return 1


def _thinned(suite: Suite, most: int) -> Suite:
    """Return the suite with its first articles alone, so that they are indexed in minutes."""
    corpus = suite.corpus
    if corpus is None:
        return suite
    return replace(suite, name=f"{suite.name}-first-{most}", corpus=lambda: islice(corpus(), most))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("suite", nargs="?", default="sample", help="sample, or NAME:FOLDER")
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--every", type=int, default=EVERY)
    parser.add_argument("--archive", type=Path, metavar="DIR", help="ask over this one instead")
    return parser.parse_args()
