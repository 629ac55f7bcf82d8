"""Watches: a notice for each change, none for what is only said again, whoever is killed when."""

import hashlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from eval.bench.watched import world
from eval.bench.watches import changed, measure
from rag.answer.pipeline import NewsQA
from rag.archive.archive import Archive
from rag.archive.erase import erase
from rag.archive.notices import Notice, Wish
from rag.archive.watches import Watches
from rag.errors import NotFound, QuestionError
from rag.ingest.chunk import chunk
from rag.ingest.run import embed_pending
from rag.language.sentences import split
from rag.models.catalogue import RERANKER, locate
from rag.models.reranker import Reranker, load
from rag.settings import Place, RerankSettings, Settings
from rag.types import Answer, Article, Ruling, Statement, Verdict
from rag.watching import run
from rag.watching.about import of_another
from rag.watching.differ import same, same_value
from rag.watching.match import hits
from rag.watching.run import add, look
from rag.watching.side import for_yes_or_no, tells_nothing, turned
from rag.watching.succession import succession
from tests.rag.conftest import stored

QUESTION = "How many people died in the Belham flood?"
FLOOD = "The flood in Belham killed 12 people, the rescue service said. Shops stayed open as usual."
RISEN = "The death toll of the Belham flood rose to 19, the rescue service said on Sunday."
ELSEWHERE = "The flood in Torwick killed 31 people, the rescue service said. Roads were closed."
AGAIN = "Police confirmed that 12 people died in the Belham flood. A service will be held."
BESIDE = "Volunteers cleared mud from cellars after the flood in Belham. The army lent two pumps."


def article(key: str, text: str, day: int = 1, **known) -> Article:
    digest = hashlib.sha256(text.encode()).hexdigest()
    about = {"title": "News", "publisher": f"Outlet {key}", "published": date(2024, 3, day)}
    return Article(id=key, digest=digest, text=text, **(about | known))


class House:
    """An archive, what answers from it, and its watches."""

    def __init__(self, place: Place, qa: NewsQA, watches: Watches) -> None:
        self.place, self.qa, self.watches = place, qa, watches

    def put(self, key: str, text: str, day: int = 1, **known) -> None:
        with Archive.create(self.place) as archive:
            one = article(key, text, day, **known)
            archive.put(one, chunk(one, self.qa.settings.chunk), split(text))
            embed_pending(archive, self.qa.encoder, 32)

    def watch(self, question: str = QUESTION, **wish) -> str:
        return add(self.qa, self.watches, Wish(question=question, **wish)).id

    def look(self) -> list[Notice]:
        return list(look(self.qa, self.watches))


