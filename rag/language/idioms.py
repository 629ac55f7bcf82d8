"""Phrases of news that one plain word stands for, so that their words are compared by sense."""

from __future__ import annotations

import re

from rag.language.memory import MEMORY

_MOVES = r"(?:push(?:es|ed|ing)?|dr(?:ive[sn]?|iving|ove)|br(?:ings?|inging|ought)|sen(?:ds?|t))"
"""What is done to a price that is then up or down."""

_IDIOMS = tuple(
    (re.compile(rf"\b(?:{said})\b", re.IGNORECASE), meant)
    for said, meant in (
        (r"cast(?:s|ing)? (?:the|a|an|his|her|their)(?: \w+)? dissenting votes?", "dissent"),
        (r"(?:vot(?:e|es|ed|ing)) against", "dissent from"),
        (r"step(?:s|ped|ping)? (?:down|aside)|stands? down|stood down", "resign"),
        (r"push(?:es|ed|ing)? back|put(?:s|ting)? (?:off|back)|held up", "delay"),
        (r"call(?:s|ed|ing)? off", "cancel"),
        (r"turn(?:s|ed|ing)? down", "reject"),
        (r"g[ai]ven? (?:(?:the|its|his|her) )?(?:go-ahead|green light) (?:to|for)", "approve"),
        (r"shut(?:s|ting)? down", "close"),
        (r"los(?:t|e|es|ing) (?:his|her|their|its) li(?:fe|ves)|pass(?:ed|es) away", "die"),
        (r"lay(?:s|ing)? off|laid off", "dismiss"),
        (r"same-sex", "gay"),
        (r"bound(?= for)", "going"),
        (r"(?:claim(?:s|ed|ing)?|took|tak(?:es?|ing))\s+(?:\w+\s+){0,3}lives", "kill"),
        (
            r"fired(?= (?:its|his|her|their) (?:coach|manager|chief|head|director|editor))",
            "dismiss",
        ),
        (r"chief executive(?: officer)?", "ceo"),
        (r"blew up|blow(?:s|ing)? up", "explode"),
        (r"tak(?:es?|ing) place|took place", "happen"),
        (r"set(?:s|ting)? up", "found"),
        (r"carr(?:y|ies|ied|ying) out", "conduct"),
        (r"tak(?:es?|ing) over|took over", "acquire"),
        (r"(?:struck|strik(?:es?|ing)) down", "overturn"),
        (r"topped(?= the)|(?:came|finished) first", "win"),
        (r"took(?= (?:the )?(?:gold|title|seat|crown))", "win"),
        (r"(?:had|forced) (?:to (?:flee|leave)|from) their homes?|made homeless", "displace"),
        (r"call(?:s|ed|ing)? for|ask(?:s|ed|ing)? for", "demand"),
        (r"call(?:s|ed|ing)? on", "urge"),
        (r"call(?:s|ed|ing)? back", "recall"),
        (r"vot(?:e|es|ed|ing)(?: by\s+to)?\s+to(?=\s+[a-z])", "approve and decide"),
        (r"(?:took|tak(?:e[ns]?|ing))(?= (?:\w+ ){1,4}to court)", "sue"),
        (rf"{_MOVES}(?= (?:\w+ ){{0,5}}down)", "drop"),
        (rf"{_MOVES}(?= (?:\w+ ){{0,5}}up)", "rise"),
        (r"ma[dk]e off with", "steal"),
        (r"look(?:s|ed|ing)? for", "search"),
        (r"(?:br(?:eak|eaks|eaking|oke)) down", "fail"),
    )
)


@MEMORY.of_texts(bytes_a_character=2)
def plain(text: str) -> str:
    """Return a text with idioms in one plain word each: "stepped down" is "resign"."""
    for said, meant in _IDIOMS:
        text = said.sub(meant, text)
    return text
