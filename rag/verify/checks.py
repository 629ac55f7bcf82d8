"""The checks of wording: names, negation, direction, modality, speakers and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.language.cues import FACT, Claims, claims, denials, quotes
from rag.language.datewords import masked
from rag.language.direction import opposed
from rag.language.idioms import plain
from rag.language.names import Name, names
from rag.language.numbers import numbers
from rag.language.speech import speeches
from rag.language.thesaurus import EVENTS, GRAVE
from rag.language.words import fold, lexicon, stem, words
from rag.types import Support
from rag.verify.ground import Finding, Ground, bare, meaning, sense


def name_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check every name of a statement against the names of premises and contexts."""
    measured = [quantity.span for quantity in numbers(statement)]
    for name in names(statement):
        if any(span.covers(name.span) for span in measured):
            continue  # "Fahrenheit" is a part of its number, which has a check of its own
        licence = ground.known.licence(name)
        if licence == "other":
            full = next(n for n in ground.known.names if n.last == name.last and len(n.parts) > 1)
            reason = f"the source speaks of {full.text}, not of {name.text}"
            yield Finding("namesake", "contradicted", reason)
        elif licence == "absent" and name.sure:
            reason = f"the name {name.text} is not in the source"
            yield Finding("name", "unsupported", reason, name.parts)
        elif licence == "absent" and len(name.parts) == 1 and not name.last.endswith(("s", "ly")):
            yield Finding("opening", "partly", f"{name.text} is not in the source")


_REBUFFS = lexicon(
    "deny denies denied denying reject rejects rejected rejecting refute refutes refuted dismiss "
    "dismisses dismissed refuse refuses refused decline declines declined"
)
"""Verbs that say no to what follows them, each of which may stand for another."""


def negation_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that what is negated here is negated there, and the other way round."""
    mine = claims(statement)
    close = [claims(t) for t in ground.close(sense(statement), 0.5)]
    plain = frozenset().union(*(c.plain for c in close))
    denied = {s for t in close for c in t.negated for s in (c.focus, *c.reach)}
    lows = {w.low for t in ground.texts for w in words(t)}
    for cue in mine.negated:
        same_word = bool(lows & (_REBUFFS if cue.word in _REBUFFS else {cue.word}))
        if cue.focus in plain and cue.focus not in denied and not same_word:
            yield Finding("negation", "contradicted", f"the source does not say {cue.text!r}")
    refused = {s for c in mine.negated for s in c.reach}
    for cue in (c for t in close for c in t.negated if not c.excepted):
        if cue.focus in mine.plain and cue.focus not in refused and cue.focus not in plain:
            yield Finding("negation", "contradicted", f"the source says {cue.text!r}")


def direction_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that what rose there rises here: words that have an opposite."""
    pair = opposed(statement, ground.texts)
    if pair is not None:
        mine, theirs = pair
        reason = f"the source says {theirs.text!r} where the statement says {mine.text!r}"
        yield Finding("direction", "contradicted", reason)


_LINKS = re.compile(r"\b(?:will|would) be(?: (?:on|in|at|by|from|about))*\W*$")
"""A "will" with no verb or noun of its own, only a day or a number: it is about the rest."""


def modality_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that the statement is no surer than its source."""
    mine = claims(statement)
    close = [claims(t) for t in ground.close(sense(statement))]
    sure = {s for c in close for s in c.plain - {h.focus for h in c.hedged}}
    here = {w.low for w in words(statement)}
    if not _LINKS.search(masked(statement)):
        # "was fired and will leave" may come from "will be fired"
        here -= {"will", "would"}
    for cue in (c for t in close for c in t.hedged):
        if cue.focus in sure or cue.focus not in mine.plain or cue.word in here:
            continue
        if _level(mine, cue.focus) > cue.level:
            yield Finding("modality", "partly", f"the source only says {cue.text!r}")
            return


def _level(mine: Claims, focus: str) -> int:
    return min((c.level for c in mine.hedged if c.focus == focus), default=FACT)


_AGE = re.compile(r"\b(\d{1,3})[ -]years?[ -]old\b|\baged? (\d{1,3})\b|, (\d{1,3})(?=[,.;)]|$)")


def age_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that an age is that of the person: "Ann Lee and her son Bo, 19" says nothing of Ann."""
    people = [n for n in names(statement) if n.sure]
    mine = {next(filter(None, m.groups())) for m in _AGE.finditer(statement)}
    if not people or not mine:
        return
    for text in ground.texts:
        for match in _AGE.finditer(text):
            age, owner = next(filter(None, match.groups())), _of_age(text, match)
            if age in mine and owner and not any(_one_person(owner, p) for p in people):
                reason = f"the source gives the age of {age} for {owner.text}"
                yield Finding("age", "contradicted", reason)


