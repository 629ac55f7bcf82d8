"""Where sentences begin and end in news text.

A full stop ends a sentence unless the word before it or the word after it speaks against that; a
line break always does, because `clean` has joined hard-wrapped lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rag.types import Span

LONGEST = 600
"""Most characters of one span; longer "sentences" (lists, tables) are cut at soft points."""

# Everything is possessive or bounded, so that a hostile text costs no more than its length.
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]++")
_STOP = re.compile(r"[.!?…؟]++(?:[ ]?[”’»](?![\w])|[\"'”’»)\]])*+|[。！？।]++[”」』）]*+")
_WORD_BEFORE = re.compile(r"[^\s\"“”‘«»(\[—–]*\Z")
_WORD_AFTER = re.compile(r"\w[\w’'&-]*+\.?")
_SPOKEN = re.compile(r"\w")
_OPENERS = re.compile(r"[\s\"'“‘«(\[¿¡—–-]*+")
_GLUED = re.compile(r"[A-Z][a-z’']*+(?=[\s,;:])")
_SPEECH = re.compile(
    r"(?:[A-Z][\w.’'-]*+ ){1,4}(?:said|says|asked|asks|wrote|writes|added|told|tweeted|shouted"
    r"|replied|posted|continued)\b"
)
_ACRONYM = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]|Ph\.?D")
_NUMBER_FIRST = re.compile(r"\s*(?:\d{1,3}|[A-Za-z])\Z")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words(
    "mr mrs ms mx dr drs messrs prof sen sens rep reps gov govs gen lt col maj capt cmdr cpl sgt "
    "adm pvt brig rev hon fr msgr amb atty det supt insp mt ft vs cf e.g i.e v approx"
)
"""A full stop after these never ends a sentence that goes on."""

_NEVER_LAST = _words("vs v cf approx e.g i.e")
"""Of these, the ones that are written small."""

_BEFORE_NUMBERS = _words("ext no nos prop props vol vols pp p fig figs sec art ch par op ver")
"""These are abbreviations when a number follows, and else words ("He said no. Then ...")."""

_MAYBE = _words(
    "inc corp co ltd llc bros cos jr sr st ave blvd rd hwy dept dist univ assn assoc est etc esq "
    "jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat "
    "ala ariz ark calif colo conn del fla ga ill ind kan ky la mass md mich minn miss mo mont neb "
    "nev okla ore pa penn tenn tex va vt wash wis wyo ont que al ed eds feat int tel min max"
)
"""Abbreviations that also end sentences: the next word decides."""

_STARTERS = _words(
    "a about according after all also although among an and another any anyone anything as asked "
    "at because before being both but by despite during each earlier even every everyone few first "
    "following for former from further given having he her here hers his how however i i'd i'll "
    "i'm i've if in instead is it it'd it'll it's its last later like many maybe meanwhile more "
    "moreover most much my nearly neither no nobody none nor not nothing now of officials on once "
    "one only or other others our over people perhaps police several she she's should similarly "
    "since so some someone sometimes speaking still such than that that's the their then there "
    "there's therefore these they they're they've this those though three through thus to today "
    "two under unless unlike until we we'll we're we've were what when where whether which while "
    "who whoever why will with within without would yet you you'll you're you've your"
)
"""Capitalised words that begin sentences and hardly ever names."""

_AFTER_CLOCK = _words(
    "et est edt ct cst cdt mt mst mdt pt pst pdt gmt utc bst cet cest ist jst eastern central "
    "mountain pacific monday tuesday wednesday thursday friday saturday sunday january february "
    "march april may june july august september october november december mon tue tues wed thu "
    "thur thurs fri sat sun jan feb mar apr jun jul aug sept oct nov dec local"
)
_ZONE = re.compile(
    r"(?!(?:This|Next|Last|Some|Any|Every|Each|All|No|By|What|One|First|Second|Lunch|Prime|Closing"
    r"|Opening|Dinner|Overtime|Meanwhile) )"
    r"[A-Z][\w’'-]{0,20}+ (?:(?:standard|daylight|summer) )?time\b"
)
"""Whose time it is: "6 p.m. Indian time"."""
_NAMES_WITH_BANG = frozenset(["yahoo!", "jeopardy!", "panic!", "wham!", "mamma mia!", "e!"])


def split(text: str) -> tuple[Span, ...]:
    """Return the spans of the sentences of `text`, in order.

    Together they cover every character that is not white space; none begins or ends with white
    space, none is longer than `LONGEST`.
    """
    return tuple(
        span
        for line in _LINE.finditer(text)
        for start, end in _sentences(text, line.start(), line.end())
        for span in _bounded(text, start, end)
    )


def sentences(text: str) -> list[str]:
    """Return the sentences of a text as texts; one that is no longer than a sentence is one."""
    return [text] if len(text) <= LONGEST else [span.of(text) for span in split(text)]


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of one line as pairs of offsets, white space still around them."""
    begin, read, last, spoken = start, start, None, False
    for stop in _STOP.finditer(text, start, end):
        spoken = spoken or _SPOKEN.search(text, read, stop.start()) is not None
        read = stop.end()
        cut = _cut(text, begin, stop, end) if spoken else None
        if cut is not None:
            if last:
                yield last
            last, begin, spoken = (begin, cut), cut, False
    if last and not (spoken or _SPOKEN.search(text, read, end)):
        yield last[0], end  # Marks alone are no sentence: they belong to the one before.
    else:
        if last:
            yield last
        yield begin, end


