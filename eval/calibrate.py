"""Measure and fit the verifier on sentences that people judged against their news articles.

    python -m eval.calibrate FOLDER          # balanced accuracy and each check, on the held half
    python -m eval.calibrate FOLDER --fit    # weights for `rag.verify.score` from the other half

The folder holds JSON lines with `id`, `article`, `sentence` and `supported`. Articles are divided
into halves by a hash of the id without its last part, so that no article is in both. Each claim
is checked as an answer is: against the one to four sentences that carry it, with their neighbours
as context.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.language.sentences import split
from rag.language.words import stems
from rag.verify.ground import Ground, Premise
from rag.verify.score import Encode, Features, measure
from rag.verify.verifier import ENOUGH, RuleVerifier, findings

DRAWS = 2000
MOST = 4
"""Most source sentences for one claim, as in an answer's citations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One judged sentence with the source sentences it is checked against."""

    id: str
    article: str
    """The id of its article: sentences on one article are not independent."""
    text: str
    premises: tuple[Premise, ...]
    supported: bool

    @property
    def held(self) -> bool:
        """Say whether it belongs to the half that only reports."""
        return int(hashlib.sha256(self.article.encode()).hexdigest(), 16) % 2 == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Mean of the shares of supported and of unsupported claims told rightly, with 95 % ends."""

    mean: float
    low: float
    high: float
    kept: float
    """Share of the supported claims that are called supported."""
    caught: float
    """Share of the unsupported claims that are not."""


def load(folder: Path) -> list[Claim]:
    """Read every `*.jsonl` of a folder.

    Raises:
        FileNotFoundError: There is no such file.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no .jsonl file of judged sentences")
    rows = (json.loads(row) for f in files for row in f.read_text("utf-8").splitlines())
    return [_claim(row) for row in rows]


def _claim(row: dict[str, Any]) -> Claim:
    text, article = _tidy(row["sentence"]), _tidy(row["article"])
    sentences = [span.of(article) for span in split(article)]
    premises = tuple(
        Premise(text=sentences[i], context=" ".join(_around(sentences, i)))
        for i in choose(text, sentences)
    )
    return Claim(
        id=row["id"],
        article=row["id"].rsplit("-", 1)[0],
        text=text,
        premises=premises,
        supported=bool(row["supported"]),
    )


def _tidy(text: str) -> str:
    """Undo the set's tokenisation, which no article has: "26, 000", "2. 4", "16 - year - old"."""
    text = re.sub(r"(?<=\d), (?=\d{3}\b)", ",", text)
    text = re.sub(r"(?<=\d)\. (?=\d)", ".", text)
    return re.sub(r"(?<=\w) - (?=\w)", "-", re.sub(r"([$£€]) (?=\d)", r"\1", text))


def _around(sentences: Sequence[str], i: int) -> Iterator[str]:
    yield from sentences[max(0, i - 3) : i]
    yield from sentences[i + 1 : i + 2]


def choose(text: str, sentences: Sequence[str]) -> list[int]:
    """Choose the sentences that carry a claim: each next one must bring words not yet held."""
    wanted, held = stems(text), [stems(s) for s in sentences]
    frequency = Counter(t for s in held for t in s)
    weights = {t: 1 / (1 + np.log1p(frequency[t])) for t in wanted}
    least, left, chosen = 0.12 * sum(weights.values()), set(wanted), list[int]()
    while left and held and len(chosen) < MOST:
        gains = [sum(weights[t] for t in left & s) + 0.01 * len(wanted & s) for s in held]
        best = int(np.argmax(gains))
        if best in chosen or gains[best] <= (least if chosen else 0):
            break
        chosen.append(best)
        left -= held[best]
    return chosen


def accuracy(claims: Sequence[Claim], called: Sequence[bool]) -> Accuracy:
    """Return balanced accuracy with a bootstrap over articles (2000 draws, seed 0)."""
    names = {a: i for i, a in enumerate(dict.fromkeys(c.article for c in claims))}
    counts = np.zeros((len(names), 4))
    for claim, yes in zip(claims, called, strict=True):
        counts[names[claim.article], 2 * claim.supported + (yes == claim.supported)] += 1
    rng = np.random.default_rng(0)
    drawn = counts[rng.integers(0, len(names), size=(DRAWS, len(names)))].sum(axis=1)
    wrong_no, right_no, wrong_yes, right_yes = np.maximum(drawn, 1e-9).T
    each = (right_no / (right_no + wrong_no) + right_yes / (right_yes + wrong_yes)) / 2
    low, high = np.quantile(each, [0.025, 0.975])
    total = np.maximum(counts.sum(axis=0), 1e-9)
    caught = float(total[1] / (total[0] + total[1]))
    kept = float(total[3] / (total[2] + total[3]))
    mean = (caught + kept) / 2
    return Accuracy(mean=mean, low=float(low), high=float(high), kept=kept, caught=caught)


