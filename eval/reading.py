"""Fit the extractive reader, and measure what it reads in single sentences.

    python -m eval.reading --squad FOLDER --ramdocs FOLDER           # measure, beside the rules
    python -m eval.reading --squad FOLDER --ramdocs FOLDER --fit     # fit anew (an hour), measure

Fitted are low-rank adapters (Hu et al., arXiv 2106.09685) in the upper layers of the reranker on
questions of SQuAD 2.0 and RAMDocs, each with the sentence that answers it and with one or two that
do not, those that the reranker finds nearest. A third of the pages, told by the digest of their
name, is sealed: nothing is fitted on them, and all that is measured is measured on them.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.cases import Case
from eval.fitting import auc
from eval.loaders import ramdocs, squad
from rag.language.sentences import split
from rag.models import reader, reranker
from rag.models.weights import weights
from rag.settings import RerankSettings
from rag.types import Article, Span

if TYPE_CHECKING:
    from torch import Tensor, nn

LOWER, RANK, EPOCHS, RATE, TOGETHER = 6, 8, 4, 2e-3, 16
"""Layers that are left as they are; rank of the adapters; rounds; learning rate; pairs a step."""
DROPPED = 0.05
"""Part of the hidden numbers that is left out while it is fitted, so that it fits less by heart."""
NEAREST = 2
"""Sentences of an unanswerable question that are taken; of an answerable one, one beside it."""
PLACE = Path(reader.__file__).with_suffix(".safetensors")
"""Where the adapters are kept."""
SEALED = 3
"""One page in so many is sealed."""
MISSING = "The reranker is not on this machine: dateline models pull"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A question and a sentence, with the words of it that answer."""

    suite: str
    question: str
    ahead: str
    text: str
    answers: tuple[Span, ...]
    """Where in the sentence the answers stand, the one that most people gave first; empty where it
    has none."""
    logit: float
    """What the reranker makes of the two."""


def pairs(squad_folder: Path, ramdocs_folder: Path, *, of_sealed: bool) -> list[Pair]:
    """Return the pairs of the sealed pages of both sets, or those of all others, in their order.

    Raises:
        SuiteMissing: a file is not there.
    """
    scorer = reranker.load(RerankSettings())
    if scorer is None:
        raise SystemExit(MISSING)
    both = (
        (_of_paragraph, squad.load(squad_folder).cases),
        (_of_documents, ramdocs.load(ramdocs_folder).cases),
    )
    return [
        pair
        for read, cases in both
        for case in cases
        if sealed(_page(case)) == of_sealed
        for pair in read(case, scorer)
    ]


def sealed(page: str) -> bool:
    """Return True for a page, told by its name, on which nothing is fitted."""
    return int(hashlib.sha256(f"sealed {page}".encode()).hexdigest(), 16) % SEALED == 0


def _page(case: Case) -> str:
    """Name what a question is asked of: the page of its paragraph, else the question itself."""
    return case.articles[0].title or case.question


def _of_paragraph(case: Case, scorer: reranker.Reranker) -> list[Pair]:
    """Return the sentence of a paragraph that answers, and the nearest that do not."""
    (article,) = case.articles
    gold = {g.quote for g in case.evidence}
    found = _read("squad2", case, article, case.answers, scorer)
    right = [p for p in found if p.answers and any(p.text in q or q in p.text for q in gold)]
    wrong = [p for p in found if not p.answers]
    return [*right[:1], *wrong[: 1 if right else NEAREST]]


def _of_documents(case: Case, scorer: reranker.Reranker) -> list[Pair]:
    """Return of each document the sentence that gives a value, right or wrong, or the nearest."""
    values = (*(a for group in case.answers_all for a in group), *case.wrong)
    read = (_read("ramdocs", case, one, values, scorer) for one in case.articles)
    best = (next((p for p in found if p.answers), found[0]) for found in read if found)
    return list(best)


def _read(
    suite: str, case: Case, article: Article, answers: Sequence[str], scorer: reranker.Reranker
) -> list[Pair]:
    """Return the sentences of an article, the nearest first, with the answers that they have."""
    ahead = f"{article.title}. " if article.title else ""
    texts = [span.of(article.text) for span in split(article.text)]
    logits = scorer.score([(case.question, ahead + text) for text in texts])
    ranked = sorted(zip(texts, logits, strict=True), key=lambda one: -one[1])
    return [
        Pair(
            suite=suite,
            question=case.question,
            ahead=ahead,
            text=text,
            answers=tuple(_places(text, answers)),
            logit=logit,
        )
        for text, logit in ranked
    ]


def _places(text: str, answers: Sequence[str]) -> Iterator[Span]:
    for answer in answers:
        for match in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text):
            yield Span(start=match.start(), end=match.end())