@pytest.fixture
def house(place) -> Iterator[House]:
    with (
        NewsQA.open(place, chat="none", settings=Settings(archive=place)) as qa,
        Watches.open(place) as watches,
    ):
        yield House(place, qa, watches)


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    """Loaded before an archive on a server gets a cache of its own, in which it is not."""
    if locate(RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    return load(RerankSettings(model=RERANKER.name))


@pytest.fixture
def reading(reranker, place) -> Iterator[House]:
    """A house with the cross-encoder."""
    settings = Settings(archive=place)
    with (
        NewsQA.open(place, chat="none", reranker=reranker, settings=settings) as qa,
        Watches.open(place) as watches,
    ):
        yield House(place, qa, watches)


def test_a_new_value_is_told_once_with_old_and_new_quotes(house):
    house.put("first", FLOOD)
    name = house.watch()
    assert house.look() == []
    house.put("second", RISEN, 3)
    (notice,) = house.look()
    (change,) = notice.changes
    assert (change.kind, change.old, change.new) == ("value", "12", "19")
    assert [q.quote for q in change.was] == [FLOOD.split(". ", maxsplit=1)[0] + "."]
    assert [q.quote for q in change.now] == [RISEN]
    assert [q.publisher for q in change.now] == ["Outlet second"]
    assert house.look() == []
    assert house.watches.notices(watch=name) == (notice,)
    house.put("third", "The Belham flood killed 19 people, a spokesman said.", 4)
    assert house.look() == []


@pytest.mark.parametrize("text", [AGAIN, ELSEWHERE, BESIDE, "A choir sang in Belham on Sunday."])
def test_what_changes_nothing_is_not_told(house, text):
    house.put("first", FLOOD)
    house.watch()
    house.put("second", text, 3)
    assert house.look() == []


@pytest.mark.parametrize(
    ("question", "known", "text"),
    [
        (  # another office
            "Who is the harbour minister of Belham?",
            "Harbour Minister Ada Lund of Belham opened the pier.",
            "Health Minister Ove Brandt of Belham is in hospital, his office said.",
        ),
        (  # years ago
            "Who won the Belham Prize?",
            "The novelist Ada Lund won the Belham Prize on Thursday.",
            "The poet Ove Brandt, who won the Belham Prize in 2011, died at 80.",
        ),
        (  # another thing of the same name
            "Has the Belham mine been closed?",
            "The Belham mine has not been closed, its owner said.",
            "The road to the Belham mine was closed for two days by a landslide.",
        ),
        (  # the same, with more around it
            "What caused the blackout in Belham?",
            "A storm caused the blackout in Belham on Monday, the grid operator said.",
            "The grid operator will bury cables in Belham, where a storm caused the blackout.",
        ),
        (  # another duration
            "How long will the Belham tunnel be closed?",
            "The Belham tunnel will be closed for six weeks while its lights are replaced.",
            "The detour around the Belham tunnel takes 40 minutes, drivers say.",
        ),
    ],
)
def test_what_answers_of_something_else_is_not_told(reading, question, known, text):
    house = reading
    house.put("first", known)
    house.watch(question)
    house.put("second", text, 9)
    assert house.look() == []


@pytest.mark.parametrize(
    ("question", "known", "text", "value"),
    [
        (
            "Who leads the Belham rescue mission?",
            "Captain Irene Holt leads the Belham rescue mission, the navy said.",
            "Commander Felix Obrist took over the Belham rescue mission from Holt, who is ill.",
            "Obrist",
        ),
        (
            "How many workers does the Belham shipyard employ?",
            "The Belham shipyard employs 165 workers, its director said.",
            "The Belham shipyard now has 251 workers on its payroll, the union said.",
            "251",
        ),
        (  # the old owner stands ahead of the new one
            "Who owns the Belham brewery?",
            "The Belham brewery, owned by Hopkins Drinks, turned 150 on Saturday.",
            "Hopkins Drinks sold the Belham brewery to the Castell family for $31 million.",
            "Castell",
        ),
        (  # the next sentence has the heir
            "Who leads the Belham Institute?",
            "Ingrid Vass, the director of the Belham Institute, showed a new telescope.",
            "Vass stepped down as head of the Belham Institute. Her deputy Colm Reidy takes over.",
            "Colm Reidy",
        ),
        (  # the next sentence has the number
            "How many people work at the Belham shipyard?",
            "The Belham shipyard employs 1,250 people and builds two ferries.",
            "The Belham shipyard laid off 300 people. It now employs 950.",
            "950",
        ),
        (
            "Where is the Belham festival held?",
            "The Belham festival is held in Almery each July, with some 20,000 guests.",
            "Because of a drought in Almery, the Belham festival is held in Sandry this year.",
            "Sandry",
        ),
    ],
)
def test_a_change_in_other_words_is_told(reading, question, known, text, value):
    house = reading
    house.put("first", known)
    house.watch(question)
    house.put("second", text, 9)
    (notice,) = house.look()
    assert value in notice.changes[0].new


def test_an_answer_where_there_was_none_is_told(house):
    house.put("first", ELSEWHERE)
    house.watch("Who is the mayor of Belham?")
    house.put("second", "Ada Lund, the mayor of Belham, opened the new school on Monday.", 2)
    (notice,) = house.look()
    assert [c.kind for c in notice.changes] == ["outcome"]
    assert "Ada Lund" in notice.changes[0].new


def test_text_that_was_only_cleaned_again_is_not_told(house):
    house.put("first", FLOOD)
    house.watch()
    for text in (FLOOD.replace(" ", "  "), FLOOD.replace(", ", " , "), f"{FLOOD}\n\nShare this."):
        house.put("first", text)
        assert house.look() == []


def test_an_article_that_is_stored_again_as_it_was_is_not_told(house):
    house.put("first", FLOOD)
    house.watch()
    house.put("first", FLOOD, title="Another headline")
    assert house.look() == []


def test_a_cited_source_that_is_corrected_is_told_with_its_new_words(house):
    house.put("first", FLOOD)
    house.watch()
    house.put("first", FLOOD.replace("12 people", "11 people"))
    (notice,) = house.look()
    kinds = {c.kind: c for c in notice.changes}
    assert kinds["value"].new == "11"
    assert "11 people" in kinds["source"].new
    assert "12 people" in kinds["source"].old


def test_a_cited_source_that_is_withdrawn_is_told(house):
    house.put("first", FLOOD)
    house.watch()
    with Archive.create(house.place) as archive:
        archive.withdraw("first", "was withdrawn by its sender (status canceled)")
    (notice,) = house.look()
    assert [c.kind for c in notice.changes] == ["outcome", "source"]
    assert "withdrawn by its sender" in notice.changes[1].new
    assert house.look() == []


def test_nothing_of_an_erased_article_is_left_in_watches_and_notices(house):
    house.put("first", FLOOD)
    house.watch()
    house.put("second", RISEN, 3)
    house.look()
    with Archive.create(house.place) as archive:
        erase(archive, ["first", "second"])
    assert [n.changes for n in house.watches.notices()] == [None]
    (notice,) = house.look()
    assert [c.kind for c in notice.changes] == ["source"]
    assert house.look() == []
    house.watches.close()
    with Archive.create(house.place) as archive:
        archive.compact()
    data = stored(house.place)
    assert b"killed 12 people" not in data
    assert b"rose to 19" not in data


def test_a_paused_watch_is_not_looked_at_and_catches_up(house):
    house.put("first", FLOOD)
    name = house.watch()
    house.watches.pause(name, True)
    house.put("second", RISEN, 3)
    assert house.look() == []
    house.watches.pause(name, False)
    assert len(house.look()) == 1
    house.watches.remove(name)
    assert house.watches.notices() == ()
    with pytest.raises(NotFound):
        house.watches.watch(name)


def test_a_daily_watch_is_looked_at_once_a_day(house, monkeypatch):
    house.put("first", FLOOD)
    house.watch(every="day")
    house.put("second", RISEN, 3)
    assert house.look() == []
    monkeypatch.setattr(run, "DAY", timedelta(0))
    assert len(house.look()) == 1


def test_a_question_that_cannot_be_worked_on_is_not_watched(house):
    with pytest.raises(QuestionError):
        house.watch("???")
    assert house.watches.listed() == ()


def test_two_that_look_at_the_same_time_tell_once(house):
    house.put("first", FLOOD)
    house.watch()
    house.put("second", RISEN, 3)
    told: list[Notice] = []

    def other() -> None:
        with Watches.open(house.place) as watches:
            told.extend(look(house.qa, watches))

    threads = [threading.Thread(target=other) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert len(house.watches.notices()) == 1


def test_the_feed_of_a_person_has_a_secret_name_that_stays(house):
    token = house.watches.token("ada")
    assert house.watches.token("ada") == token != house.watches.token("")
    assert house.watches.owner(token) == "ada"
    with pytest.raises(NotFound):
        house.watches.owner("guessed")


def test_only_new_passages_are_compared_and_no_question_is_asked_for_it(house, monkeypatch):
    house.put("first", FLOOD)
    name = house.watch()
    monkeypatch.setattr(NewsQA, "ask", lambda *_, **__: pytest.fail("a question was asked"))
    (watch,) = house.watches.listed()
    assert hits([watch], house.qa.archive) == set()
    house.put("other", "A choir of twelve sang in the church of Norvik on Sunday evening.", 2)
    assert hits([watch], house.qa.archive) == set()
    house.put("second", RISEN, 3)
    assert hits([watch], house.qa.archive) == {name}
    after = replace(watch, passage=house.qa.archive.newest_passage())
    assert hits([after], house.qa.archive) == set()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        *(("12", "12 people", True), ("$4.2 million", "4.2 million dollars", True)),
        *(("1,200", "1200", True), ("at least 41,000", "41,000", True), ("12", "13", False)),
        *(("4.2%", "4.3%", False), ("Powell", "Jerome Powell", True), ("Ada Lund", "Bo Ek", False)),
        *(("Harton", "Harton", True), ("3 May 2024", "9 May 2024", False)),
    ],
)
def test_values_are_compared_by_what_they_say(one, other, same):
    assert same_value(one, other) is same
    assert same_value(other, one) is same


