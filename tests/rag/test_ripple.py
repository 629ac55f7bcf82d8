"""A changed article finds every stored answer that quotes it: thirty edits, each marked right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.archive.archive import Archive
from rag.archive.conversations import Conversations
from rag.archive.standings import Standings
from rag.archive.watches import Watches
from rag.ingest import corrections
from rag.ingest.chunk import chunk
from rag.ingest.identity import digest
from rag.language.sentences import split
from rag.settings import ChunkSettings, Place
from rag.types import Answer, Article, Citation, Source, Span, Statement, Verdict
from rag.watching.ripple import ripple
from tests.rag.conftest import stored

WAYS = ("unquoted", "reworded", "removed", "cleaned", "withdrawn", "erased")
EDITS = [(n, way) for way in WAYS for n in range(5)]
EXPECTED = {
    "unquoted": "stands",
    "reworded": "changed",
    "removed": "withdrawn",
    "cleaned": "stands",
    "withdrawn": "withdrawn",
    "erased": "withdrawn",
}
TOWNS = ("Belham", "Torwick", "Norvik", "Fendale", "Kelgate")


def sentences(n: int, way: str) -> list[str]:
    town = TOWNS[n]
    return [
        f"The council of {town} met on Monday to speak about the harbour.",
        f"The new pier of {town} will cost {n + 4} million euros, engineer Ruth Adeyemi said.",
        f"Fishermen of {town} had asked for it since the {way} storm of last winter.",
        f"Work begins in September, and ferries use the old pier of {town} until then.",
    ]


def put(archive: Archive, key: str, text: str) -> None:
    article = Article(id=key, digest=digest(text), text=text, title=key, publisher="Gazette")
    archive.put(article, chunk(article, ChunkSettings()), split(text))


def answered(archive: Archive, key: str, quote: str) -> tuple[Answer, dict[str, str]]:
    article = archive.article(key)
    start = article.text.index(quote)
    source = Source(article_id=key, title=key, publisher="Gazette", published=None)
    span = Span(start=start, end=start + len(quote))
    cited = Citation(number=1, source=source, span=span, quote=quote)
    verdict = Verdict(support="supported", score=1.0)
    said = Statement(text=quote, citations=(cited,), verdict=verdict)
    answer = Answer(
        question="What does it cost?", outcome="answered", reason="", statements=(said,)
    )
    return answer, {key: article.digest}


class Kept:
    """An archive and the stored answers over it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        Archive.create(place).close()
        self.talks = Conversations.open(place)
        self.standings = Standings.open(place)
        self.watches = Watches.open(place)

    def ask(self, key: str, quote: str) -> str:
        with Archive.open(self.place) as archive:
            answer, digests = answered(archive, key, quote)
        exchange = self.talks.begin("What does it cost?")
        self.talks.finish(exchange.id, answer, digests)
        return exchange.id

    def ripple(self) -> dict[str, str]:
        with Archive.open(self.place) as archive:
            return {m.exchange: m.state for m in ripple(archive, self.talks, self.standings)}

    def state(self, exchange: str) -> str:
        found = self.talks.exchange(exchange).standing
        return found.state if found else "stands"


@pytest.fixture
def kept(place) -> Iterator[Kept]:
    one = Kept(place)
    yield one
    for part in (one.talks, one.standings, one.watches):
        part.close()


def edit(archive: Archive, key: str, n: int, way: str) -> None:
    said = sentences(n, way)
    match way:
        case "unquoted":
            said[2] = f"Anglers of {TOWNS[n]} had wanted it for ten years."
        case "reworded":
            said[1] = said[1].replace(f"{n + 4} million", f"{n + 9} million")
        case "removed":
            said[1:2] = []
        case "cleaned":
            said[1] = said[1].replace(" ", "  ").replace("engineer", "\nengineer")
    if way == "withdrawn":
        archive.withdraw(key, "was withdrawn by its sender (status canceled)")
    elif way == "erased":
        archive.delete([key])
    else:
        put(archive, key, "\n\n".join(said))


def test_thirty_edits_of_quoted_and_unquoted_words_mark_every_stored_answer_right(kept):
    with Archive.create(kept.place) as archive:
        for n, way in EDITS:
            put(archive, f"{way}-{n}", "\n\n".join(sentences(n, way)))
    asked = {(n, way): kept.ask(f"{way}-{n}", sentences(n, way)[1]) for n, way in EDITS}
    assert len(asked) == 30
    assert kept.ripple() == {}
    with Archive.create(kept.place) as archive:
        for n, way in EDITS:
            edit(archive, f"{way}-{n}", n, way)
    kept.ripple()
    marked = {edited: kept.state(exchange) for edited, exchange in asked.items()}
    assert marked == {(n, way): EXPECTED[way] for n, way in EDITS}
    told = {notice.exchange: notice for notice in kept.watches.notices(limit=100)}
    wanted = {exchange for (_, way), exchange in asked.items() if EXPECTED[way] != "stands"}
    assert set(told) == wanted
    for n in range(5):
        (change,) = told[asked[n, "reworded"]].changes
        assert f"{n + 9} million" in change.new
        assert f"{n + 4} million" in change.was[0].quote
        (quote,) = kept.talks.exchange(asked[n, "reworded"]).standing.quotes
        assert f"{n + 9} million" in quote["now"]
    assert kept.ripple() == {}
    assert len(kept.watches.notices(limit=100)) == len(wanted)


