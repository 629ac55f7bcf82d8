"""A part of a suite, and cases of another kind put to the same articles."""

from eval.cases import Case
from eval.loaders import Suite
from eval.narrow import joined, narrowed


def case(name: str, kind: str) -> Case:
    return Case(id=name, question=f"{name}?", kind=kind, answers=("yes",))


def test_cases_of_another_kind_are_put_to_the_same_articles_once() -> None:
    cases = (case("a", "fact"), case("b", "fact"), case("c", "other"))
    whole = Suite(
        name="own", cases=cases, licence="ours", citation="", corpus=lambda: iter(({"id": "1"},))
    )
    part = narrowed(whole, ["fact"], None, None, pool=False)
    more = joined(part, cases)
    assert [one.id for one in more.cases] == ["a", "b", "c"]
    assert more.corpus is part.corpus