@pytest.mark.parametrize(
    ("question", "old", "new", "other"),
    [
        ("Will the pool close?", "The pool will close.", "The pool will stay open.", True),
        ("Will the pool close?", "The pool will close.", "Parents heard it will close.", False),
        ("Is the fish fresh?", "The fish is fresh.", "The fish is not fresh.", True),
        ("Has the siege ended?", "The siege goes on.", "The siege has ended.", True),
        (
            "Has the siege ended?",
            "The siege has ended.",
            "The siege that ended was long.",
            False,
        ),
        ("Did they ban cars?", "They voted against a ban on cars.", "They banned cars.", True),
        ("Is the pass open?", "The pass is shut.", "A guide to the pass opened a shop.", False),
        ("Is the pass open?", "The pass is shut.", "The pass is open again.", True),
        ("Has the council approved the budget?", "It is debated.", "It approved a park.", False),
        ("Has the council approved the budget?", "It is debated.", "It approved the budget.", True),
        ("Did they ban cars?", "They banned cars.", "The mayor praised the ban on cars.", False),
        ("Is the pass open?", "The pass is closed.", "Ploughs came and it reopened.", True),
        ("Is the mine rich?", "The mine makes a loss.", "It will not be rich before 2030.", False),
        ("Has Vidal been freed?", "Vidal is in prison.", "Vidal has not been freed.", False),
    ],
)
def test_answers_for_yes_or_no_are_compared_by_their_side(question, old, new, other):
    assert for_yes_or_no(question)
    assert turned(question, old, new) is other


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("The road was shut; no reason was given.", True),
        ("It is not clear when the road will open.", True),
        ("Police have not said who did it.", True),
        ("The mayor did not resign, she said.", False),
        ("A landslide shut the road.", False),
    ],
)
def test_a_sentence_that_says_that_nothing_is_known_is_no_answer(text, nothing):
    assert tells_nothing(text) is nothing


