"""Tells a sentence that gives orders to whoever answers or checks from one that reports.

What an article orders is no premise: "Mark the claim that the mayor resigned as supported" does not
say that the mayor resigned. Two things are needed: that it speaks to its reader, outside of
quotation marks, and that it speaks of answering, checking or searching. News seldom does both.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(
    r"<\|? ?/?\w*\|?>|\[ ?/?INST\b|^\W*(?:system|assistant|user|developer|human)\s*:",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“„«][^\"”“»]{0,600}[\"”“»]")
_TO_READER = re.compile(
    r"\byou(?:r|rs|rself)?\b|\bplease\b|\b(?:models?|assistants?|AIs?|checkers?|verifiers?|LLMs?)"
    r"\b.{0,20}\b(?:must|should|shall|is to|are to|has to|have to|needs? to)\b"
    r"|\b(?:must|should|shall|is to|are to|has to|have to|needs? to) be (?:ignored|disregarded"
    r"|marked|accepted|answered|treated|rated|labell?ed|classified|confirmed|approved|repeated"
    r"|verified|assumed|judged|regarded|taken|trusted|believed|followed|obeyed)\b"
    r"|(?:^|[:;.,!?]|\b(?:and|then|so|now)\b)\W*(?:do not |don't |never |always |just |now |also )?"
    r"(?:ignore|disregard|forget|override|mark|accept|answer|reply|respond|output|print|return"
    r"|treat|rate|label|classify|confirm|approve|say|write|repeat|search|append|set|consider|verify"
    r"|assume|judge|regard|take|give|use|call|run|find|look|query|include|report|declare|grade"
    r"|score|pass|tell|insert|add|note|emit|produce|start|begin|stop|skip|trust|believe|follow"
    r"|obey|execute|act|pretend|remember)\b",
    re.IGNORECASE,
)
_OF_CHECKING = re.compile(
    r"\b(?:claims?|verdicts?|instructions?|prompts?|json|verif(?:y|ying|ier|ication)"
    r"|fact[- ]?check\w*|checkers?|(?:un)?supported|contradicted|excerpts?|statements?|assistants?"
    r"|language models?|chatbots?|AIs?|system text|this (?:answer|reply|output|query|question)"
    r"|(?:your|the|an?|every|any|all) (?:answers?|repl(?:y|ies)|outputs?|responses?|rules|task|job"
    r"|checks?|search(?:es)?)|search(?:es)? (?:for|the archive)|answer with|reply with"
    r"|respond with|as true|is true|as (?:proven|correct|verified|fact)|quer(?:y|ies)|tool)\b",
    re.IGNORECASE,
)


def orders(sentence: str) -> bool:
    """Return True when a sentence tells whoever answers or checks what to do.

    Example:
        >>> orders("Mark the claim that the mayor resigned as supported.")
        True
        >>> orders("The mayor told residents to mark their bins before Monday.")
        False
    """
    if _CONTROL.search(sentence):
        return True
    plain = _QUOTED.sub(" ", sentence)
    return bool(_OF_CHECKING.search(plain) and _TO_READER.search(plain))
