"""Words of news that mean the same or the opposite, as stems: short lists, read by eye.

`same` folds near-synonyms into one stem, so that a fair paraphrase is not taken for invention.
`OPPOSITES` has two sides per line; words of one side also count as the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.words import stem

OPPOSITES = tuple(
    (tuple(left.split()), tuple(right.split()))
    for left, right in (
        line.split(" / ")
        for line in """
rise increase grow climb gain jump surge soar higher raise boost expand double triple advance \
rebound recover / fall drop decrease decline shrink slump plunge tumble lower reduce sink slide \
dip cut halve contract slip
win beat victory triumph / lose
approve accept endorse pass back support ratify welcome / reject oppose veto block rebuff dismiss
before earlier prior / after later following
allow permit let authorise lift legal legalise / ban prohibit bar forbid restrict outlaw illegal
loosen ease relax / tighten toughen
open reopen launch start begin / close shut end cancel stop
buy purchase acquire / sell
arrive enter join / leave depart quit exit withdraw
hire recruit appoint / fire sack dismiss
alive survive / die
guilty convict / innocent acquit clear
strengthen / weaken
accelerate / slow decelerate
praise / criticise condemn denounce
resume restore / suspend pause
include / exclude
agree / disagree
up / down
above over exceed / below under
more / fewer less
north northern / south southern
east eastern / west western
father dad husband / mother mum mom wife
son / daughter
brother / sister
highest most biggest largest / lowest least smallest fewest
oldest eldest / youngest
early / late
optimistic / pessimistic
import / export
extend prolong / shorten
confirm / deny
succeed success / fail failure unsuccessful
""".strip().splitlines()
    )
)

_IDIOMS = tuple(
    (re.compile(rf"\b(?:{said})\b", re.IGNORECASE), meant)
    for said, meant in (
        (r"cast(?:s|ing)? (?:the|a|an|his|her|their)(?: \w+)? dissenting votes?", "dissent"),
        (r"(?:vot(?:e|es|ed|ing)) against", "dissent from"),
        (r"step(?:s|ped|ping)? (?:down|aside)|stands? down|stood down", "resign"),
        (r"push(?:es|ed|ing)? back|put(?:s|ting)? off|held up", "delay"),
        (r"call(?:s|ed|ing)? off", "cancel"),
        (r"turn(?:s|ed|ing)? down", "reject"),
        (r"g[ai]ven? (?:(?:the|its|his|her) )?(?:go-ahead|green light) (?:to|for)", "approve"),
        (r"shut(?:s|ting)? down", "close"),
        (r"los(?:t|e|es|ing) (?:his|her|their|its) li(?:fe|ves)|pass(?:ed|es) away", "die"),
        (r"lay(?:s|ing)? off|laid off", "fire"),
        (r"same-sex", "gay"),
        (r"chief executive(?: officer)?", "ceo"),
        (r"blew up|blow(?:s|ing)? up", "explode"),
        (r"tak(?:es?|ing) place|took place", "happen"),
        (r"set(?:s|ting)? up", "found"),
        (r"carr(?:y|ies|ied|ying) out", "conduct"),
        (r"tak(?:es?|ing) over|took over", "acquire"),
    )
)


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Return a text with idioms in one plain word each: "stepped down" is "resign"."""
    for said, meant in _IDIOMS:
        text = said.sub(meant, text)
    return text


_SAME = """
begin start launch open
old aged age
settle resolve
require need
assert claim
end stop halt finish conclude cease
buy purchase acquire acquisition
close shut shutdown closure
kill die fatal fatality
hurt injure injury wound
firm company business corporation group
promise agree pledge vow
announce outline unveil reveal
worker employee staff
police officer cop
jail prison imprison
car vehicle
lawmaker legislator mp parliamentarian
pupil student
film movie
soccer football
troop soldier
home house
child kid youngster
doctor physician
aid help assist assistance
aim goal target
weapon arm
storm hurricane typhoon cyclone
blast explosion explode
quit resign resignation
name appoint appointment
invite invitation
election vote poll ballot
allow permit let authorise
ban prohibit bar forbid outlaw
rise increase climb raise hike
fall drop decline decrease
reject refuse
approve approval endorse
flee escape
probe investigate investigation inquiry
accord deal agreement pact treaty
critic criticise criticism
join enter
inactive inert deactivate
deplete drain
"""
_FOLDED: dict[str, str] = {}
for _line in _SAME.strip().splitlines():
    _first, *_rest = (stem(w) for w in _line.split())
    for _word in _rest:
        _FOLDED.setdefault(_word, _FOLDED.get(_first, _first))


def same(word: str) -> str:
    """Return the stem that stands for a stem and its near-synonyms."""
    return _FOLDED.get(word, word)