def test_an_answer_stands_again_when_its_article_does(kept):
    text = "\n\n".join(sentences(0, "x"))
    with Archive.create(kept.place) as archive:
        put(archive, "a", text)
    exchange = kept.ask("a", sentences(0, "x")[1])
    for changed, state in ((text.replace("4 million", "6 million"), "changed"), (text, "stands")):
        with Archive.create(kept.place) as archive:
            put(archive, "a", changed)
        assert kept.ripple() == {exchange: state}
        assert kept.state(exchange) == state
    assert len(kept.watches.notices()) == 2
    assert kept.ripple() == {}


def test_answers_that_quote_other_articles_are_left_alone(kept):
    with Archive.create(kept.place) as archive:
        put(archive, "a", "\n\n".join(sentences(0, "x")))
        put(archive, "b", "\n\n".join(sentences(1, "x")))
    other = kept.ask("b", sentences(1, "x")[1])
    with Archive.create(kept.place) as archive:
        put(archive, "a", "\n\n".join(sentences(2, "x")))
    assert kept.ripple() == {}
    assert kept.talks.exchange(other).standing is None


def test_the_list_of_conversations_counts_answers_that_no_longer_stand(kept):
    with Archive.create(kept.place) as archive:
        put(archive, "a", "\n\n".join(sentences(0, "x")))
    exchange = kept.ask("a", sentences(0, "x")[1])
    conversation = kept.talks.exchange(exchange).conversation
    assert kept.talks.conversation(conversation).changed == 0
    with Archive.create(kept.place) as archive:
        put(archive, "a", "Nothing of it is left in this article.")
    kept.ripple()
    assert kept.talks.conversation(conversation).changed == 1
    kept.talks.delete(conversation)
    assert kept.watches.notices() == ()
    assert kept.ripple() == {}


def test_new_words_of_an_erased_article_are_left_nowhere(kept):
    text = "\n\n".join(sentences(0, "x"))
    with Archive.create(kept.place) as archive:
        put(archive, "a", text)
    kept.ask("a", sentences(0, "x")[1])
    with Archive.create(kept.place) as archive:
        put(archive, "a", text.replace("4 million", "77 million"))
    kept.ripple()
    with Archive.create(kept.place) as archive:
        archive.delete(["a"])
    kept.ripple()
    for part in (kept.talks, kept.standings, kept.watches):
        part.close()
    with Archive.create(kept.place) as archive:
        archive.compact()
    data = stored(kept.place)
    assert b"77 million" not in data
    for name in ("talks", "standings", "watches"):
        setattr(kept, name, type(getattr(kept, name)).open(kept.place))
    assert [n.changes is None or n.changes[0].old == "" for n in kept.watches.notices()]


def test_the_words_of_a_check_are_kept_with_the_new_quote(kept):
    class Strict:
        def check(self, statement, premises, *, question=""):
            support = "contradicted" if "6 million" in premises[0].text else "supported"
            return Verdict(support=support, score=0.0)

    text = "\n\n".join(sentences(0, "x"))
    with Archive.create(kept.place) as archive:
        put(archive, "a", text)
    exchange = kept.ask("a", sentences(0, "x")[1])
    with Archive.create(kept.place) as archive:
        put(archive, "a", text.replace("4 million", "6 million"))
        list(ripple(archive, kept.talks, kept.standings, Strict()))
    (quote,) = kept.talks.exchange(exchange).standing.quotes
    assert quote["verdict"] == "contradicted"


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("A.\n\nCorrection: The vote was on Monday.", ("Correction: The vote was on Monday.",)),
        ("A.\n\n*Correction, May 3, 2024: It was 12.", ("Correction: It was 12.",)),
        ("CLARIFICATION (3 May): He resigned.\n\nB.", ("Correction: He resigned.",)),
        (
            "A.\n\nAn earlier version of this article misstated the toll.",
            ("Correction: An earlier version of this article misstated the toll.",),
        ),
        ("The correction: a fall of 5% in a week, shocked traders.", ()),
        ("A house of correction stood here.\n\nIt burned.", ()),
        ("Corrections officers went on strike.\n\nB.", ()),
    ],
)
def test_corrections_that_a_text_tells_become_notes(text, notes):
    assert corrections.stated(text) == notes


@pytest.mark.parametrize(
    ("value", "notes"),
    [
        ("It was Monday.", ("Correction: It was Monday.",)),
        (
            [{"@type": "CorrectionComment", "text": "It was 12.", "datePublished": "2024-05-03T1"}],
            ("Correction (2024-05-03): It was 12.",),
        ),
        ([{"text": 7}, None, 3], ()),
        (None, ()),
    ],
)
def test_corrections_that_a_page_states_become_notes(value, notes):
    assert corrections.of_page({"correction": value}) == notes