def fit(features: Sequence[Features], supported: Sequence[bool], *, meaning: bool) -> list[float]:
    """Fit a logistic regression, both classes with equal weight, small L2 penalty; bias first."""
    x = np.array([(1.0, *astuple(f)) for f in features])
    if not meaning:
        x[:, 1 + list(Features.__dataclass_fields__).index("cosine")] = 0.0
    y = np.array(supported, dtype=float)
    share = np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    penalty = np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    weights = np.zeros(x.shape[1])
    for _ in range(50):  # Newton steps; it converges in about six
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (share * (y - p)) - penalty @ weights
        curve = (x * (share * p * (1 - p))[:, None]).T @ x + penalty
        weights += np.linalg.solve(curve, slope)
    return [round(float(w), 2) for w in weights]


def _fitted(claims: Sequence[Claim], encode: Encode) -> Iterator[str]:
    """Fit on the claims that no hard check decides, as those never reach the weights."""
    features: list[Features] = []
    supported: list[bool] = []
    for claim in claims:
        ground = Ground(claim.premises)
        found = findings(claim.text, ground)
        if claim.premises and all(f.support == "partly" for f in found):
            features.append(measure(claim.text, ground, found, encode))
            supported.append(claim.supported)
    yield f"WITH_MEANING = {fit(features, supported, meaning=True)}"
    yield f"WORDS_ONLY   = {fit(features, supported, meaning=False)}"


def _checks(claims: Sequence[Claim]) -> Iterator[str]:
    hits: Counter[tuple[str, str, bool]] = Counter()
    for claim in claims:
        found = findings(claim.text, Ground(claim.premises))
        hits.update({(f.check, f.support, claim.supported) for f in found})
    false = sum(not c.supported for c in claims)
    yield "check        says          right wrong  precision recall"
    for check, support in sorted({(c, s) for c, s, _ in hits}):
        right, wrong = hits[check, support, False], hits[check, support, True]
        share, reach = right / (right + wrong), right / false
        yield f"{check:12} {support:13} {right:5} {wrong:5}  {share:9.2f} {reach:6.2f}"


def _scored(claims: Sequence[Claim], verifier: RuleVerifier, title: str) -> Iterator[str]:
    verdicts = [verifier.check(c.text, c.premises) for c in claims]
    for name, called in (
        (f"score >= {ENOUGH}", [v.score >= ENOUGH for v in verdicts]),
        ("not removed", [v.support in {"supported", "partly"} for v in verdicts]),
    ):
        a = accuracy(claims, called)
        yield (
            f"{title:22} {name:13} n={len(claims)}  balanced {a.mean:.3f} "
            f"[{a.low:.3f}, {a.high:.3f}]  kept {a.kept:.3f}  caught {a.caught:.3f}"
        )


def _measured(held: Sequence[Claim], encode: Encode) -> Iterator[str]:
    yield from _scored(held, RuleVerifier(encode), "with embedding")
    yield from _scored(held, RuleVerifier(), "words only")
    for part in sorted({c.id.split("-")[1] for c in held}):
        rows = [c for c in held if c.id.split("-")[1] == part]
        yield from _scored(rows, RuleVerifier(encode), f"with embedding, {part}")
    yield from _checks(held)


def _encoder() -> Encode:
    """Load the default sentence encoder; each text is encoded once."""
    from rag.models.embed import load as load_model
    from rag.settings import EmbedSettings

    model, known = load_model(EmbedSettings()), dict[str, NDArray[np.float32]]()

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [t for t in dict.fromkeys(texts) if t not in known]
        if new:
            known.update(zip(new, model.encode(new), strict=True))
        return np.stack([known[t] for t in texts])

    return encode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fit", action="store_true", help="fit weights on the other half")
    options = parser.parse_args(arguments)
    try:
        claims = load(options.folder)
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"cannot read {options.folder}: {error}\n")
        return 5
    rows = [c for c in claims if c.held != options.fit]
    for text in (_fitted if options.fit else _measured)(rows, _encoder()):
        sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
