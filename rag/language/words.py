"""Text to words: tokens with their place, a stem that survives inflection, and what carries sense.

Every other check compares words through `Word.stem`, so that "cutting", "cuts" and "cut" or "rose"
and "rise" are one word, whatever the spelling of quotes, accents and capitals.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from rag.language.memory import MEMORY
from rag.language.stems import stemmed

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S., a.m.
    r"|\d+(?:[.,:]\d+)*"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"
    r"|[$£€¥₹%+]"
)

_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_BRITISH = re.compile(r"(?<=\w{3})our(?=(?:s|ed|ing|able|er|ers)?$)")

_IRREGULAR: dict[str, str] = {
    form: stemmed(base, "english")  # "became" as "become", whose stem is "becom"
    for base, forms in {
        "say": "said says saying",
        "tell": "told tells telling",
        "rise": "rose risen rising",
        "fall": "fell fallen falling",
        "grow": "grew grown",
        "win": "won winning winner winners",
        "lose": "lost losing loss losses",
        "beat": "beaten beating",
        "begin": "began begun",
        "break": "broke broken",
        "bring": "brought",
        "build": "built",
        "buy": "bought",
        "catch": "caught",
        "choose": "chose chosen choice",
        "come": "came",
        "become": "became",
        "die": "died dying dead death deaths dies",
        "draw": "drew drawn",
        "drive": "drove driven",
        "fight": "fought",
        "find": "found",
        "establish": "founded founding",
        "fly": "flew flown flight flights",
        "get": "got gotten",
        "give": "gave given",
        "go": "went gone",
        "hold": "held",
        "keep": "kept",
        "kill": "killed killing",
        "know": "knew known",
        "lead": "led leading",
        "leave": "left leaving",
        "make": "made making",
        "meet": "met",
        "pay": "paid",
        "run": "ran",
        "see": "saw seen",
        "sell": "sold",
        "send": "sent",
        "shoot": "shot shooting",
        "show": "shown",
        "sink": "sank sunk",
        "speak": "spoke spoken speech",
        "spend": "spent",
        "stand": "stood",
        "steal": "stole stolen",
        "strike": "struck stricken",
        "swear": "swore sworn",
        "take": "took taken",
        "teach": "taught",
        "think": "thought",
        "throw": "threw thrown",
        "withdraw": "withdrew withdrawn withdrawal",
        "write": "wrote written",
        "bear": "bore",
        "bind": "bound",
        "deal": "dealt",
        "feed": "fed",
        "feel": "felt",
        "flee": "fled",
        "forbid": "forbade forbidden",
        "free": "freed freeing frees",
        "freeze": "froze frozen",
        "hang": "hung",
        "hear": "heard",
        "hide": "hid hidden",
        "lend": "lent",
        "mean": "meant",
        "mislead": "misled",
        "overcome": "overcame",
        "overthrow": "overthrew overthrown",
        "ride": "rode ridden",
        "seek": "sought",
        "shake": "shook shaken",
        "shrink": "shrank shrunk",
        "sing": "sang sung",
        "slay": "slew slain",
        "sue": "sued sues suing",
        "tear": "tore torn",
        "undergo": "underwent undergone",
        "uphold": "upheld",
        "wear": "wore worn",
        "approve": "approval",
        "refuse": "refusal",
        "arrive": "arrival",
        "decide": "decision decisions",
        "criticise": "criticize criticized criticizing criticism",
        "attack": "attacker attackers",
        "man": "men",
        "woman": "women",
        "child": "children",
        "person": "people",
        "percent": "percentage",
        "be": "is are was were been being am",
        "have": "has had having",
        "do": "does did doing done",
    }.items()
    for form in forms.split()
}


def lexicon(text: str) -> frozenset[str]:
    """Return the words of a list that is written as running text, which reads best."""
    return frozenset(text.split())


def lists(module: str) -> dict[str, frozenset[str]]:
    """Return the word lists of a module of this room, which stand in the TOML file beside it."""
    data = files("rag.language").joinpath(f"{module}.toml").read_text(encoding="utf-8")
    return {name: lexicon(words) for name, words in tomllib.loads(data).items()}


_LISTS = lists("words")
STOP = _LISTS["stop"]
"""Words that carry no content of their own; speech verbs too, since a check of their own."""


@dataclass(frozen=True, slots=True)
class Word:
    """One token: its characters, its place `text[start:end]`, its folded form and its stem."""

    text: str
    start: int
    end: int
    low: str
    stem: str

    @property
    def content(self) -> bool:
        """Say whether the word has a sense of its own (numbers have a check of their own)."""
        return self.low not in STOP and self.low[0].isalpha()

    @property
    def capital(self) -> bool:
        """Say whether it starts with a capital letter."""
        return self.text[0].isupper()


def fold(text: str) -> str:
    """Return lower case without accents and with straight quotes."""
    if text.isascii():
        return text.lower()
    flat = _FOREIGN.sub(_bare, text.replace("’", "'").replace("‘", "'"))
    return flat.lower() or text.lower()


_FOREIGN = re.compile(r"[^\x00-\x7f]+")


def _bare(found: re.Match[str]) -> str:
    """Return letters without their accents; all others of a text are ASCII and stay."""
    flat = unicodedata.normalize("NFKD", found[0])
    return "".join(c for c in flat if not unicodedata.combining(c))


@MEMORY.of_texts(bytes_a_character=2)
def stem(low: str) -> str:
    """Return the stem of a folded word."""
    base = _IRREGULAR.get(low)
    if base:
        return base
    if "," in low and _THOUSANDS.fullmatch(low):
        return low.replace(",", "")
    if len(low) > 4:
        low = low.replace("isation", "ization").replace("ise", "ize").replace("ising", "izing")
        low = _BRITISH.sub("or", low)  # labour, but never hour
    found = _IRREGULAR.get(low) or stemmed(low, "english")
    return _IRREGULAR.get(found, found)


@MEMORY.of_texts(bytes_a_character=35)
def words(text: str) -> tuple[Word, ...]:
    """Cut a text into words; the possessive 's is not part of a word."""
    found = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        low = fold(raw)
        if low.endswith("'s"):
            raw, low = raw[:-2], low[:-2]
        if "." in raw and raw[0].isalpha():
            low = low.replace(".", "")
        if raw in {"US", "U.S."}:
            low = "usa"  # never the pronoun
        if not raw or not low:
            continue
        found.append(Word(raw, match.start(), match.start() + len(raw), low, stem(low)))
    return tuple(found)


def tokens(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, numbers included."""
    return tuple(w.low for w in words(text) if w.low[0].isalnum())


@MEMORY.of_texts(bytes_a_character=8)
def stems(text: str) -> frozenset[str]:
    """Return the stems of the words that carry sense, numbers included."""
    return frozenset(w.stem for w in words(text) if w.content or w.low[0].isdigit())


_BREAK = re.compile(r"[.;:!?]+(?=\s|$)|,(?=\s)|\s[–—-]\s|—|\b(?:while|whereas|but|although)\b|\n")


@MEMORY.of_texts(bytes_a_character=2)
def clauses(text: str) -> tuple[tuple[int, int], ...]:
    """Cut a text into rough clauses, at punctuation and at contrasting conjunctions."""
    cuts = [0, *(m.start() for m in _BREAK.finditer(text)), len(text)]
    return tuple((a, b) for a, b in pairwise(cuts) if b > a)


def clause_of(text: str, place: int) -> tuple[int, int]:
    """Return the clause that holds the character at `place`."""
    found = clauses(text)
    k = bisect_right(found, (place, len(text))) - 1
    if k >= 0 and found[k][0] <= place < found[k][1]:
        return found[k]
    return 0, len(text)
