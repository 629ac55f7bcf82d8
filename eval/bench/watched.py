"""Invented news in which a rule says which article changes which answer, and to what.

Every template is a question, what is reported first, what changes it, the same told by another
outlet, and what else may be said of the subject. The names are made of syllables, so that no model
knows them. Half of the templates are sealed: nothing was fitted to them.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rag.types import Article

Kind = Literal["base", "change", "repeat", "beside", "other", "noise"]
Half = Literal["open", "sealed", "all"]

FIRST = date(2024, 3, 1)
_STARTS = (
    "Bel",
    "Cor",
    "Dra",
    "Fen",
    "Gol",
    "Har",
    "Ist",
    "Kel",
    "Lor",
    "Mer",
    "Nor",
    "Ost",
    "Per",
    "Quel",
    "Ros",
    "Sel",
    "Tor",
    "Ul",
    "Ver",
    "Wes",
    "Yar",
    "Zel",
)
_ENDS = (
    "bridge",
    "dale",
    "field",
    "gate",
    "ham",
    "mouth",
    "ton",
    "vik",
    "wick",
    "worth",
    "mar",
    "nova",
)
_GIVEN = (
    "Ada",
    "Boris",
    "Clara",
    "Dmitri",
    "Edda",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Karin",
    "Luca",
    "Mona",
    "Nils",
    "Olga",
    "Petra",
    "Rafael",
    "Sonia",
    "Tomas",
    "Vera",
)
_FAMILY = (
    "Abelard",
    "Brisk",
    "Caldera",
    "Dornan",
    "Eklund",
    "Ferrow",
    "Galvin",
    "Hesse",
    "Iversen",
    "Jarrow",
    "Kessel",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Orlov",
    "Pereira",
    "Quist",
    "Rahm",
    "Sandoval",
    "Tiber",
    "Ulrich",
    "Vance",
    "Wexler",
    "Yilmaz",
    "Zander",
)
_OUTLETS = (
    "Valley Courier",
    "Harbour Gazette",
    "State Wire",
    "Evening Post",
    "Northern Star",
    "Daily Ledger",
)
_FILL = (
    "Shops along the main street stayed open as usual.",
    "Officials said that they would give more details in the coming days.",
    "Residents gathered at the town hall in the evening to hear the latest.",
    "Local schools were told to expect a normal week.",
    "The weather service expects light rain until the weekend.",
    "A spokeswoman thanked all volunteers for their patience.",
)
_NOISE = (
    (
        "{x} library lends tools",
        (
            "The library of {x} has begun to lend tools to its readers. "
            "Drills and ladders are the most wanted, the librarian said."
        ),
    ),
    (
        "Choir of {x} on tour",
        (
            "The choir of {x} is on a tour of four towns. The singers travel by "
            "train and carry their own music stands."
        ),
    ),
    (
        "Bees return to {x}",
        (
            "Beekeepers of {x} counted more hives than last spring. A mild winter "
            "helped, they said, and so did the wild flowers along the railway."
        ),
    ),
    (
        "Chess in {x}",
        (
            "Children of {x} met for a day of chess. The youngest player was five years "
            "old and won two games against grown men."
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How one kind of question is asked and answered; `{x}` is the subject, `{v}` the value."""

    question: str
    title: str
    base: str
    change: str
    repeat: str
    beside: tuple[str, str]
    values: Literal["count", "million", "percent", "person", "day", "town", "text"]
    texts: tuple[str, str] = ("", "")
    """The two values where they are fixed."""