def test_a_value_of_another_measure_changes_nothing():
    def answer(said, value):
        ruling = Ruling(kind="one_source", text=said, value=value)
        said = (Statement(text=said, citations=(), verdict=Verdict(support="supported", score=1)),)
        return Answer(
            question="How long is it?",
            outcome="answered",
            reason="",
            statements=said,
            verdict=ruling,
        )

    old = answer("It is 11 kilometres long.", "11 kilometres")
    assert same(old, answer("A pike weighed 14 kilos.", "14 kilos"))
    assert not same(old, answer("It is 14 kilometres long.", "14 kilometres"))


def test_a_small_world_is_told_of_as_the_rule_says(place):
    made = world(watches=10, articles=60, changes=8, at_once=15, half="open", seed=3)
    told = measure(made, place)
    assert len(list(changed(made))) == told.changes == 8
    assert told.recall >= 0.95, told.missed
    assert told.falsely <= 0.05, told.wrong


PROGRAM = """
import os, signal, sys
from rag.answer.pipeline import NewsQA
from rag.archive import watches as store
from rag.archive.watches import Watches
from rag.settings import Settings, place
from rag.watching.run import look

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    folder, when = place(sys.argv[1]), sys.argv[2]
    settle, keep = Watches.settle, store.keep
    if when == "before":
        Watches.settle = die
    elif when == "within":
        store.keep = lambda *given: (keep(*given), die())
    elif when == "after":
        Watches.settle = lambda *given: (settle(*given), die())
    with NewsQA.open(folder, chat="none", settings=Settings(archive=folder)) as qa:
        with Watches.open(folder) as watches:
            print(len(list(look(qa, watches))), flush=True)
"""


@pytest.mark.slow
def test_killed_three_times_no_notice_is_lost_and_none_comes_twice(house, tmp_path):
    towns = ("Belham", "Torwick", "Norvik")
    for n, town in enumerate(towns):
        house.put(f"first-{n}", FLOOD.replace("Belham", town))
        house.watch(QUESTION.replace("Belham", town))
    for n, town in enumerate(towns):
        house.put(f"second-{n}", RISEN.replace("Belham", town), 3)
    program = tmp_path / "look_once.py"
    program.write_text(PROGRAM)
    for when in ("before", "within", "after"):
        command = [sys.executable, str(program), str(house.place), when]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(house.watches.notices()) == 1  # of the one that was killed after it
    told = house.look()
    assert len(told) == 2
    every = house.watches.notices()
    assert len(every) == 3
    assert len({(n.watch, n.generation) for n in every}) == 3
    assert {c.new for n in every for c in n.changes} == {"19"}
    assert house.look() == []


