"""Sentence spans: hand-written gold, then properties over any text and over real articles."""

import gzip
import itertools
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.sentences import LONGEST, split

# "¦" stands where one sentence ends and the next begins; the spaces around it are one space.
GOLD = """
U.S. officials met Sen. Smith on Jan. 6 at 5 p.m. ET. ¦ They left early.
The No. 2 in St. Louis is J. D. Vance, not George W. Bush. ¦ No. 3 is open.
He has lived in D.C. since 2010. ¦ The move to Washington, D.C. ¦ That was planned.
She moved to the U.S. ¦ The visa took years.
The U.S. Army and the U.N. Security Council agreed. ¦ It was late.
Prices rose 3.5 percent, or $2.10 a gallon. ¦ Mr. Jones and Mrs. Lee disagree.
“We are done.” ¦ “Really?” Smith asked. ¦ “Yes!” he said.
“Why now?” she said. ¦ “Who knows.”
"It is over," he said. ¦ "Nobody won." ¦ Then he left.
“It is over,” he said. ¦ “Nobody won.” ¦ Then he left.
He asked: "Is it over?" ¦ Nobody knew.
The talks failed (again.) ¦ They will go on.
The vote (see p. 4) was close. ¦ It passed.
Sen. Amy Klobuchar, D-Minn., spoke first. ¦ Rep. Liz Cheney, R-Wyo., was next.
Then-Gov. Jerry Brown and then-Sen. Kamala Harris signed it. ¦ It became law.
Lt. Gov. Susan Bysiewicz and Gen. Mark Milley came. ¦ Dr. Fauci did not.
Roe v. Wade was decided in 1973. ¦ Brown vs. Board came earlier.
The store opens at 9 a.m. ¦ Police closed it at 5 p.m. Monday. ¦ It stays shut.
It landed at 6:04 p.m. Indian time. ¦ It slept at 5 a.m. Kyiv summer time.
The store closed at 5 p.m. ¦ This time, nobody came by 8 p.m. ¦ Every time is different.
Polls close at 8 p.m. Eastern. ¦ Results come at 10 p.m. local time.
The talks begin Jan. 17-26. ¦ In Feb. ¦ The rest follows.
He works at Apple Inc. in Cupertino. ¦ She left Ford Motor Co. ¦ The firm did not comment.
Martin Luther King Jr. Day is a holiday. ¦ Robert F. Kennedy Jr. ran in 1968.
He said no. ¦ Then he said yes.
Die Frist läuft bis zum 4. November. ¦ Danach ist Schluss.
Am 3. März 2024 brannte die Mühle. ¦ Im 19. Jahrhundert stand sie schon.
Bis 30. Jänner bleibt das Bad zu. ¦ Den 2. Platz holte Orm. ¦ Es waren 12. ¦ Der Wirt ging.
Den 4. november brændte møllen. ¦ Dne 5. prosince pršelo. ¦ Hän tuli 6. tammikuuta.
The team scored 14. ¦ Then it rained. ¦ He is 25. ¦ She is not.
It ended.¦The next day began. ¦ See www.example.com for more.
Visit https://example.com/a.b?c=D.E or mail Ann.Lee@example.com. ¦ Both work.
Wait... what? ¦ Nobody knew... ¦ The lights went out.
As far as I know … China refused. ¦ It was found. ¦ … It is almost over.
Life be damned!!! ¦ Imbeciles!”
Yahoo! Finance and Jeopardy! fans agree. ¦ They won!
iPhone sales fell. ¦ iPads did better.
WASHINGTON, D.C. — The president spoke. ¦ ASHEVILLE, N.C. – The rain came.
(CNN) The House voted. ¦ CNN — The Senate did not.
1. Gun laws are debated. ¦ 2. Taxes are not.
The score was 3-2. ¦ 40 people watched.
The vaccine (Pfizer Inc.) works. ¦ Vitamin C. ¦ The end.
It cost $4.99 vs. $5. ¦ Approx. 40 came, e.g. Ann and i.e. Bob.
The Ph.D. student met Prof. Lee and Rev. Al Sharpton. ¦ They agreed.
President Donald J. Trump met Vladimir V. Putin. ¦ Both smiled.
It happened at 10 Downing St. ¦ The prime minister was out.
He lives on Wall St. in New York, N.Y. ¦ She does not.
‘It is done.’ ¦ ‘No,’ he said.
He called it “a war.” ¦ “It is,” she said. ¦ She left.
Wow! ¦ What a game. ¦ Who won?
The bill, H.R. 1319, passed. ¦ So did S. 5.
«C’est fini.» ¦ Il part.
これは文です。 ¦ 次の文です。
"""


def spoken(texts):
    return ["".join(t.split()) for t in texts]


@pytest.mark.parametrize("line", GOLD.strip().splitlines())
def test_sentences_end_where_a_reader_ends_them(line):
    text = line.replace(" ¦ ", " ").replace("¦", "")
    assert spoken(s.of(text) for s in split(text)) == spoken(line.split("¦"))


def test_a_line_break_ends_a_sentence_even_without_a_full_stop():
    text = "A headline without a stop\n\nThe first sentence.\n• one item\n• another"
    assert [s.of(text) for s in split(text)] == [
        "A headline without a stop",
        "The first sentence.",
        "• one item",
        "• another",
    ]


def test_marks_without_words_stay_with_the_sentence_before():
    text = "The mayor left. . . .\n…\nHe came back."
    assert [s.of(text) for s in split(text)] == ["The mayor left. . . .", "…", "He came back."]


def test_an_overlong_sentence_is_cut_at_soft_points():
    text = "; ".join(f"item number {n} of a list that goes on" for n in range(60))
    spans = split(text)
    assert all(span.end - span.start <= LONGEST for span in spans)
    assert all(span.of(text).endswith(";") for span in spans[:-1])


def check(text):
    """Assert what must hold for the spans of any text."""
    spans = split(text)
    end = 0
    for span in spans:
        assert span.start >= end
        assert span.of(text) == span.of(text).strip() != ""
        assert span.end - span.start <= LONGEST
        assert not text[end : span.start].strip()
        end = span.end
    assert not text[end:].strip()
    return spans


TEXTS = st.text(
    st.sampled_from(list("aAbB19 \n\t.!?…“”\"'’()[]–—;,:$%。\u200b\u00a0é中"))
    | st.characters(exclude_categories=["Cs"]),
    max_size=300,
)


@given(TEXTS)
def test_spans_cover_any_text_and_never_overlap(text):
    check(text)


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        ".",
        ". ",
        '." ',
        "A. ",
        "a.B",
        " ",
        "?” A ",
        "; ",
        "\n",
        "“",
        ".”",
        ". “((",
        "! “A A A ",
    ],
)
def test_hostile_text_takes_linear_time(unit):
    text = (unit * 1_000_000)[:1_000_000]
    start = time.process_time()
    spans = split(text)
    assert time.process_time() - start < 8
    assert all(span.end - span.start <= LONGEST for span in spans)


def test_spans_hold_over_real_articles_and_come_fast(realtimeqa):
    with gzip.open(realtimeqa, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in itertools.islice(lines, 200)]
    assert sum(len(check(text)) for text in texts) > 5_000
    start = time.process_time()
    for text in texts:
        split(text)
    milliseconds = 1000 * (time.process_time() - start)
    assert milliseconds / sum(map(len, texts)) * 5_000 < 3
