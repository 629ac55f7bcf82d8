"""Did they do it, or was it done to them, or by another?

"Vidra sued Ardent" has every word of "Ardent sued Vidra", and "Shaw called it unsafe" every word of
"Birch called it unsafe, while Shaw called it sound".
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.language.idioms import plain
from rag.language.predicates import Clause, Deed, deeds, predicates
from rag.language.thesaurus import same
from rag.language.words import lexicon, stem
from rag.verify.ground import Finding, Ground, bare, sense

MOST = 0.75
"""Share of what is said of a subject that a clause must hold to be the one that says it."""
_MUTUAL = frozenset(
    same(stem(w))
    for w in lexicon(
        "meet marry divorce merge join fight play face collide negotiate discuss share"
    )
)
"""What both sides do: "Ann met Bo" is "Bo met Ann"."""
_TURNED = frozenset(same(stem(w)) for w in lexicon("die kill"))
"""What folds into one word though its doer and its victim change places."""


def role_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that of two who share a deed the one does it here who does it there."""
    for text in ground.close(sense(statement)):
        theirs = [d for d in deeds(plain(bare(text))) if d.verb not in _MUTUAL]
        for mine in deeds(plain(bare(statement))):
            told = [d for d in theirs if d.verb == mine.verb]
            if told and all(_turned(mine, d) for d in told):
                yield Finding("roles", "contradicted", "in the source it is the other way round")
                return
            if told and all(_by_another(mine, d) for d in told):
                yield Finding("roles", "partly", "the source says that another did it")
                return


def _turned(mine: Deed, theirs: Deed) -> bool:
    straight = mine.ahead & theirs.ahead and mine.behind & theirs.behind
    crossed = mine.ahead & theirs.behind and mine.behind & theirs.ahead
    if mine.passive == theirs.passive:
        return bool(crossed and not straight)
    return bool(straight and not crossed)


def _by_another(mine: Deed, theirs: Deed) -> bool:
    """Say whether a deed is told of one, and in the source it was done "by" somebody else."""
    same_deed = bool(mine.behind & theirs.ahead) or not theirs.ahead
    by = theirs.passive and theirs.behind and not theirs.behind & mine.ahead
    return bool(by and same_deed and mine.ahead and not mine.passive)


def doer_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that a deed is not told of one whom the source sets against its doer."""
    said = predicates(bare(statement))[0] if statement else None
    if said is None or not said.own or said.refers or not said.subject:
        return
    deed = said.content - said.subject
    if deed & _TURNED:
        return
    for text in ground.close(sense(statement)):
        told = [c for c in predicates(bare(text)) if c.own and not c.refers and c.subject]
        doers = [
            c
            for c in told
            if (said.verbs and said.verbs <= c.verbs) or len(deed & c.content) >= MOST * len(deed)
        ]
        rest = [c for c in told if c not in doers and not _only_says(c)]
        others = [c for c in rest if said.subject <= c.subject]
        if deed and doers and others and not any(said.subject & c.content for c in doers):
            reason = "the source says this of another than the statement's subject"
            yield Finding("doer", "unsupported", reason)
            return


def _only_says(clause: Clause) -> bool:
    """Say whether a clause only tells who says the rest: "..., the firm told reporters"."""
    return clause.says and len(clause.content - clause.subject) <= 1
