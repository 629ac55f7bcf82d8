"""Fit what tells a question about the archive from one about the world, and measure it.

    python -m eval.asking --data FOLDER          # measure
    python -m eval.asking --data FOLDER --fit    # fit anew (some minutes), then measure

Fitted is on the examples of `cases/asking.toml`, with topics put in, and on one half of the
questions about the world of `eval.holdings`; on the other half, and on the questions about the
archive in `cases/archive*.jsonl`, nothing is fitted, and all that is measured is measured there.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from eval.holdings import Asked, sample, world
from rag import NewsQA
from rag.answer.listing import ABOUT, listing
from rag.models import embed
from rag.models.encoder import Matrix
from rag.models.intent import SURE, Intent, masked, pooled, scored
from rag.question.cut import Known
from rag.settings import Settings
from rag.types import Span

EXAMPLES = Path(__file__).parent / "cases" / "asking.toml"
PLACE = Path(embed.__file__).parent / "intent.safetensors"
SEED = 11
EACH = 3
"""How often an example is filled."""
BESIDES = 500
"""Questions about the world that are learned from though none of their words means an archive."""
PENALTY = {"topic": 3.0, "asks": 2.0, "kind": 2.0}
"""What half the square of the weights counts for, beside the sum of what the rows lose."""
KNOWN = Known(
    outlets=("Harbor Ledger", "cnn.com"), authors=("Theo Marsh",), today=date(2024, 12, 18)
)
_NAME = re.compile(r"(?<=.)\b[A-Z][a-z]{2,}(?: (?:of )?[A-Z][a-z]{2,}){0,2}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question with stand-ins, what it asks for, and where its topics stand."""

    text: str
    kind: str
    """Empty for a question about the world."""
    topics: tuple[Span, ...] = ()


def examples(names: Sequence[str]) -> Iterator[Example]:
    """Yield the examples with topics put in: names, and the words of the file."""
    given: dict[str, Any] = tomllib.loads(EXAMPLES.read_text("utf-8"))
    dice = random.Random(SEED)  # noqa: S311 - the same each time
    pool = [*names, *given["topics"] * 6]
    forms = [(kind, form) for kind, some in given["archive"].items() for form in some]
    for kind, form in [*forms, *(("", form) for form in given["world"])]:
        for n in range(EACH if "{" in form else 1):
            yield _filled(form, kind, pool, dice, lower=n == EACH - 1 and dice.random() < 0.6)


def _filled(
    form: str, kind: str, pool: Sequence[str], dice: random.Random, *, lower: bool
) -> Example:
    said, spans = "", []
    for part in re.split(r"(\{[toad]\})", form):
        if part == "{t}":
            topic = dice.choice(pool)
            topic = topic.lower() if lower or dice.random() < 0.15 else topic
            spans.append(Span(start=len(said), end=len(said) + len(topic)))
            said += topic
        elif part == "{d}":
            said = said.removesuffix("in ") + "in 2019"
        else:
            plain = part.lower().rstrip("?.") if lower else part
            said += {"{o}": "Reuters", "{a}": "John Smith"}.get(part, plain)
    return Example(text=said, kind=kind, topics=tuple(spans))


def fitted_on(question: str) -> bool:
    """Say whether a question about the world is in the half that is learned from."""
    return hashlib.sha256(question.encode()).digest()[1] % 2 == 0


