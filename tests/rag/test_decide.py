from datetime import date

import pytest

from rag.answer import decide
from rag.answer.barred import BARRED, barred
from rag.answer.decide import NOTHING, Signals, confidence, outcome
from rag.archive.archive import Archive
from rag.language.names import Known
from rag.question.query import read
from rag.types import Citation, Evidence, Filter, Source, Span, Statement, Verdict
from tests.rag.making import put

ALL = Signals(
    asked=1, names=1, figures=1, speaker=1, meaning=1, form=1, support=1, kept=1, certainty=1
)


def statement(support: str) -> Statement:
    source = Source(article_id="a", title=None, publisher=None, published=None)
    cited = Citation(number=1, source=source, span=Span(start=0, end=2), quote="It")
    return Statement(text="It.", citations=(cited,), verdict=Verdict(support=support, score=0.5))


def test_confidence_grows_with_every_signal() -> None:
    weakest = confidence(NOTHING)
    for name in Signals.__slots__:
        one = Signals(**{n: float(n == name) for n in Signals.__slots__})
        assert confidence(one) > weakest
    assert weakest < 0.1
    assert confidence(ALL) > 0.9


def test_a_question_for_reasons_or_ways_is_granted_more() -> None:
    half = Signals(**dict.fromkeys(Signals.__slots__, 0.7))
    assert confidence(half, "fact") < confidence(half, "open")
    assert confidence(NOTHING, "open") < 0.1


@pytest.mark.parametrize(
    ("fewer", "more", "carried"),
    [
        (("supported", 0.6), ("supported", 0.7), True),
        (("supported", 0.5), ("supported", 0.9), False),
        (("partly", 0.45), ("partly", 0.5), False),
        (("partly", 0.5), ("partly", 0.5), True),
        (("partly", 0.9), ("supported", 0.6), False),
    ],
)
def test_a_citation_goes_where_a_supported_statement_stays_nearly_as_likely(
    fewer, more, carried
) -> None:
    one, two = (
        Statement(text="It.", citations=(), verdict=Verdict(support=support, score=score))
        for support, score in (fewer, more)
    )
    assert decide.carries(one, two) is carried


def test_nothing_found_is_declined() -> None:
    assert outcome(0.9, (), (), 0.5)[0] == "declined"


def test_what_was_all_removed_is_declined_and_says_so() -> None:
    found, why = outcome(0.9, (), (statement("contradicted"),), 0.5)
    assert found == "declined"
    assert "passed the check" in why


def test_too_little_confidence_is_declined() -> None:
    assert outcome(0.4, (statement("supported"),), (), 0.5)[0] == "declined"


@pytest.mark.parametrize(("kept", "dropped"), [("partly", ()), ("supported", ("unsupported",))])
def test_what_is_flagged_or_removed_makes_an_answer_partial(kept, dropped) -> None:
    removed = tuple(statement(s) for s in dropped)
    assert outcome(0.9, (statement(kept),), removed, 0.5)[0] == "partial"


def test_a_plain_answer_needs_no_reason() -> None:
    assert outcome(0.9, (statement("supported"),), (), 0.5) == ("answered", "")


@pytest.mark.parametrize(
    ("question", "near", "expected"),
    [
        ("What did Ana Lopez say about the mines?", "Ana Lopez said they are safe.", 1.0),
        ("What did Ana Lopez say about the mines?", "Officials said they are safe.", 0.0),
        ("How did Ana Lopez react to the ruling?", "The ruling came on Monday.", 0.0),
        ("How many mines were sent?", "Officials sent 300 mines.", 1.0),
    ],
)
def test_the_person_whose_words_are_asked_for_must_be_quoted(question, near, expected) -> None:
    known = Known([near])
    assert decide._speaker(question, known, known) == expected


def test_an_acronym_may_be_spelled_out_elsewhere_in_the_article() -> None:
    article = Known(["The Indian Space Research Organisation runs it. The agency said so."])
    near = Known(["The agency said so."])
    assert decide._speaker("What did ISRO say about it?", near, article) == 1.0


def test_a_year_that_the_sources_lack_counts_against_the_answer() -> None:
    assert decide._figures("What was the rate in 2019?", "The rate is 5 percent.") == 0.0
    assert decide._figures("What was the rate in 2019?", "In 2019 it was 2 percent.") == 1.0


def judged(question: str, text: str, *articles: str) -> Verdict:
    """The verdict "partly, 0.3" on a text cited to these articles, as it stands for a question."""
    cited = tuple(
        Citation(
            number=n,
            source=Source(article_id=a, title=None, publisher=None, published=None),
            span=Span(start=0, end=1),
            quote="x",
        )
        for n, a in enumerate(articles, 1)
    )
    return decide.weighed(read(question), text, cited, Verdict(support="partly", score=0.3))