def _of_age(text: str, match: re.Match[str]) -> Name | None:
    """Return whose age a match is: "Bo Lee, 19," or "her 19-year-old son, Bo"."""
    if "-old" in match.group():
        following = (n for n in names(text) if 0 <= n.span.start - match.end() <= 40)
        return next(following, None)
    return next((n for n in reversed(names(text)) if n.span.end == match.start()), None)


def _one_person(a: Name, b: Name) -> bool:
    """Say whether two names can be one person's: as many parts in common as the shorter has."""
    shared = set(a.parts) & set(b.parts)
    return len(shared) >= min(len(a.parts), len(b.parts))


def speaker_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that who says it here says it there, and that what is only said stays said."""
    mine = speeches(statement)
    theirs = [s for t in ground.close(sense(statement), 0.2) for s in speeches(t)]
    if not mine:
        here = {w.low for w in words(statement)}
        if theirs and (who := theirs[0].name) and not here & set(who.parts):
            reason = f"in the source this is what {who.text} says"
            yield Finding("attribution", "partly", reason)
        return
    named = [s.name for s in mine if s.name is not None]
    speakers = [s.name for s in theirs if s.name is not None]
    loose = any(s.name is None for s in theirs) or not theirs
    present = [n for t in ground.texts if speeches(t) for n in names(t)]
    for name in named:
        # In one sentence, "Ann Lee, an officer of the Red Cross, said" has two names for a speaker.
        if loose or any(_same(name, other) for other in (*speakers, *present)):
            continue
        reason = f"the source has {speakers[0].text} say this, not {name.text}"
        yield Finding("speaker", "contradicted", reason)
        return
    held = {w.stem for t in ground.texts for w in words(t)}
    if any(stem(s.verb) in held for s in mine):
        return  # "drew criticism from" is where "criticised" comes from
    if not theirs and not any(quotes(t) for t in [*ground.texts, *ground.contexts]):
        yield Finding("unsaid", "partly", "the source does not put it as something said")


def _same(a: Name, b: Name) -> bool:
    return bool(set(a.parts) & set(b.parts))


def denial_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that a statement without any "not" is not made of words that the source denies.

    The focus of a negation can be far from what it denies: "not permitted to hit bridges or to
    cross the river" denies crossing the river.
    """
    mine = claims(statement)
    if mine.negated or denials(statement):
        return
    wanted = frozenset(w.stem for w in words(statement) if w.content)
    scopes = [d for t in ground.texts for d in denials(t)]
    for said, scope in scopes:
        inside = wanted & scope
        free = {
            w.stem
            for t in ground.texts
            for w in words(t)
            if not any(w.stem in s for said_, s in denials(t))
        }
        if len(inside - free) >= 2 and len(inside) >= 0.6 * len(wanted):
            yield Finding("denial", "contradicted", f"the source says {said!r}")
            return


_NEGATED_BEFORE = re.compile(r"(?:\bnot|\bnever|\bno|n't|\bcannot|\bwithout|\bnor)(?: \w+){0,2} ?$")


def deed_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that the source tells of what is done: a killing has no source that only deploys.

    A small model writes the question's verb around the nearest number. Only deeds whose usual words
    are listed are asked for: of any other, a lacking word may well be a paraphrase.
    """
    for word in words(plain(bare(statement))):
        deed = meaning(word)
        if deed in EVENTS and deed not in ground.union | ground.around:
            support: Support = "unsupported" if deed in GRAVE else "partly"
            yield Finding("deed", support, f"the source does not speak of {word.text!r}")


def quote_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that quoted words are the source's, and that no "not" was cut off before them.

    Words in quotation marks that the whole article does not have are made up: they are refused,
    not marked. Where the article is not known beyond the sentences given, they are marked.
    """
    found = quotes(statement)
    if not found:
        return
    source = " ".join(_plain(t) for t in [*ground.texts, *ground.contexts])
    whole = [_plain(p.article) for p in ground.premises]
    for quote in found:
        for piece in map(_plain, re.split(r"\.\.\.|…|\[[^\]]{0,40}\]", quote)):
            finding = _quoted(piece, _plain(statement), source)
            if finding is None:
                continue
            made_up = finding.support == "partly" and all(whole) and not _within(piece, whole)
            yield replace(finding, support="unsupported") if made_up else finding


def _within(piece: str, texts: Sequence[str]) -> bool:
    return any(f" {piece} " in f" {text} " for text in texts)


def _quoted(piece: str, statement: str, source: str) -> Finding | None:
    place = f" {source} ".find(f" {piece} ")
    if not piece:
        return None
    if place < 0:
        return Finding("quote", "partly", f"the source does not have the words {piece!r}")
    before = _NEGATED_BEFORE.search(source[max(0, place - 30) : place])
    here = statement.find(piece)
    if before and not _NEGATED_BEFORE.search(statement[max(0, here - 30) : here]):
        return Finding("quote", "contradicted", f"the quote leaves out {before.group().strip()!r}")
    return None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w'’]+", fold(text)))