def _cut(text: str, begin: int, stop: re.Match[str], end: int) -> int | None:
    """Return where the sentence that runs to `stop` ends, or None if it goes on."""
    after = stop.end()
    if after >= end:
        return None
    if text[stop.start()] in "。！？।":
        return after
    if not text[after].isspace():
        return _glued(text, begin, stop, end)
    opening = _OPENERS.match(text, after, end)
    following = opening.end() if opening else after
    if following >= end:
        return None
    if text[following].islower() and not _camel(text, following):
        return None
    return after if _ends(text, begin, stop, following) else None


def _glued(text: str, begin: int, stop: re.Match[str], end: int) -> int | None:
    """Cut where a sentence follows without a space ("ended.The"), but only where it is clear."""
    after = stop.end()
    mark = stop.group()
    if text[after] in "“‘" and mark[0] in ".!?":
        return after
    if not _GLUED.match(text, after, end):
        return None
    if mark[-1] in "”’»)":
        return after if mark[0] in ".!?" else None
    before = text[max(begin, stop.start() - 24) : stop.start()].rpartition(" ")[2]
    plain = mark in {".", "!", "?"} and len(before) > 1 and before.isalpha() and before.islower()
    return after if plain else None


def _camel(text: str, at: int) -> bool:
    """Say whether a name such as iPhone or eBay begins here."""
    return len(text) > at + 1 and text[at + 1].isupper()


def _ends(text: str, begin: int, stop: re.Match[str], following: int) -> bool:
    """Say whether the sentence ends at `stop`, given that a capital or a sign follows."""
    mark = stop.group()
    before = text[max(begin, stop.start() - 40) : stop.start()]
    found = _WORD_BEFORE.search(before)
    word = found.group() if found else ""
    if mark[0] in "!?؟":
        return not _goes_on(text, mark, word, following)
    if mark[0] == "…" or mark.startswith(".."):
        return not before.rstrip().endswith((",", "—", "–")) and _starts(text, following)
    if begin + len(before) == stop.start() and _NUMBER_FIRST.match(before):
        return False  # "1. Gun laws", "B. Results": the number of a list
    return _stop_ends(word, text, following, bare=mark == ".")


def _goes_on(text: str, mark: str, word: str, following: int) -> bool:
    """Say whether "!" or "?" stands inside a sentence: “Why?” Smith asked. Yahoo! Finance."""
    if len(mark) > 1 and mark[-1] in "\"'”’»":
        return _SPEECH.match(text, following) is not None
    return (word + mark).lower() in _NAMES_WITH_BANG


def _stop_ends(word: str, text: str, following: int, *, bare: bool) -> bool:
    """Decide for a full stop after `word`; `bare` when no quote or bracket closes after it."""
    dash = not {"–", "—", "-"}.isdisjoint(text[following - 2 : following])  # "N.C. – The ..."
    begins = _starts(text, following) and not dash
    word = word.rpartition("-")[2]  # then-Gov., D-Calif.
    low = word.lower()
    if low in {"a.m", "p.m", "am", "pm"}:
        zoned = _word(text, following).partition("-")[0].rstrip(".") in _AFTER_CLOCK
        return not zoned and _ZONE.match(text, following) is None
    if low in _BEFORE_NUMBERS and text[following].isdigit():
        return False
    if bare and len(word) < 3 and word.isdecimal() and _ordinal(text, word, following):
        return False
    if low in _TITLES and (word[0].isupper() or low in _NEVER_LAST):
        return not bare
    if low in _MAYBE or _ACRONYM.fullmatch(word) or (len(word) == 1 and word.isupper()):
        return begins
    return True


_DAYS_WITH_STOP = ("de", "de_AT", "gsw", "lb", "nds")
"""Languages of CLDR that write "4. November" and their months with a capital; where months are
small, as in Danish or Czech, the small letter says already that the sentence goes on."""
_OF_ORDINALS = re.compile(
    r"\b(?:der|die|das|dem|den|des|vom|zum|zur|beim|im)\s+\d{1,2}\Z", re.IGNORECASE
)
"""What stands before a German ordinal, also where no month follows: "im 19. Jahrhundert"."""


@cache
def _months_with_stop() -> frozenset[str]:
    from babel import Locale

    named = (Locale.parse(name).months["format"]["wide"] for name in _DAYS_WITH_STOP)
    return frozenset(month.lower() for months in named for month in months.values())


def _ordinal(text: str, number: str, following: int) -> bool:
    """Say whether a number with a full stop counts what follows: "bis zum 4. November"."""
    if not text[following].isalpha():
        return False
    if _word(text, following).rstrip(".") in _months_with_stop():
        return True
    end = text.rindex(number, 0, following) + len(number)
    return _OF_ORDINALS.search(text, max(0, end - 12), end) is not None


def _starts(text: str, at: int) -> bool:
    """Say whether the word here is one that begins sentences."""
    return _word(text, at) in _STARTERS


def _word(text: str, at: int) -> str:
    match = _WORD_AFTER.match(text, at)
    return match.group().lower().replace("’", "'") if match else ""


def _bounded(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the stretch without the white space around it, cut where it is too long."""
    start, end = _trim(text, start, end)
    while end - start > LONGEST:
        cut = _soft_point(text, start)
        left, right = _trim(text, start, cut)
        if left < right:
            yield Span(start=left, end=right)
        start, end = _trim(text, cut, end)
    if start < end:
        yield Span(start=start, end=end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _soft_point(text: str, start: int) -> int:
    """Return where to cut an overlong sentence: after the last semicolon, comma or space."""
    for sign in ("; ", ", ", " "):
        at = text.rfind(sign, start + LONGEST // 2, start + LONGEST)
        if at >= 0:
            return at + 1
    return start + LONGEST