def measured(found: Sequence[Pair]) -> list[str]:
    """Return how well sealed pairs are read, as a Markdown table.

    Exact: the same words, but for articles, case and marks; F1: of their words. Beside them how
    well the log odds tell sentences that answer from those that do not (area under the curve), for
    the reader and, of the same pairs, for the reranker.
    """
    model = reader.load(RerankSettings())
    if model is None:
        raise SystemExit(MISSING)
    lines = [
        "| pairs | answered | exact | F1 | answers or not: reader | reranker |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name in dict.fromkeys(p.suite for p in found):
        part = [p for p in found if p.suite == name]
        read = [one.best() for one in model.read([(p.question, p.ahead, p.text) for p in part])]
        held = [bool(p.answers) for p in part]
        told = [(p, span.of(p.text)) for p, (span, _) in zip(part, read, strict=True) if p.answers]
        exact = np.mean([max(_exact(p.text, s, text) for s in p.answers) for p, text in told])
        shared = np.mean([max(_f1(s.of(p.text), text) for s in p.answers) for p, text in told])
        areas = auc([odds for _, odds in read], held), auc([p.logit for p in part], held)
        lines.append(
            f"| {name}, {len(part)} | {len(told)} | {exact:.3f} | {shared:.3f} "
            f"| {areas[0]:.3f} | {areas[1]:.3f} |"
        )
    return lines


def _exact(text: str, span: Span, told: str) -> bool:
    return _plain(span.of(text)) == _plain(told)


def _plain(text: str) -> list[str]:
    return [w for w in re.findall(r"\w+", text.lower()) if w not in {"a", "an", "the"}]


def _f1(gold: str, told: str) -> float:
    one, other = _plain(gold), _plain(told)
    shared = sum((Counter(one) & Counter(other)).values())
    return 2 * shared / (len(one) + len(other)) if shared else 0.0


def fit(found: Sequence[Pair]) -> dict[str, np.ndarray[Any, np.dtype[np.float16]]]:
    """Return adapters and the numbers for begin and end, fitted on pairs, by their names.

    What the lower layers make of a pair never changes, so that it is computed once. The loss is the
    cross-entropy of the token with which the answer begins and of that with which it ends, among
    the sentence's own and the first one, which stands for no answer.
    """
    import torch

    torch.manual_seed(0)
    chance = random.Random(0)  # noqa: S311 - of the order of pairs
    network = _Network(reader_weights())
    rows = [row for row in map(_row, found) if row is not None]
    with torch.no_grad():
        for batch in _batches(rows, 4 * TOGETHER):
            for row, hidden in zip(batch, network.below(batch), strict=True):
                row.hidden = hidden[: len(row.ids)].half()
    fitted = [p for p in network.parts() if p.requires_grad]
    optimiser = torch.optim.AdamW(fitted, lr=RATE, weight_decay=0.01)
    steps, step = EPOCHS * math.ceil(len(rows) / TOGETHER), 0
    for epoch in range(EPOCHS):
        lost = 0.0
        for batch in _batches(rows, TOGETHER, chance):
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, (step + 1) / 50) * (1 - step / steps)
            loss = network.loss(batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(fitted, 1.0)
            optimiser.step()
            step, lost = step + 1, lost + loss.item() * len(batch)
        _say(f"round {epoch + 1} of {EPOCHS}: {lost / len(rows):.3f}")
    return network.adapters()


def reader_weights() -> dict[str, Any]:
    """Return the weights of the reranker under their names, as they are before anything is fitted.

    Raises:
        ModelMissing: it is not on this machine.
    """
    from rag.models import catalogue

    path = catalogue.locate(catalogue.RERANKER)
    if path is None:
        raise SystemExit(MISSING)
    return dict(weights(path))


@dataclass(slots=True, kw_only=True)
class _Row:
    """A pair in tokens, with what the lower layers make of it."""

    ids: list[int]
    types: list[int]
    open: list[bool]
    """Which tokens may begin or end an answer: those of the sentence, and the first."""
    first: int
    last: int
    hidden: Tensor | None = None


def _row(pair: Pair) -> _Row | None:
    """Return a pair in tokens; None where the answer was cut off."""
    cut = reranker.tokenizer().encode(pair.question, pair.ahead + pair.text)
    size = len(pair.ahead)
    held = [
        kind == 1 and end > start >= size
        for kind, (start, end) in zip(cut.type_ids, cut.offsets, strict=True)
    ]
    first = last = 0
    if pair.answers:
        span = pair.answers[0]
        at = [
            n
            for n, (start, end) in enumerate(cut.offsets)
            if held[n] and end - size > span.start and start - size < span.end
        ]
        if not at:
            return None
        first, last = at[0], at[-1]
    return _Row(ids=cut.ids, types=cut.type_ids, open=[True, *held[1:]], first=first, last=last)


def _batches(
    rows: Sequence[_Row], size: int, chance: random.Random | None = None
) -> list[list[_Row]]:
    """Return rows in batches of about one length; by chance, or all from short to long."""
    mixed = list(rows)
    if chance is not None:
        chance.shuffle(mixed)
    wide = 32 * size if chance else len(mixed)
    runs = [
        sorted(mixed[i : i + wide], key=lambda r: len(r.ids)) for i in range(0, len(mixed), wide)
    ]
    made = [run[i : i + size] for run in runs for i in range(0, len(run), size)]
    if chance is not None:
        chance.shuffle(made)
    return made


class _Network:
    """The reranker's network, cut in two, with adapters in the upper half."""

    def __init__(self, held: Mapping[str, Any]) -> None:
        import torch
        from torch import nn
        from transformers import BertConfig, BertModel

        config = BertConfig(
            vocab_size=len(held["embeddings.word_embeddings.weight"]),
            hidden_size=held["embeddings.LayerNorm.weight"].size,
            num_hidden_layers=reader.LAYERS,
            num_attention_heads=reader.HEADS,
            intermediate_size=len(held["encoder.layer.0.intermediate.dense.weight"]),
            layer_norm_eps=reader.EPSILON,
            hidden_dropout_prob=DROPPED,
            attention_probs_dropout_prob=0.0,
        )
        self._bert = BertModel(config, add_pooling_layer=False).requires_grad_(False)
        known = {
            k: torch.tensor(np.array(v)) for k, v in held.items() if k in self._bert.state_dict()
        }
        self._bert.load_state_dict(known)
        self._added: dict[str, nn.ParameterDict] = {}
        for number, layer in enumerate(self._bert.encoder.layer[LOWER:], LOWER):
            for name, part in list(layer.named_modules()):
                if isinstance(part, nn.Linear):
                    self._add(f"encoder.layer.{number}.{name}", part)
        self._head = nn.Linear(config.hidden_size, 2)

    def _add(self, name: str, part: nn.Linear) -> None:
        """Add to what a layer gives the product of two narrow matrices, at first zero."""
        import torch
        from torch import nn

        adapter = nn.ParameterDict(
            {
                "a": nn.Parameter(torch.randn(part.in_features, RANK) * 0.02),
                "b": nn.Parameter(torch.zeros(RANK, part.out_features)),
            }
        )
        part.register_forward_hook(
            lambda _, given, out: out + given[0] @ adapter["a"] @ adapter["b"] * reader.SCALE
        )
        self._added[name] = adapter

    def parts(self) -> Iterator[nn.Parameter]:
        """Yield all that is fitted."""
        for part in (*self._added.values(), self._head):
            yield from part.parameters()

    def below(self, rows: Sequence[_Row]) -> Tensor:
        """Return what the lower layers make of rows, of shape (rows, tokens, dimensions)."""
        import torch

        self._bert.train(mode=False)
        hidden = self._bert.embeddings(
            input_ids=torch.tensor(_filled([r.ids for r in rows], 0)),
            token_type_ids=torch.tensor(_filled([r.types for r in rows], 0)),
        )
        return self._through(self._bert.encoder.layer[:LOWER], hidden, rows)

    def loss(self, rows: Sequence[_Row]) -> Tensor:
        """Return the mean loss of begin and end."""
        import torch
        from torch.nn.functional import cross_entropy
        from torch.nn.utils.rnn import pad_sequence

        self._bert.train(mode=True)
        hidden = pad_sequence([r.hidden.float() for r in rows], batch_first=True)  # type: ignore[union-attr]
        scores = self._head(self._through(self._bert.encoder.layer[LOWER:], hidden, rows))
        closed = ~torch.tensor(_filled([r.open for r in rows], False))
        scores = scores.masked_fill(closed[:, :, None], _NEVER)
        ends = ([r.first for r in rows], [r.last for r in rows])
        two = [cross_entropy(scores[:, :, n], torch.tensor(at)) for n, at in enumerate(ends)]
        return (two[0] + two[1]) / 2

    def _through(self, layers: Iterable[nn.Module], hidden: Tensor, rows: Sequence[_Row]) -> Tensor:
        import torch

        real = torch.tensor(_filled([[1] * len(r.ids) for r in rows], 0))
        mask = (1.0 - real[:, None, None, :].float()) * _NEVER
        for layer in layers:
            made = layer(hidden, mask)
            hidden = made[0] if isinstance(made, tuple) else made
        return hidden

    def adapters(self) -> dict[str, np.ndarray[Any, np.dtype[np.float16]]]:
        """Return what was fitted, by the names under which the reader takes it."""
        held = {f"{n}.{k}": v for n, part in self._added.items() for k, v in part.items()}
        held |= {"head.weight": self._head.weight, "head.bias": self._head.bias}
        return {name: v.detach().numpy().astype(np.float16) for name, v in held.items()}


_NEVER = -1e4
"""A score that no softmax leaves anything of."""


def _filled(rows: Sequence[Sequence[Any]], fill: object) -> list[list[Any]]:
    size = max(map(len, rows))
    return [[*row, *[fill] * (size - len(row))] for row in rows]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Measure, or fit anew and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--squad", type=Path, required=True)
    parser.add_argument("--ramdocs", type=Path, required=True)
    parser.add_argument("--fit", action="store_true", help="fit the adapters anew, and keep them")
    given = parser.parse_args()
    if given.fit:
        from safetensors.numpy import save_file

        save_file(fit(pairs(given.squad, given.ramdocs, of_sealed=False)), PLACE)
    lines = measured(pairs(given.squad, given.ramdocs, of_sealed=True))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
