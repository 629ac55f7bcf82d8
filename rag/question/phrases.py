"""The phrases of which questions about the archive are made, each with the part that it plays.

They say what is counted, name articles, outlets and authors, tell who has them, or open a topic.
They stand in `phrases.toml`.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Literal, cast

from rag.language.numerals import NUMERALS

Part = Literal[
    "count", "often", "list", "what", "who", "when", "noun", "loose", "thing", "mentions",
    "outlets", "authors", "languages", "days", "months", "years", "latest", "first", "newest",
    "longest", "shortest", "most", "least", "more", "per", "number", "have", "here", "there",
    "owns", "wrote", "appear", "shown", "cue", "aboutness", "uncue", "titled", "headline", "span",
    "reach", "far", "gap", "compare", "and", "or", "glue", "filler", "break", "period", "outlet",
    "author", "language", "missing", "people", "places", "organisations", "topic",
    "other",
]  # fmt: skip
LANGUAGES = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "finnish": "fi", "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi",
    "hungarian": "hu", "indonesian": "id", "italian": "it", "japanese": "ja", "korean": "ko",
    "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt", "romanian": "ro",
    "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr", "ukrainian": "uk",
    "vietnamese": "vi",
}  # fmt: skip
NUMBER = re.compile(
    rf"(?:\d{{1,3}}|{'|'.join(n for n in NUMERALS if n not in ('zero', 'one'))})(?![\w.,-]\w|\w)",
    re.IGNORECASE,
)
READ = tomllib.loads(files("rag.question").joinpath("phrases.toml").read_text("utf-8"))
CUES = frozenset(READ["cues"])
"""Parts that open a topic."""


def _joined(phrases: str) -> str:
    """Return phrases as one pattern: a line that ends with a bar goes on in the next."""
    lines = re.sub(r"\n\| ", "|", phrases.strip().replace("|\n", "|"))
    return f"(?:{lines.replace(' | ', '|')})"


def _pattern(part: str, phrases: str) -> re.Pattern[str]:
    joined = _joined(phrases)
    for name, meant in reversed(READ["names"].items()):
        joined = joined.replace(f"{{{name}}}", _joined(meant))
    ends = "" if part == "break" else r"(?!['\w]|-\w)"
    return re.compile(joined + ends, re.IGNORECASE)


PATTERNS: tuple[tuple[Part, re.Pattern[str]], ...] = tuple(
    (cast("Part", part), _pattern(part, phrases))
    for part, phrases in {**READ["cues"], **READ["phrases"]}.items()
)
"""In the order in which they are preferred, where two are of one length."""
COUNTING: frozenset[Part] = frozenset(
    {"count", "list", "first", "latest", "newest", "longest", "shortest", "most", "least", "more",
     "have", "there", "thing", "number", "what"}
)  # fmt: skip
"""Behind these a word that is noun or verb, such as "reports", is a noun."""
