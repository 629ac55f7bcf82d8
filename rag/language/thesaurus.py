"""Words of news that mean the same, as stems: short lists, read by eye.

`same` folds near-synonyms into one stem, so that a fair paraphrase is not taken for invention.
`EVENTS` are those most of whose usual words are listed; what lacks those of one of `GRAVE` does not
tell of it.
"""

from __future__ import annotations

import re

from rag.language.words import lexicon, stem

_EVENTS = """
kill die fatal fatality perish slay toll murder assassinate assassination slaughter massacre
hurt injure injury wound
arrest detain detention custody apprehend
charge indict indictment
convict guilty conviction
acquit acquittal exonerate
sentence jail imprison prison
sue lawsuit
quit resign resignation
dismiss sack oust dismissal ouster
invite invitation
election vote poll ballot
elect
marry wed wedding marriage spouse
divorce
crash collide collision
damage
sign signature signatory
sell sale
buy purchase acquire acquisition takeover
born birth
merge merger
build construct erect
rebuild reconstruct
repair mend fix
destroy demolish demolition raze wreck ruin
rescue save
evacuate evacuation
displace uproot
flee escape
attack assault raid
shoot gunfire
blast explosion explode
collapse cave
erupt eruption
steal theft rob robbery loot thief
donate donation donor
lend loan
borrow
ban prohibit bar forbid outlaw illegal
abolish abolition repeal scrap
cancel cancellation
extend extension prolong
apologise apology
accuse accusation allege allegation
complain complaint
negotiate negotiation
invade invasion
capture seize seizure
kidnap abduct abduction
infect infection
survive survivor survival
retire retirement
"""
"""What is done or happens, with the nouns made from it. One who asks for a killing asks for it in
one of these words, and a source that tells of it has one of them."""

_VERBS = """
begin start launch open commence
end stop halt finish conclude cease complete completion
settle resolve
require need oblige
assert claim
close shut shutdown closure
promise agree pledge vow
announce outline unveil reveal announcement
name appoint appointment
win victory triumph award clinch
beat defeat overcome
receive grant obtain
establish found create
send dispatch deploy deployment
fine penalty penalise
pay payment payout
spend invest investment
accept acceptance
reject refuse
approve approval endorse ratify adopt adoption
allow permit let authorise
overturn annul quash invalidate
delay postpone
plan intend intention
demand ask request
urge
search
discover find uncover unearth discovery
rise increase climb raise hike grow growth surge jump soar
fall drop decline decrease slump plunge tumble slide dip
cut shed slash axe trim reduce reduction
arrive reach
leave depart departure
publish publication issue
free release liberate
praise hail commend laud
critic criticise criticism condemn denounce
deny denial
confirm confirmation
blame
protest demonstrate demonstration
succeed replace replacement
join enter
lead head chair leader chairman chairwoman chairperson
manufacture produce production
supply deliver delivery provide
move relocate relocation
probe investigate investigation inquiry
discuss discussion debate
"""
_OTHERS = """
write author
divide division split
expand expansion
hire recruit employ
old aged age
firm company business corporation group retailer maker manufacturer
airline carrier
government administration ministry
worker employee staff
job post
pay wage salary
police officer cop
car vehicle
plane aircraft jet airliner
fly flight
lift liftoff
ship vessel
lawmaker legislator mp parliamentarian deputy
lawyer attorney barrister solicitor
pupil student
film movie
match game
soccer football
troop soldier
rebel insurgent guerrilla
home house
flat apartment
child kid youngster
baby infant
doctor physician
resident inhabitant
fan supporter
visit attend attendance
victim casualty
aid help assist assistance
aim goal target
weapon arm
storm hurricane typhoon cyclone
quake earthquake tremor
fire blaze inferno
accord deal agreement pact treaty
truce ceasefire armistice
law legislation statute
ruling verdict judgment
profit earning
revenue turnover
share stock
illness disease sickness
drug medicine medication
border frontier
lack shortage absence
inactive inert deactivate
deplete drain
"""
_FOLDED: dict[str, str] = {}
_KNOWN: set[str] = set()
for _table in (_EVENTS, _VERBS, _OTHERS):
    for _line in _table.strip().splitlines():
        _first, *_rest = (stem(w) for w in _line.split())
        for _word in _rest:
            _FOLDED.setdefault(_word, _FOLDED.get(_first, _first))
        if _table is _EVENTS:
            _KNOWN.add(_FOLDED.get(_first, _first))

EVENTS = frozenset(_KNOWN)
"""The stems that stand for something done or happening, most of whose usual words are known."""
DEEDS = EVENTS | {
    _FOLDED.get(w, w) for w in (stem(line.split()[0]) for line in _VERBS.split("\n") if line)
}
"""Those and the other verbs whose usual synonyms are listed."""
GRAVE = frozenset(map(stem, lexicon("kill hurt arrest convict acquit marry divorce")))
"""Those of them that are hardly ever told in other words, and that are wrong to say of anyone."""


_MADE = re.compile(r"(?<=\w{4})ment$")
"""The ending of a noun for a deed: "replacement"."""
_DOES = re.compile(r"(?<=\w{3})(?:er|or)$")
"""The ending of a noun for a doer, of these verbs alone: a number does not numb."""
_DOERS = frozenset(
    map(
        stem,
        lexicon(
            "invest visit win own play drive teach write lead fight direct manage produce sing buy "
            "sell find speak vote protest work develop settle smuggle bomb kill attack build "
            "govern employ publish report retail make run perform negotiate translate swim "
            "illustrate skate climb sail row ride paint dance survive rescue hike"
        ),
    )
)
_LATIN = ((re.compile(r"(?<=\w{4})uct$"), "uc"), (re.compile(r"(?<=\w{3}[aeioun])s$"), "d"))
"""How a verb's stem changes in its noun: "introduce, introduction", "respond, response"."""
_NOT_MADE = frozenset(map(stem, ("department", "intense")))


def same(word: str) -> str:
    """Return the stem that stands for a stem, its near-synonyms and the verb that it is made of."""
    if word in _FOLDED or word in _NOT_MADE:
        return _FOLDED.get(word, word)
    verb = _MADE.sub("", word)
    doer = _DOES.sub("", word)
    if doer in _DOERS or doer + "e" in _DOERS:
        verb = doer
    for ending, of_verb in _LATIN:
        verb = ending.sub(of_verb, verb)
    return _FOLDED.get(verb, verb)