def fit(settings: Settings, data: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Return the weights, under the names that `rag.models.intent` reads."""
    embedder = embed.load(settings.embed)
    questions = [q for _, some in world(data) for q in some if fitted_on(q)]
    near = [q for q in questions if ABOUT.search(q)]
    others = sorted(set(questions) - set(near))
    dice = random.Random(SEED)  # noqa: S311 - the same each time
    dice.shuffle(others)
    names = sorted({name for q in others for name in _NAME.findall(q)})
    dice.shuffle(names)
    shown = list(examples(names[:400]))
    shown += [Example(text=masked(q, KNOWN).text, kind="") for q in [*near, *others[:BESIDES]]]
    read = [embedder.states(one.text) for one in shown]
    asked = [(one, *of) for one, of in zip(shown, read, strict=True) if one.kind]
    inside = [
        any(span.overlaps(token) for span in one.topics)
        for one, tokens, _ in asked
        for token in tokens
    ]
    (topic,) = regress(np.concatenate([s for _, _, s in asked]), inside, PENALTY["topic"])
    rows = np.stack([pooled(s, scored(s, topic)) for _, s in read])
    (asks,) = regress(rows, [bool(one.kind) for one in shown], PENALTY["asks"])
    kinds = sorted({one.kind for one in shown if one.kind})
    ours = [n for n, one in enumerate(shown) if one.kind]
    labels = [kinds.index(shown[n].kind) for n in ours]
    kind = regress(rows[ours], labels, PENALTY["kind"])
    weights = {"topic": topic, "asks": asks, "kind": kind}
    texts = {"kinds": " ".join(kinds), "model": embedder.fingerprint}
    return {name: w.astype(np.float16) for name, w in weights.items()} | {
        name: np.frombuffer(text.encode(), dtype=np.uint8) for name, text in texts.items()
    }


def regress(x: Matrix, y: Sequence[int], penalty: float) -> Matrix:
    """Return the weights of a logistic regression, one row a class, the last number added.

    For two classes there is one row, whose product with an input is the log odds of the second.
    """
    import torch

    torch.manual_seed(SEED)
    classes = int(max(y)) + 1
    inputs, wanted = torch.from_numpy(np.ascontiguousarray(x)), torch.tensor([int(n) for n in y])
    w = torch.zeros(classes, x.shape[1], requires_grad=True)
    b = torch.zeros(classes, requires_grad=True)
    steps = torch.optim.LBFGS([w, b], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> Any:  # noqa: ANN401 - a tensor
        steps.zero_grad()
        lost = torch.nn.functional.cross_entropy(inputs @ w.T + b, wanted, reduction="sum")
        found = lost + penalty * (w**2).sum() / 2
        found.backward()  # type: ignore[no-untyped-call]
        return found

    steps.step(loss)  # type: ignore[no-untyped-call]
    both = np.concatenate([w.detach().numpy(), b.detach().numpy()[:, None]], axis=1)
    return np.asarray(both if classes > 2 else both[1:] - both[:1], dtype=np.float32)


def measured(settings: Settings, data: Path) -> Iterator[str]:
    """Yield in lines how many questions about the world, and about the archive, are recognised."""
    intent = Intent(embed.load(settings.embed))
    total = caught = 0
    for name, questions in world(data):
        fresh = [q for q in questions if not fitted_on(q)]
        found = [q for q in fresh if ABOUT.search(q) and intent.read(q, KNOWN)]
        total, caught = total + len(fresh), caught + len(found)
        if fresh:
            yield f"{name}: {len(found)} of {len(fresh)} questions about the world are caught"
    yield f"all: {caught} of {total} ({caught / max(total, 1):.2%}) at log odds of {SURE}"
    yield from over_sample(settings)


def over_sample(settings: Settings) -> Iterator[str]:
    """Yield what lists are given over the sample, by halves: without the learned model, and with.

    Only numbers are told: half of the questions are sealed.
    """
    place, sets = sample(settings)
    for without in (("intent",), ()):
        answer = settings.answer.model_copy(update={"without": without})
        asked = settings.model_copy(update={"answer": answer})
        yield "phrases alone:" if without else "phrases, and the learned model:"
        with NewsQA.open(place, chat="none", settings=asked) as qa:
            for name, (_, questions) in sets.items():
                for sealed in (False, True):
                    half = [one for one in questions if one.sealed == sealed]
                    yield f"  {name}, {'sealed' if sealed else 'open'}: {tally(qa, half)}"


def tally(qa: NewsQA, questions: Sequence[Asked]) -> str:
    """Say of how many questions a list is given, and how many of these are right."""
    found = [(one, listing(one.question, qa, None, None)) for one in questions]
    exact = sum(one.met(given) for one, given in found)
    given = sum(given is not None for _, given in found)
    return f"{exact} of {len(questions)} exact, {given} given, {given - exact} wrong"


def main() -> int:
    """Measure, or fit anew and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with sets of questions")
    parser.add_argument("--fit", action="store_true", help="fit the weights anew, and keep them")
    given = parser.parse_args()
    settings = Settings()
    if given.fit:
        from safetensors.numpy import save_file

        save_file(fit(settings, given.data), PLACE)
    sys.stdout.write("\n".join(measured(settings, given.data)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
