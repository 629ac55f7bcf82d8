"""Languages other than English: which one a text is in, its stems, and what a question asks for.

English has rules of its own all over; of another language only this is known: the stems of its
words (Snowball), its stop words, and in a few of them (`asking.toml`) the words that ask and deny.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

from rag.language.memory import MEMORY
from rag.language.stems import stemmed
from rag.language.words import STOP, fold, lexicon

READ = 4000
"""Characters that are looked at."""
LETTERS = 80
"""A text with fewer letters says too little."""
SURE = 0.9
"""Least probability of a language that is taken."""
LONG = 5
"""Letters from which on a stem is also known at the start of a longer word: Brand, Brandschutz."""
WRITTEN = {"nb": "no", "nn": "no"}
"""Codes that stand for one language here."""

Form = Literal["number", "money", "date", "person", "reason"]
ASKED: tuple[Form, ...] = ("number", "date", "person", "reason")
_MONEY = lexicon(
    "euro euros dolar dolares dollar dollars peso pesos franc francs franken pfund libras sterling "
    "yen yuan rublos rubel roubles kronor kroner kr zloty zlotych dollari franchi"
)

_OF = lexicon("de del d en a au du di da della in nel em do no na van te von")
"""Words before the name of a place."""
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_AMONG = re.compile(r"(?<=\d)[.,\s\u2019](?=\d{3}(?!\d))")
"""What parts the thousands of a number: 1.200, 1 200, 1’200."""


def language_of(text: str) -> str | None:
    """Return the primary subtag of a text's language, or None when it is not sure.

    The same text always gives the same language.

    Example:
        >>> language_of("Die Brücke über den Fluß bleibt bis Montag geschlossen, sagte am Freitag "
        ...     "ein Sprecher der Behörde in der Stadt.")
        'de'
    """
    beginning = text[:READ]
    if sum(map(str.isalpha, beginning)) < LETTERS:
        return None
    name, probability = _identifier().classify(beginning)
    return str(name) if probability >= SURE else None


@cache
def _identifier(among: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401 - it has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if among:
        identifier.set_languages(sorted(among & set(identifier.nb_classes)))
    return identifier


def asked_in(question: str, held: Iterable[str]) -> Tongue | None:
    """Return the language of a question, if it is one of those that the archive holds.

    None for English, and for what is not surely another language: its stop words must be more
    than those of English, and it must look more like this language than like the others.
    """
    codes = frozenset(WRITTEN.get(code, code) for code in held) - {"en"}
    known = {code: found for code in codes if (found := tongue(code)) is not None}
    if not known:
        return None
    name, _ = _identifier(frozenset((*known, "en"))).classify(question.lower())
    spoken = known.get(str(name))
    if spoken is None:
        return None
    said = [fold(token) for token in _TOKEN.findall(question)]
    own, english = (sum(token in stop for token in said) for stop in (spoken.stop, STOP))
    return spoken if own > english else None


@cache
def tongue(code: str) -> Tongue | None:
    """Return what is known of a language; None for English, and where Snowball has no stems."""
    import snowballstemmer  # type: ignore[import-untyped]
    from babel import Locale, UnknownLocaleError

    try:
        name = str(Locale(WRITTEN.get(code, code)).english_name)
    except (UnknownLocaleError, ValueError, TypeError):
        return None
    known = name.split(maxsplit=1)[0].lower()
    if known == "english" or known not in snowballstemmer.algorithms():
        return None
    return Tongue(WRITTEN.get(code, code), name.split(maxsplit=1)[0])


@dataclass(frozen=True)
class Tongue:
    """A language other than English.

    Example:
        >>> spanish = tongue("es")
        >>> spanish.terms("¿Cuántas personas fueron evacuadas?")
        ('personas', 'evacuadas')
        >>> spanish.held({"evacu"}, "Obligó a evacuar a 1.200 vecinos.")
        {'evacu'}
    """

    code: str
    name: str
    """Its name in English."""

    @cached_property
    def stop(self) -> frozenset[str]:
        """The folded words that carry no sense of their own, and those that ask."""
        import stopwordsiso

        listed = stopwordsiso.stopwords(self.code) if stopwordsiso.has_lang(self.code) else ()
        asks = (word for form in ASKED for word in self._words(form))
        return frozenset(fold(w) for words in (*listed, *asks) for w in words.split())

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes under which articles in it may be stored."""
        return (self.code, *(code for code, other in WRITTEN.items() if other == self.code))

    @property
    def nouns(self) -> bool:
        """True where every noun begins with a capital, so that one tells no name."""
        return self.code == "de"

    @cached_property
    def denials(self) -> frozenset[str]:
        """The folded words that deny; empty where they are not known."""
        return self._set("deny")

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the folded words of a text in order; a number without what parts its digits."""
        return tuple(fold(token) for token in _TOKEN.findall(_AMONG.sub("", text)))

    def terms(self, question: str) -> tuple[str, ...]:
        """Return the words of a question that an answering text is expected to hold."""
        found = dict.fromkeys(token.lower() for token in _TOKEN.findall(_AMONG.sub("", question)))
        return tuple(t for t in found if fold(t) not in self.stop and (len(t) > 1 or t.isdigit()))

    def stem(self, word: str) -> str:
        """Return the folded stem of a word; accents must still be on it."""
        return _stem(self.name, word)

    def spellings(self, term: str) -> tuple[str, ...]:
        """Return what finds a term in the index of words: the word, and what begins like its stem.

        The index cuts all words as if they were English, so a stem is looked up as a beginning.
        """
        if term.isdigit():
            grouped = f"{int(term):,}" if len(term) < 16 else term
            return tuple(dict.fromkeys((term, grouped, grouped.replace(",", "."))))
        stem = self.stem(term)
        return (term, f"{stem}*") if len(stem) >= LONG - 1 else (term, stem)

    def stems(self, text: str) -> frozenset[str]:
        """Return the stems of the words of a text that carry sense, numbers included."""
        found = set[str]()
        for token in _TOKEN.findall(_AMONG.sub("", text)):
            if (low := fold(token)) not in self.stop:
                found |= {self.stem(token), self.stem(low)}  # people leave accents out
        return frozenset(found)

    def held(self, wanted: Collection[str], text: str) -> set[str]:
        """Return which stems a text holds; a long one also as the beginning of a word."""
        stems = self.stems(text)
        long = [stem for stem in wanted if stem not in stems and len(stem) >= LONG]
        begun = {w for w in long if any(s.startswith(w) for s in stems)}
        return {w for w in wanted if w in stems} | begun

    def form(self, question: str) -> Form | None:
        """Return the form of the answer that a question asks for, by the first word that asks."""
        said = f" {' '.join(self.tokens(question))} "
        places: dict[int, Form] = {}
        for form in ASKED:
            for asks in self._words(form):
                if (place := said.find(f" {fold(asks)} ")) >= 0:
                    places.setdefault(place, form)
        first = places[min(places)] if places else None
        costs = not self._set("cost").isdisjoint(self.tokens(question))
        return "money" if first == "number" and costs else first

    def counted(self, question: str) -> str | None:
        """Return the stem of what a question asks the number of: camas in "¿Cuántas camas ...?"."""
        said = f" {' '.join(self.tokens(question))} "
        for asks in self._words("count"):
            if (place := said.find(f" {fold(asks)} ")) >= 0:
                following = said[place + len(fold(asks)) + 1 :].split()
                noun = following[0] if following and following[0] not in self.stop else None
                own = (t for t in self.terms(question) if fold(t) == noun)
                return next(map(self.stem, own), None)
        return None

    def has_form(self, form: Form | None, text: str, question: str) -> bool:
        """Return True when a text holds what a form asks for, beyond what the question says."""
        asked = set(self.tokens(question))
        new = [token for token in self.tokens(text) if token not in asked]
        if form == "money" and not any(t in _MONEY for t in new):
            return any(unicodedata.category(c) == "Sc" for c in text)
        if form in ("number", "money"):
            few = self._set("few")
            beside = zip(new, [*new[1:], ""], strict=True)
            months = _calendar(self.code)
            return any((t[0].isdigit() and n not in months) or t in few for t, n in beside)
        if form == "date":
            return any(token.isdigit() or token in _calendar(self.code) for token in new)
        if form == "person":
            return self._names_somebody(text, asked) and self.does(question, text)
        if form == "reason":
            return not self._set("because").isdisjoint(new)
        return True

    def led(self, wanted: Collection[str], text: str) -> set[str]:
        """Return which stems ask who leads, where a text names an office or says the same."""
        asks = {stem for stem in wanted if stem in self._stems_of("lead")}
        if asks and self._stems_of("lead", "leader").isdisjoint(self.stems(text)):
            return set()
        return asks

    def does(self, question: str, text: str) -> bool:
        """Return True when a text says what a question asks who does: leads, founded, won.

        That is the first word that carries sense, or one for leading: "Wer steht an der Spitze?".
        """
        asked = list(map(self.stem, self.terms(question)))
        if any(stem in self._stems_of("lead") for stem in asked):
            return bool(self.led(asked, text))
        return not asked or bool(self.held(asked[:1], text))

    def _names_somebody(self, text: str, asked: Collection[str]) -> bool:
        """Return True when a text has a full name that is not in the question, or a single one.

        A single one is none where all nouns have capitals, nor behind "of" or "in": it is a place.
        """
        said = _TOKEN.findall(text)
        for before, word, after in zip(["", *said], said, [*said[1:], ""], strict=False):
            if not word[0].isupper() or fold(word) in asked or fold(word) in self.stop:
                continue
            if after[:1].isupper() and f"{word} {after}" in text and fold(after) not in asked:
                return True
            if not self.nouns and before and fold(before) not in _OF and before[0].islower():
                return True
        return False

    def names(self, text: str) -> set[str]:
        """Return the folded words with a capital, but for the first one of the text."""
        return {fold(t) for t in _TOKEN.findall(text)[1:] if t[0].isupper()} - self.stop

    def _stems_of(self, *keys: str) -> frozenset[str]:
        """Return the stems of the words of some keys."""
        words = (word for key in keys for said in self._words(key) for word in said.split())
        return frozenset(self.stem(word) for word in words)

    def _set(self, key: str) -> frozenset[str]:
        return frozenset(fold(word) for words in self._words(key) for word in words.split())

    def _words(self, key: str) -> Iterable[str]:
        found = _asking().get(self.code, {}).get(key, ())
        return (found,) if isinstance(found, str) else found


@cache
def _asking() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("rag.language").joinpath("asking.toml").read_text(encoding="utf-8"))


@MEMORY.of_texts(bytes_a_character=2)
def _stem(name: str, word: str) -> str:
    return fold(stemmed(word.lower(), name.lower())) or fold(word)


@cache
def _calendar(code: str) -> frozenset[str]:
    """Return the folded names of months and days."""
    from babel import Locale

    locale = Locale(code)
    wide = (locale.months["format"]["wide"], locale.days["format"]["wide"])
    return frozenset(fold(str(name)) for names in wide for name in names.values())