def test_a_sentence_that_only_repeats_the_question_answers_nothing() -> None:
    question = "What did Ana Lopez say about the mines that Bo Berg approved?"
    echo = judged(question, "Ana Lopez approved the mines that Bo Berg approved.", "a")
    assert echo.support == "unsupported"
    assert "repeats the question" in echo.reasons[0]
    assert judged(question, "Ana Lopez called the mines safe.", "a").support == "partly"
    assert judged("Did Ana Lopez approve the mines?", "Ana Lopez approved the mines.", "a").score


def test_a_statement_out_of_two_articles_must_be_borne_out_better() -> None:
    question = "What reason did Ana Lopez give?"
    assert judged(question, "She named the harvest.", "a", "b").support == "unsupported"
    assert judged(question, "She named the harvest.", "a", "a").support == "partly"
    both = "What did Ana Lopez name, and what did Bo Berg do?"
    assert judged(both, "She named the harvest and he left.", "a", "b").support == "partly"


def test_a_source_quoted_as_it_is_proves_nothing_about_the_question(sample_archive) -> None:
    with Archive.open(sample_archive) as archive:
        article = archive.articles(limit=1)[0]
        span = archive.sentences(article.id)[0]
        source = Source(article_id=article.id, title=article.title, publisher=None, published=None)
        quote = span.of(article.text)
        cited = Citation(number=1, source=source, span=span, quote=quote)
        sure = Verdict(support="supported", score=1.0)
        kept = [Statement(text=quote, citations=(cited,), verdict=sure)]
        query = read("Who won the chess tournament in Riga?")
        worded = decide.signals(query, kept, [], [], archive)
        quoted = decide.signals(query, kept, [], [], archive, quoted=True)
    assert (worded.support, quoted.support) == (1.0, decide.QUOTED)
    assert decide.confidence(quoted) < decide.confidence(worded)


def test_what_answers_one_of_two_questions_is_measured_by_that_one(tmp_path) -> None:
    text = "Washington was not surprised by the new doctrine. It saw no reason to act."
    with Archive.create(tmp_path) as archive:
        put(archive, "a", text)
        span = archive.sentences("a")[0]
        source = Source(article_id="a", title=None, publisher=None, published=None)
        cited = Citation(number=1, source=source, span=span, quote=span.of(text))
        held = Verdict(support="partly", score=0.4)
        kept = [Statement(text=span.of(text), citations=(cited,), verdict=held)]
        piece = Evidence(number=1, source=source, span=span, text=span.of(text), sentences=(span,))
        alone = read("How did Washington take the new doctrine?")
        both = read("How did Washington take the new doctrine, and who won the chess tournament?")
        assert len(both.parts) == 2
        measured = [decide.signals(q, kept, [], [piece], archive) for q in (alone, both)]
        other = read("How did Washington take the new doctrine, and what did Zorbia-4 do?")
        foreign = decide.signals(other, kept, [], [piece], archive)
        order = read("Did Washington take the new doctrine before the tournament in Riga was won?")
        compared = decide.signals(order, kept, [], [piece], archive)
    assert measured[0] == measured[1]
    assert measured[0].asked > 0.5
    assert foreign.names < 1
    assert foreign.figures == 0
    assert compared.asked < measured[0].asked


def test_filters_that_leave_nothing_are_named_and_others_are_not(tmp_path) -> None:
    with Archive.create(tmp_path) as archive:
        put(
            archive, "a", "The pier opens.", published=date(2024, 3, 12), publisher="Valley Courier"
        )
        assert barred(Filter(publishers=("Valley Courier",)), archive) == ""
        assert barred(Filter(), archive) == ""
        told = barred(Filter(publishers=("Nobody",), since=date(2024, 1, 1)), archive)
        assert told == f"{BARRED}: none is from Nobody."
        told = barred(Filter(since=date(2025, 1, 1), authors=("Nix",)), archive)
        assert told == f"{BARRED}: none is published from 1 January 2025 on, and none by Nix."
        early = Filter(until=date(2024, 1, 1), publishers=("Valley Courier",))
        assert barred(early, archive).endswith("none is published until 1 January 2024.")
        put(archive, "b", "The lock shuts.", published=date(2024, 5, 1), publisher="State Wire")
        both = Filter(publishers=("Valley Courier",), since=date(2024, 4, 1))
        told = barred(both, archive)
        assert told.endswith(
            "none is at once published from 1 April 2024 on and from Valley Courier."
        )


def test_of_who_signs_articles_it_is_said_how_to_find_them(tmp_path):
    with Archive.create(tmp_path / "news") as archive:
        put(archive, "one", "The mill of Tarnby was sold.", authors=("Theo Marsh",))
        assert "articles by Theo Marsh" in decide.unmentioned("Theo Marsh", archive)
        assert decide.unmentioned("Zeno Quark", archive) == (
            "No article in the archive mentions Zeno Quark."
        )