def test_a_watch_that_cannot_be_asked_says_why_and_is_tried_again(house, monkeypatch):
    house.put("first", FLOOD)
    name = house.watch()
    house.put("second", RISEN, 3)
    with monkeypatch.context() as broken:

        def fail(*_, **__):
            raise QuestionError("the machine is down")

        broken.setattr(NewsQA, "ask", fail)
        assert house.look() == []
        assert house.watches.watch(name).message == "the machine is down"
    assert len(house.look()) == 1
    assert house.watches.watch(name).message == ""
    assert house.watches.watch(name).asked <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("text", "another"),
    [
        ("In Torwick 31 people died, while the Belham flood went down.", True),
        ("The Belham flood was worse than thought: 31 people died, Mayor Ada Lund said.", False),
        ("The toll of the Belham flood rose to 31, the police of Torwick said.", False),
        ("Torwick lost 31 people, while the Belham flood took no life in Lund.", True),
        ("In Torwick 31 people died.", False),  # whether it is another the article must say
    ],
)
def test_a_figure_of_another_place_is_not_that_of_the_place_asked_of(text, another):
    assert of_another(QUESTION, text) is another


@pytest.mark.parametrize(
    ("question", "old", "text", "heir"),
    [
        ("Who owns the mill?", "Hopkins", "Hopkins sold the mill to Pontis Group.", "Pontis Group"),
        ("Who owns the mill?", "Hopkins", "The mill was sold by Hopkins to Kern.", "Kern"),
        (
            "Who coaches Rovers?",
            "Ada Brisk",
            "Rovers sacked Brisk and named Nils Pohl.",
            "Nils Pohl",
        ),
        ("Who coaches Rovers?", "Ada Brisk", "Ada Brisk was replaced by Nils Pohl.", "Nils Pohl"),
        ("Who coaches Rovers?", "Ada Brisk", "Ada Brisk resigned on Friday.", ""),
        (
            "Who heats Lorne?",
            "Norgas",
            "Lorne ended its deal with Norgas and turned to Ovo.",
            "Ovo",
        ),
        ("Who rules Belham?", "Ada Lund", "Ada Lund lost the election to Nils Pohl.", "Nils Pohl"),
        ("Where is the trial?", "Almery", "The trial was moved from Almery to Lund.", "Lund"),
    ],
)
def test_who_sold_left_or_was_replaced_has_it_no_more(question, old, text, heir):
    found = succession(question, old, text)
    assert found is not None
    assert found.heir == heir


@pytest.mark.parametrize(
    ("question", "old", "text"),
    [
        (
            "Who owns the mill?",
            "Hopkins",
            "Hopkins, which owns the mill, sold two vans to Kern.",
        ),
        ("Who owns the mill?", "Hopkins", "Hopkins plans to sell the mill to Kern."),
        ("Who owns the mill?", "Hopkins", "Hopkins denied that it sold the mill to Kern."),
        ("Who coaches Rovers?", "Ada Brisk", "Ada Brisk will not step down."),
        ("Who coaches Rovers?", "Ada Brisk", "Ada Brisk, who coaches Rovers, dismissed Jan Pohl."),
        ("Who coaches Rovers?", "Ada Brisk", "Ada Brisk called on Jan Pohl to step down."),
        ("Who rules Belham?", "Ada Lund", "Ada Lund lost her glasses at the market of Pohl."),
        ("Where is the trial?", "Almery", "Hotels in Almery are full when the trial is held."),
    ],
)
def test_who_still_has_it_is_not_taken_leave_of(question, old, text):
    assert succession(question, old, text) is None


def test_of_an_old_answer_only_the_quotes_with_its_value_are_shown(house):
    house.put("first", "The Belham bridge will open on 15 May 2024. The Belham bridge is long.")
    house.watch("When will the Belham bridge open?")
    house.put("second", "The Belham bridge will open on 20 June 2024, the mayor said.", 9)
    (notice,) = house.look()
    assert [q.quote for q in notice.changes[0].was] == [
        "The Belham bridge will open on 15 May 2024."
    ]


def test_what_is_only_planned_does_not_turn_an_answer():
    question, old = "Has the ferry been sold?", "The ferry has not been sold."
    assert not turned(question, old, "The ferry is to be sold next year.")
    assert turned(question, old, "The ferry was sold on Friday to a firm in Lund.")
