"""Reports set side by side, without a model or with a scripted judge."""

from collections.abc import Callable, Sequence
from datetime import date

from rag.answer.told.beside import compare
from rag.answer.told.shared import describes, settle
from rag.language.sentences import split
from rag.search.candidates import Candidate
from rag.search.select import source_of
from rag.types import Article, Evidence, Span
from tests.rag.making import sentences_of

HELD = ("The Harbour Post", "Delta News")


def article(name: str, publisher: str, text: str, published: date) -> Article:
    return Article(
        id=name, digest=f"{name:0<64}", text=text, publisher=publisher, published=published
    )


def finder(*articles: Article) -> Callable[[str, Sequence[str]], list[Candidate]]:
    """Find every sentence of the outlets' articles, in their order."""

    def find(_: str, outlets: Sequence[str]) -> list[Candidate]:
        read = (a for a in articles if not outlets or a.publisher in outlets)
        return [candidate for a in read for candidate in sentences_of(a)]

    return find


CLOSED = article("a", "The Harbour Post", "The port was closed on Monday.", date(2024, 5, 1))
SHIPS = article("b", "Delta News", "Ships still came in on Monday.", date(2024, 5, 2))
BOTH = (
    "Does the article from The Harbour Post claim that the port was closed, while the Delta News"
    " article suggests that ships still came in?"
)


def unknown(_: str, __: Sequence[Evidence]) -> None:
    return None


def test_what_each_report_says_is_quoted_behind_the_result() -> None:
    told = compare(BOTH, HELD, finder(CLOSED, SHIPS), unknown, "normal")
    assert told is not None
    evidence, statements = told
    assert [s.text for s in statements] == [
        "Yes: the reports say so.",
        "The Harbour Post, 1 May 2024: The port was closed on Monday.",
        "Delta News, 2 May 2024: Ships still came in on Monday.",
    ]
    assert [c.source.article_id for c in statements[0].citations] == ["a", "b"]
    assert [s.verdict.support for s in statements] == ["partly", "supported", "supported"]
    assert all(
        e.text == e.span.of({"a": CLOSED, "b": SHIPS}[e.source.article_id].text) for e in evidence
    )


def test_the_short_style_is_one_word() -> None:
    told = compare(BOTH, HELD, finder(CLOSED, SHIPS), unknown, "short")
    assert told is not None
    assert [s.text for s in told[1]] == ["Yes"]


def test_one_claim_that_does_not_hold_makes_it_a_no() -> None:
    def judge(claim: str, evidence: Sequence[Evidence]) -> float:
        assert [e.source.publisher for e in evidence] == [
            "Delta News" if "ships" in claim else "The Harbour Post"
        ]
        return 0.2 if "ships" in claim else 0.9

    told = compare(BOTH, HELD, finder(CLOSED, SHIPS), judge, "normal")
    assert told is not None
    assert told[1][0].text == "No: not every report says so."


def test_a_report_said_to_leave_out_what_it_has_makes_it_a_no() -> None:
    question = "Does the Delta News article fail to mention that ships still came in?"
    told = compare(question, HELD, finder(SHIPS), lambda _, __: 0.9, "normal")
    assert told is not None
    assert told[1][0].text.startswith("No: ")


def test_a_side_without_a_report_is_not_answered() -> None:
    assert compare(BOTH, HELD, finder(CLOSED), unknown, "normal") is None


def test_reports_that_do_not_deny_each_other_are_consistent() -> None:
    question = (
        "Between the Harbour Post report and the Delta News report, was the coverage of the port"
        " consistent or inconsistent?"
    )
    told = compare(question, HELD, finder(CLOSED, SHIPS), unknown, "normal")
    assert told is not None
    assert told[1][0].text == "Consistent: nothing in the reports contradicts the other."


def test_a_rise_against_a_fall_is_inconsistent() -> None:
    question = (
        "Between the Harbour Post report and the Delta News report, was the coverage of the port's"
        " profits consistent or inconsistent?"
    )
    rose = article("a", "The Harbour Post", "The port's profits rose in May.", date(2024, 6, 1))
    fell = article("b", "Delta News", "The port's profits fell in May.", date(2024, 6, 2))
    told = compare(question, HELD, finder(rose, fell), unknown, "normal")
    assert told is not None
    assert told[1][0].text == "Inconsistent: the reports contradict each other."


def test_the_same_words_twice_are_no_change() -> None:
    question = (
        "Between the Harbour Post report and the Delta News report, was there a change in what was"
        " reported of the port?"
    )
    again = article("b", "Delta News", "The port was closed on Monday.", date(2024, 5, 2))
    same = compare(question, HELD, finder(CLOSED, again), unknown, "normal")
    other = compare(question, HELD, finder(CLOSED, SHIPS), unknown, "normal")
    assert same is not None
    assert other is not None
    assert same[1][0].text == "No: the reports say the same."
    assert other[1][0].text == "Yes: the reports say different things."


def piece(number: int, one: Article) -> Evidence:
    return Evidence(
        number=number,
        source=source_of(one),
        span=Span(start=0, end=len(one.text)),
        text=one.text,
        sentences=tuple(split(one.text)),
    )


WHO = (
    "Which company, sued over closed berths according to The Harbour Post, also bought two cranes"
    " and hired forty dockers last spring, as reported by Delta News?"
)
SUED = article(
    "c", "The Harbour Post", "Veltora was sued by Ann Lee over closed berths.", date(2024, 5, 3)
)
BOUGHT = article(
    "d", "Delta News", "Cranes from Bremen went to Veltora, which hired.", date(2024, 5, 4)
)


def test_the_name_that_the_reports_share_is_who_is_meant() -> None:
    evidence = (piece(1, SUED), piece(2, BOUGHT))
    assert describes(WHO, HELD)
    told = settle(WHO, "", evidence, extractive=True)
    assert told is not None
    assert (told.text, told.verdict.support) == ("Veltora.", "supported")
    assert [c.number for c in told.citations] == [1, 2]


def test_a_name_of_one_report_that_the_model_wrote_is_partly_borne_out() -> None:
    told = settle(WHO, "It is Ann Lee.", (piece(1, SUED), piece(2, BOUGHT)), extractive=False)
    assert told is not None
    assert (told.text, told.verdict.support) == ("Ann Lee.", "partly")


def test_a_name_that_the_model_made_up_gives_way_to_the_shared_one() -> None:
    told = settle(WHO, "It is Norvane.", (piece(1, SUED), piece(2, BOUGHT)), extractive=False)
    assert told is not None
    assert told.text == "Veltora."


def test_a_short_question_is_left_to_the_model() -> None:
    assert not describes("Who won, according to Delta News?", HELD)
    assert not describes("Who won the cup in the harbour last spring after two rounds?", ())
