"""Metrics of the answer's words against the accepted answers."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from eval.cases import Case
from eval.trial import Metric, Trial

_ARTICLES = {"a", "an", "the"}
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "‘’“”–—…", ""))
DISAGREEING = ("conflict", "disagree")
"""Kinds of cases whose sources give different values for the thing asked."""
_POLAR = {"yes", "no"}


def normalise(text: str) -> list[str]:
    """Return the words that SQuAD's scorer compares (Rajpurkar et al. 2016).

    Lower case, punctuation removed, English articles removed. Here typographic quotes and dashes
    are punctuation as well, a dash between words separates them, a thousands comma does not, and a
    possessive s goes with its apostrophe: "Brazil's runoff" holds "Brazil".
    """
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"(?<=\w)['’]s\b", "", text)
    text = re.sub(r"(?<=\w)[-–—/](?=\w)", " ", text)
    return [word for word in text.translate(_PUNCTUATION).split() if word not in _ARTICLES]


def holds(text: str, accepted: str) -> bool:
    """Say whether the words of `accepted` stand in `text` in a row.

    For "yes" and "no" the text must begin with the word: "no" stands in too many sentences.
    """
    words, wanted = normalise(text), normalise(accepted)
    if not wanted:
        return False
    if len(wanted) == 1 and wanted[0] in _POLAR:
        return words[:1] == wanted
    return any(words[i : i + len(wanted)] == wanted for i in range(len(words) - len(wanted) + 1))


def any_of(text: str, accepted: Iterable[str]) -> bool:
    """Say whether one of the accepted answers stands in the text."""
    return any(holds(text, one) for one in accepted)


def overlap(text: str, accepted: str) -> float:
    """Return the F1 of the words that two texts share, each as often as it occurs."""
    given, wanted = normalise(text), normalise(accepted)
    if not given or not wanted:
        return float(given == wanted)
    shared = (Counter(given) & Counter(wanted)).total()
    return 2 * shared / (len(given) + len(wanted))


def is_match(trial: Trial) -> bool | None:
    """Say whether the answer holds what is accepted; None where the case does not say what is.

    A declined answer holds nothing.
    """
    case, answer = trial.case, trial.answer
    if answer is None or case.unanswerable or not (case.answers or case.answers_all):
        return None
    if answer.outcome == "declined":
        return False
    return all(any_of(answer.text, group) for group in _wanted(case))


def _wanted(case: Case) -> list[Sequence[str]]:
    """Return the groups of accepted answers, of each of which one must be there."""
    return [*([case.answers] if case.answers else []), *case.answers_all]


def match(trial: Trial) -> float | None:
    """Contains-gold, strict.

    1 when an accepted answer stands in the answer's text as a row of whole words (SQuAD
    normalisation), and one of each group where several things are asked for. A decline scores 0.
    Over the answerable cases that list answers. Read it beside the answer's length: a long answer
    holds more by chance.
    """
    found = is_match(trial)
    return None if found is None else float(found)


def evidence(trial: Trial) -> float | None:
    """Evidence holds the gold: an accepted answer stands in what was chosen for the model to read.

    One of each group where several things are asked for. Over answerable cases whose answers are
    not yes or no, when retrieval is run.
    """
    case = trial.case
    groups = _wanted(case)
    polar = any(_POLAR.issuperset(normalise(one)) for group in groups for one in group)
    if trial.chosen is None or case.unanswerable or not groups or polar:
        return None
    return float(all(any_of(trial.chosen, group) for group in groups))


def evidence_when_found(trial: Trial) -> float | None:
    """Evidence holds the gold, over the cases of which a gold article is among the first ten."""
    if trial.ranked is None or not {target.article for target in trial.gold} & set(trial.ranked):
        return None
    return evidence(trial)


def match_when_answered(trial: Trial) -> float | None:
    """Contains-gold over the answerable cases that were answered: a decline is left out."""
    if trial.answer is None or trial.answer.outcome == "declined":
        return None
    return match(trial)


def exact(trial: Trial) -> float | None:
    """Exact match (Rajpurkar et al. 2016): the whole answer equals an accepted one, normalised.

    Low for any system that answers in sentences.
    """
    case, answer = trial.case, trial.answer
    if answer is None or not case.answers or case.unanswerable:
        return None
    given = normalise(answer.text)
    return float(any(given == normalise(one) for one in case.answers))


def f1(trial: Trial) -> float | None:
    """Token F1 (Rajpurkar et al. 2016) with the accepted answer that fits best."""
    case, answer = trial.case, trial.answer
    if answer is None or not case.answers or case.unanswerable:
        return None
    return max(overlap(answer.text, one) for one in case.answers)


def length(trial: Trial) -> float | None:
    """Words in the answer, over the cases that were answered."""
    if trial.answer is None or trial.answer.outcome == "declined":
        return None
    return float(len(trial.answer.text.split()))


def misled(trial: Trial) -> float | None:
    """1 when the answer states a value known to be false and not the true one.

    Over cases that list such values (RGB, Chen et al. 2024; RAMDocs, Wang et al. 2025).
    """
    case, answer = trial.case, trial.answer
    if answer is None or not case.wrong:
        return None
    return float(any_of(answer.text, case.wrong) and not is_match(trial))


def conflict_shown(trial: Trial) -> float | None:
    """1 when the answer sets differing values side by side, over cases whose sources disagree."""
    if trial.answer is None or trial.case.kind not in DISAGREEING:
        return None
    return float(bool(trial.answer.conflicts))


def shared_word(trial: Trial) -> float | None:
    """What MultiHop-RAG's own scorer counts (Tang and Yang 2024): any word shared with the gold.

    Not a measure of being right: the constant answer "yes no" scores about half. Printed only to
    show how far it lies from the strict score.
    """
    case, answer = trial.case, trial.answer
    if answer is None or not case.answers:
        return None
    given = set(answer.text.lower().split())
    return float(any(given & set(one.lower().split()) for one in case.answers))


METRICS = (
    Metric(name="evidence", title="Evidence holds the gold", score=evidence),
    Metric(
        name="evidence_when_found", title="… when its article is found", score=evidence_when_found
    ),
    Metric(name="match", title="Answer holds the gold", score=match, gated=True),
    Metric(name="match_when_answered", title="… when it answers", score=match_when_answered),
    Metric(name="f1", title="Token F1", score=f1),
    Metric(name="exact", title="Exact match", score=exact),
    Metric(name="misled", title="Misled by a false source", score=misled, higher=False),
    Metric(name="conflict_shown", title="Conflict shown", score=conflict_shown),
    Metric(name="length", title="Words in the answer", score=length, higher=False),
)

SHARED_WORD = Metric(name="shared_word", title="Upstream's any-shared-word", score=shared_word)