TEMPLATES: Sequence[Template] = (
    Template(
        question="How many people died in the {x} flood?",
        title="Flood in {x}",
        base="The flood in {x} killed {v} people, the rescue service said.",
        change="The death toll of the {x} flood rose to {v}, the rescue service said.",
        repeat="Police confirmed that {v} people died in the {x} flood.",
        beside=(
            "Volunteers clear mud in {x}",
            (
                "Volunteers cleared mud from cellars after the flood "
                "in {x}. The army lent pumps and two excavators."
            ),
        ),
        values="count",
    ),
    Template(
        question="Who is the mayor of {x}?",
        title="Town hall of {x}",
        base="{v}, the mayor of {x}, opened the new school.",
        change="{v} was sworn in as mayor of {x} and promised cheaper buses.",
        repeat="The mayor of {x}, {v}, spoke to reporters about the school.",
        beside=(
            "{x} looks for bus drivers",
            (
                "The town hall of {x} is looking for bus drivers. "
                "The council will vote on their pay in summer."
            ),
        ),
        values="person",
    ),
    Template(
        question="How much will the {x} bridge cost?",
        title="Bridge of {x}",
        base="The new {x} bridge will cost ${v} million, the county said.",
        change="The {x} bridge will now cost ${v} million, the county said, since steel is dearer.",
        repeat="According to the county the {x} bridge will cost ${v} million.",
        beside=(
            "Detours around the {x} bridge",
            (
                "Drivers complained about detours around the {x} "
                "bridge. Buses take a longer way until the works are done."
            ),
        ),
        values="million",
    ),
    Template(
        question="When will the {x} museum open?",
        title="Museum of {x}",
        base="The {x} museum will open on {v}, its director said.",
        change="The opening was put off: the {x} museum will open on {v}, its director said.",
        repeat="Visitors may come soon: the {x} museum will open on {v}.",
        beside=(
            "{x} museum shows plans",
            (
                "The {x} museum has shown the plans of its garden. It will "
                "have a pond and forty apple trees."
            ),
        ),
        values="day",
    ),
    Template(
        question="Where will the {x} summit be held?",
        title="The {x} summit",
        base="The {x} summit will be held in {v}, ministers agreed.",
        change="The {x} summit has been moved and will be held in {v}, ministers said.",
        repeat="Delegates of the {x} summit, which will be held in {v}, met to prepare it.",
        beside=(
            "Agenda of the {x} summit",
            (
                "Ministers spoke about the agenda of the {x} summit. "
                "Fishing rights and grain come first."
            ),
        ),
        values="town",
    ),
    Template(
        question="How many jobs will {x} Motors cut?",
        title="{x} Motors",
        base="{x} Motors will cut {v} jobs, the car maker said.",
        change="{x} Motors will cut {v} jobs, more than it had said, the car maker announced.",
        repeat="Unions protested after {x} Motors said that it will cut {v} jobs.",
        beside=(
            "{x} Motors shows van",
            "{x} Motors has shown an electric van. It is to be sold to bakers and florists first.",
        ),
        values="count",
    ),
    Template(
        question="What is the unemployment rate in {x}?",
        title="Labour market of {x}",
        base="The unemployment rate in {x} is {v}%, the labour office said.",
        change="The unemployment rate in {x} rose to {v}%, the labour office said.",
        repeat="In {x} the unemployment rate is {v}%, figures of the labour office show.",
        beside=(
            "Job fair in {x}",
            "A job fair in {x} drew long queues. Hotels and hospitals had the most stands.",
        ),
        values="percent",
    ),
    Template(
        question="Who coaches {x} Rovers?",
        title="{x} Rovers",
        base="{v} coaches {x} Rovers, who won their last three games.",
        change="{x} Rovers appointed {v} as their new coach after a run of defeats.",
        repeat="{v}, who coaches {x} Rovers, praised his defenders.",
        beside=(
            "{x} Rovers renew pitch",
            (
                "{x} Rovers renew the grass of their pitch. The work takes "
                "three weeks and costs the club a training camp."
            ),
        ),
        values="person",
    ),
    Template(
        question="What did the court decide about the {x} mine?",
        title="Court on the {x} mine",
        base="The court decided that the {x} mine {v}.",
        change="The appeals court decided that the {x} mine {v}.",
        repeat="Judges decided that the {x} mine {v}, lawyers confirmed.",
        beside=(
            "Miners of {x} march",
            (
                "Miners of {x} marched with a brass band. They carried lamps "
                "and the banner of their grandfathers."
            ),
        ),
        values="text",
        texts=("may stay open for ten more years", "must close by the end of the year"),
    ),
    Template(
        question="What caused the fire at the {x} mill?",
        title="Fire at the {x} mill",
        base="A fire at the {x} mill destroyed the roof; {v}.",
        change="Investigators said that {v} caused the fire at the {x} mill.",
        repeat="Firefighters worked all night at the {x} mill; {v}.",
        beside=(
            "{x} mill workers helped",
            (
                "Neighbours collected clothes and food for the workers of "
                "the {x} mill. A bakery gave bread."
            ),
        ),
        values="text",
        texts=("nobody could say yet how it began", "a short circuit"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One invented article."""

    key: str
    kind: Kind
    subject: int
    """Which question it is about; -1 for none."""
    title: str
    text: str
    outlet: str
    day: date
    value: str = ""
    """What the answer becomes, where it changes it."""

    def article(self) -> Article:
        """Return it as an article to store."""
        return Article(
            id=self.key,
            digest=hashlib.sha256(self.text.encode()).hexdigest(),
            text=self.text,
            title=self.title,
            publisher=self.outlet,
            published=self.day,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Questions, what is reported before they are watched, and what comes after, by commit."""

    questions: tuple[str, ...]
    base: tuple[Report, ...]
    commits: tuple[tuple[Report, ...], ...]


def world(
    *,
    watches: int = 50,
    articles: int = 500,
    changes: int = 40,
    at_once: int = 10,
    half: Half = "all",
    seed: int = 11,
) -> World:
    """Make a world."""
    chance = random.Random(seed)  # noqa: S311 - to draw examples
    chosen = {"open": TEMPLATES[::2], "sealed": TEMPLATES[1::2], "all": TEMPLATES}[half]
    towns = [f"{a}{b}" for a in _STARTS for b in _ENDS]
    chance.shuffle(towns)
    subjects = [(chosen[n % len(chosen)], towns.pop()) for n in range(watches)]
    values = [_values(template, towns, chance) for template, _ in subjects]
    maker = _Maker(subjects, values, towns, chance)
    base = [maker.report("base", n, FIRST) for n in range(watches)]
    base += [maker.report("noise", -1, FIRST) for _ in range(watches)]
    kinds: list[tuple[Kind, int]] = [("change", n) for n in chance.sample(range(watches), changes)]
    rest: Sequence[Kind] = ("repeat", "beside", "other", "noise")
    while len(kinds) < articles:
        kinds.append((rest[len(kinds) % 4], chance.randrange(watches)))
    chance.shuffle(kinds)
    commits = tuple(
        tuple(
            maker.report(kind, n, FIRST + timedelta(days=1 + start // at_once))
            for kind, n in kinds[start : start + at_once]
        )
        for start in range(0, articles, at_once)
    )
    return World(
        questions=tuple(t.question.format(x=x) for t, x in subjects),
        base=tuple(base),
        commits=commits,
    )


class _Maker:
    """Writes reports; a repeat tells the value that holds when it comes."""

    def __init__(
        self,
        subjects: Sequence[tuple[Template, str]],
        values: Sequence[tuple[str, str]],
        towns: list[str],
        chance: random.Random,
    ) -> None:
        self._subjects, self._values, self._towns = subjects, values, towns
        self._chance, self._changed, self._count = chance, set[int](), 0

    def report(self, kind: Kind, subject: int, day: date) -> Report:
        self._count += 1
        told = self._told(kind, subject)
        fill = self._chance.sample(_FILL, 3)
        return Report(
            key=f"r{self._count}",
            kind=kind,
            subject=subject if kind in ("base", "change", "repeat", "beside") else -1,
            title=told[0],
            text=" ".join([told[1], *fill]),
            outlet=self._chance.choice(_OUTLETS),
            day=day,
            value=self._values[subject][1] if kind == "change" else "",
        )

    def _told(self, kind: Kind, subject: int) -> tuple[str, str]:
        if kind == "noise":
            title, text = self._chance.choice(_NOISE)
            town = self._chance.choice(self._towns)
            return title.format(x=town), text.format(x=town)
        template, town = self._subjects[subject]
        if kind == "beside":
            title, text = template.beside
            return title.format(x=town), text.format(x=town)
        if kind == "other":  # the like of it elsewhere, which nobody watches
            town = self._chance.choice(self._towns)
            value = _values(template, self._towns, self._chance)[0]
            return template.title.format(x=town), template.base.format(x=town, v=value)
        if kind == "change":
            self._changed.add(subject)
        value = self._values[subject][subject in self._changed]
        words = {"base": template.base, "change": template.change, "repeat": template.repeat}[kind]
        if kind == "repeat" and subject in self._changed and template.texts[0].startswith("nobody"):
            words = template.change
        return template.title.format(x=town), words.format(x=town, v=value)


def _values(template: Template, towns: Sequence[str], chance: random.Random) -> tuple[str, str]:
    """Return the value that a subject has first, and the one that it gets."""
    match template.values:
        case "count":
            count = chance.randrange(11, 400)
            pair = str(count), str(count + chance.randrange(7, 90))
        case "million" | "percent":
            tenths = chance.randrange(31, 90)
            pair = f"{tenths / 10}", f"{(tenths + chance.randrange(8, 40)) / 10}"
        case "person":
            given, family = chance.sample(_GIVEN, 2), chance.sample(_FAMILY, 2)
            pair = f"{given[0]} {family[0]}", f"{given[1]} {family[1]}"
        case "day":
            first = FIRST + timedelta(days=chance.randrange(120, 200))
            second = first + timedelta(days=chance.randrange(30, 90))
            pair = f"{first:%-d %B %Y}", f"{second:%-d %B %Y}"
        case "town":
            first_town, second_town = chance.sample(list(towns), 2)
            pair = first_town, second_town
        case _:
            pair = template.texts
    return pair


def changed(world: World) -> Iterator[tuple[int, Report]]:
    """Yield the number of the commit and the report of each change."""
    for number, commit in enumerate(world.commits):
        for report in commit:
            if report.kind == "change":
                yield number, report
