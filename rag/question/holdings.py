"""Questions about the archive itself: how many articles, which, by whom, when, from where.

Recognised strictly: the words must ask for articles, outlets or authors of the archive, and all of
them must be understood. Whatever else a question says makes it one about the world.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.question.tail import Holding, Known, Tail, Wanted

_PLAIN = r"(?:news )?(?:articles?|news (?:stories|story|reports?|items?))"
_LOOSE = r"(?:stories|story|reports?|pieces?|items?|texts?|documents?)"
_ART = rf"(?P<art>{_PLAIN}|{_LOOSE})"
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twenty": 20,
}  # fmt: skip
_N = rf"(?:(?P<most>\d{{1,3}}|{'|'.join(_NUMBERS)}) )?"
_LATEST = r"(?:newest|latest|most recent|last)"
_FIRST = r"(?:oldest|earliest|first|very first)"
_SUPER = rf"(?P<super>{_LATEST}|{_FIRST})"
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "covered",
            (
                r"^(?:(?:what|which) (?:period|time ?span|time range|time frame|dates|days|years)"
                r" (?:does|do|is|are) (?:the |this |your |my )?"
                r"(?:archive|collection|articles?|you|it)"
                r"(?: cover(?:ed)?| span| from)?(?: by (?:the|this) (?:archive|collection))?"
                r"|(?:what|which) (?:period|dates|days|years) (?:is|are) covered"
                r"(?: by (?:the|this|your) (?:archive|collection|articles))?"
                r"|how far back (?:does|do) (?:the|this|your) "
                r"(?:archive|collection|articles) (?:go|reach)"
                r"|how (?:big|large) is (?:the|this|your) (?:archive|collection)"
                r"|what (?:is|do you have) in (?:the|this|your) (?:archive|collection))$"
            ),
        ),
        ("count", rf"^how many {_ART}(?P<tail>.*)$"),
        (
            "often",
            (
                r"^how (?:often|many times) (?:did|has|have|does|do) (?P<by>.+?) "
                r"(?:report(?:ed)?|writ(?:e|ten)|cover(?:ed)?|mention(?:ed)?) (?:(?:on|about|of) )?"
                r"(?P<topic>.+)$"
            ),
        ),
        (
            "super",
            (
                rf"^(?:(?:what|which)(?:'s| is| are| was| were)? |when (?:was|is) |show(?: me)? "
                rf"|give(?: me)? |list |find )?(?:the |your |our )?"
                rf"{_N}{_SUPER} {_N.replace('most', 'more')}"
                rf"{_ART}(?P<tail>.*)$"
            ),
        ),
        (
            "list",
            (
                r"^(?:please )?(?:list|show|give|find|get|name|display)(?: me| us)?"
                rf"(?: all| every| each| the| any| your| of)* {_ART}(?P<tail>.*)$"
            ),
        ),
        ("list", rf"^(?:what|which) {_ART}(?P<tail>.*)$"),
        ("bare", r"^(?:all |the )*(?P<art>articles)(?P<tail> .*)$"),
        (
            "reported",
            (
                r"^what (?:was|were|is|has been) (?:reported|published|in the news|written)"
                r"(?P<tail>.*)$"
            ),
        ),
        ("have", r"^what (?:do you|does the archive) have (?P<tail>(?:about|on) .+)$"),
        (
            "wrote",
            (
                r"^what (?:did|has|have|does) (?P<by>.+?) "
                r"(?:writ(?:e|ten)|publish(?:ed)?|report(?:ed)?)(?: about)?(?P<tail>(?: .*)?)$"
            ),
        ),
        (
            "outlets",
            (
                r"^(?:which|what) (?:news )?(?P<noun>outlets?|publishers?|newspapers?"
                r"|papers?|sources?"
                r"|media|sites?|broadcasters?)(?: is| are)?(?P<tail> .*)$"
            ),
        ),
        (
            "who",
            (
                r"^(?:who (?:wrote|authored|(?:is|was) the author of)|by whom (?:was|is)) "
                rf"(?:the |an? |this |that )?(?:{_SUPER} )?{_ART}(?P<tail> .*)$"
            ),
        ),
        (
            "authors",
            (
                r"^(?:which|what) (?:authors|journalists|reporters|writers|correspondents)"
                r"(?P<tail> .*)$"
            ),
        ),
        (
            "when",
            (
                rf"^when did (?P<by>.+?) (?P<super>{_LATEST}|{_FIRST}) (?:report|write|mention"
                r"|cover"
                r"|publish)(?: an article)?(?: (?:on|about))? (?P<topic>.+)$"
            ),
        ),
    )
)  # fmt: skip


def about_archive(question: str, known: Known) -> Holding | None:
    """Return what a question asks of the archive; None for a question about the world."""
    text = re.sub(r"[\s?.!]+$", "", " ".join(question.replace("’", "'").split()))
    for name, pattern in _SHAPES:
        if found := pattern.match(text):
            holding = _read(name, {k: v or "" for k, v in found.groupdict().items()}, known)
            if holding is not None:
                return holding
    return None


def _read(name: str, parts: dict[str, str], known: Known) -> Holding | None:
    if name == "covered":
        return Holding(wanted="covered")
    if "by" in parts and name != "wrote":
        return _by(name, parts, known)
    if name == "wrote":
        return _wrote(parts, known)
    tail = Tail(known)
    if name == "outlets":
        return _outlets(parts, tail)
    if name == "who":
        parts["tail"] = re.sub(r" (?:written|signed)$", "", parts["tail"])
    if not tail.take(parts["tail"].strip()):
        return None
    return _settled(name, parts, tail)


def _settled(name: str, parts: dict[str, str], tail: Tail) -> Holding | None:
    """Return what is asked where all words were understood and enough of them mean the archive."""
    loose = bool(re.fullmatch(_LOOSE, parts.get("art", ""), re.IGNORECASE))
    found = tail.found
    anchored = tail.here or bool(found.outlets or found.authors)
    dated = bool(found.since or found.until)
    told = anchored or bool(found.topic) or dated
    allowed = {
        "count": told and (not loose or anchored or tail.strong),
        "list": told and (not loose or anchored or tail.strong),
        "bare": told,
        "super": not loose or anchored,
        "reported": dated and not found.topic,
        "who": bool(found.topic) and (not loose or anchored or tail.quoted),
        "authors": tail.here or bool(found.topic),
        "have": bool(found.topic),
    }
    if not allowed[name]:
        return None
    if name == "super":
        return _ends(parts, found)
    wanted: Wanted = "count" if name == "count" else "list"
    wanted = "authors" if name in {"who", "authors"} else wanted
    return replace(found, wanted=wanted, most=int(name == "who"))


def _ends(parts: dict[str, str], found: Holding) -> Holding:
    """Return which end of the list is asked for, and how much of it."""
    most = (parts["most"] or parts["more"]).lower()
    number = int(most) if most.isdigit() else _NUMBERS.get(most, 0)
    plural = parts["art"].lower().endswith("s")
    return replace(found, wanted=_end(parts["super"]), most=number or (10 if plural else 1))


def _end(said: str) -> Wanted:
    return "latest" if re.match(_LATEST, said, re.IGNORECASE) else "first"


def _by(name: str, parts: dict[str, str], known: Known) -> Holding | None:
    """Read a question of how often, or when first, somebody of the archive reported something."""
    tail = Tail(known)
    ours = re.fullmatch(
        r"you|we|(?:the|your|this) (?:archive|articles|collection)", parts["by"], re.IGNORECASE
    )
    if not ours and not tail.someone(parts["by"]):
        return None
    if not tail.take(f"about {parts['topic']}"):
        return None
    if name == "often":
        return replace(tail.found, wanted="count")
    return replace(tail.found, wanted=_end(parts["super"]), most=1)


def _wrote(parts: dict[str, str], known: Known) -> Holding | None:
    """Read "What did Ana Reis write in May 2024?": without a topic, or it asks what was said."""
    tail = Tail(known)
    if not tail.someone(parts["by"]) or not tail.take(parts["tail"].strip()) or tail.found.topic:
        return None
    dated = tail.found.since or tail.found.until
    return replace(tail.found, wanted="list") if tail.found.authors or dated else None


def _outlets(parts: dict[str, str], tail: Tail) -> Holding | None:
    text = parts["tail"].strip()
    ours = parts["noun"].lower().startswith(("outlet", "publisher"))
    text, first = _first(text)
    text = _REPORTED.sub("about", text)
    if not tail.take(text) or not (tail.here or (ours and tail.found.topic)):
        return None
    return replace(tail.found, wanted="first" if first else "outlets", most=1 if first else 0)


_REPORTED = re.compile(
    r"^(?:have |has |had )?(?:(?:carried|had|published|ran|report(?:ed)?|wr[oi]te|written)"
    r"(?: (?:an )?(?:articles?|stories|reports?))?(?: about| on)?|(?:cover|mention)(?:ed|s)?)\b",
    re.IGNORECASE,
)


def _first(text: str) -> tuple[str, bool]:
    """Take "first" out of what was reported, and say whether it was there."""
    for pattern, instead in (
        (r"^was (?:the )?first to (?:report|cover|write|mention)(?: on| about)?\b", "about"),
        (r"^first (?=report|cover|wrote|mention|published|carried)", ""),
        (r" first$", ""),
    ):
        if re.search(pattern, text, re.IGNORECASE):
            return re.sub(pattern, instead, text, flags=re.IGNORECASE), True
    return text, False
