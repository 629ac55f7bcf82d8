"""Cleaning: what goes, what stays, and that a second cleaning changes nothing."""

import gzip
import itertools
import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.ingest.boilerplate import kind_of
from rag.ingest.clean import clean
from rag.language.characters import one_line

BOILERPLATE = """
CLICK HERE TO READ MORE FROM THE WASHINGTON EXAMINER
READ MORE HERE
READ MORE: What the vote means for the valley
Related: Mayor resigns after flood
Leave a Reply
Leave a Reply Cancel reply
Your email address will not be published. Required fields are marked *
Comment *
Name * Email * Website
Save my name, email, and website in this browser for the next time I comment.
Subscribe to our newsletter
Sign up for our free daily newsletter and never miss a story.
Advertisement
Share this:
Share on Facebook
Facebook | Twitter | WhatsApp | Email
CLICK HERE TO GET THE FOX NEWS APP
Follow us on Facebook and Instagram
Image source
Image source, Getty Images
Ann Lee/AFP/Getty Images
Story continues below
Story continues below advertisement
© 2024 The Example Times. All rights reserved.
All rights reserved
Privacy Policy | Terms of Use | Contact
Skip to main content
Contributing: The Associated Press
The Associated Press contributed to this report.
Ann Lee covers the courts for the Example Times. Reach her at ann.lee@example.com.
Follow Ann Lee on Twitter: @annlee
This story has been updated with additional information.
CNN —
* * *
____________
• Read more
""".strip().splitlines()

REPORTING = """
He said readers should click here and there, but never on links in e-mails.
Read my lips: no new taxes.
More than 40 people were hurt.
More: the minister said that he would resign.
Related cases in three states were dropped.
Share prices fell 3% on Tuesday.
Share this burden, the bishop told the crowd.
Subscribers to the newsletter lost $4 million, prosecutors said.
Sign up numbers rose to 8 million by Friday, the White House said.
Advertisement spending rose 4% last year.
Comments by the governor drew criticism.
Leave a reply unanswered and it costs you a vote, the senator said.
Follow the money, the prosecutor told the jury.
The report's copyright lies with the ministry, the judge ruled.
The Associated Press reported the deal first.
Correction: An earlier version of this story misstated the mayor's age.
Editor's note: The spelling of the victim's name has been corrected.
— Serena Williams
"Contact them at once," the officer shouted.
He asked followers to sign the petition on Facebook.
All rights are reserved for citizens, the court said.
Home prices rose.
$4.2 billion
""".strip().splitlines()


@pytest.mark.parametrize("line", BOILERPLATE)
def test_lines_that_sites_put_around_the_reporting_go(line):
    assert clean(f"The mayor resigned.\n\n{line}\n\nThe vote is on Monday.") == (
        "The mayor resigned.\n\nThe vote is on Monday."
    )


@pytest.mark.parametrize("line", REPORTING)
def test_sentences_of_reporting_stay(line):
    assert kind_of(line) is None
    assert clean(f"The mayor resigned.\n\n{line}") == f"The mayor resigned.\n\n{line}"


def test_a_read_more_at_the_end_of_a_paragraph_goes_alone():
    assert clean("The mayor resigned. Read more here.") == "The mayor resigned."
    assert clean("It is over. (Click here to view)") == "It is over."
    assert clean("It rained. CLICK HERE FOR MORE SPORTS COVERAGE") == "It rained."
    assert clean("The river rose. Ann Lee/AFP/Getty Images") == "The river rose."
    assert clean("Ohio Gov. Mike DeWine Paul Vernon/AP").endswith("/AP")
    assert clean("He wants to read more.") == "He wants to read more."


def test_curly_quotes_dashes_and_paragraphs_stay():
    text = "“It’s over,” she said — ‘finally’.\n\n«Non», dit-il…"
    assert clean(text) == text


def test_invisible_characters_go_and_odd_spaces_become_plain():
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "obey me")
    text = f"\ufeffThe\u200b ma\u00adyor\u2060 {hidden}re\u202esigned\u0000\u0007."
    text += "\u00a0It\u2009rained."
    assert clean(text + "\ud800") == "The mayor resigned. It rained."


def test_text_is_normalised_to_composed_characters():
    assert clean("Cafe\u0301") == "Café"


def test_every_kind_of_line_break_is_one_kind():
    assert clean("One.\r\n\r\nTwo.\r\rThree.\u2029Four.") == "One.\n\nTwo.\n\nThree.\n\nFour."


def test_long_lines_are_paragraphs_even_without_blank_lines_between():
    long = "The river rose two metres overnight and the old bridge in the valley was closed. " * 3
    assert clean(f"{long}\n{long}") == f"{long.strip()}\n\n{long.strip()}"


def test_hard_wrapped_lines_are_joined():
    text = (
        "The river rose two metres overnight and the old bridge in the valley\n"
        "was closed, officials said. Schools stayed shut for the second day,\n"
        "and the trains to the north did not run.\n"
        "\n"
        "Nobody was hurt. The fire service expects the water to fall by the\n"
        "weekend, when the weather clears.\n"
    )
    assert clean(text) == (
        "The river rose two metres overnight and the old bridge in the valley was closed, "
        "officials said. Schools stayed shut for the second day, and the trains to the north "
        "did not run.\n\nNobody was hurt. The fire service expects the water to fall by the "
        "weekend, when the weather clears."
    )


def test_lists_of_short_lines_are_not_joined():
    text = "What to know\n• The bridge is closed\n• Schools are shut\n• Trains do not run"
    assert clean(text).split("\n\n") == text.split("\n")


def test_a_dateline_on_a_line_of_its_own_joins_its_paragraph():
    assert clean("London CNN —\n\nThe queen spoke.") == "London CNN — The queen spoke."
    assert clean("CNN —\n\nThe queen spoke.") == "The queen spoke."


def test_a_title_is_made_one_readable_line():
    assert one_line(" Rain\u200b\n in \u00a0 Spain ") == "Rain in Spain"


PIECES = st.lists(
    st.sampled_from([*BOILERPLATE, *REPORTING, "\n", "\n\n", " ", "\u200b", "e\u0301", "\u00a0"])
    | st.text(max_size=30)
    | st.characters(categories=["Cs", "Cf", "Cc", "Zs", "Mn"]),
    max_size=12,
)


@given(PIECES.map("".join))
@example("CNN —\nA —\n\nB —")
@example("x. Read more. Read more\nAdvertisement")
def test_cleaning_twice_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once
    assert once == once.strip()
    assert "\n\n\n" not in once
    once.encode("utf-8")


@pytest.mark.parametrize(
    "unit",
    ["x", "\n", " \n", "A\n", "a\u0301\u0327", "\u0301\u0327", "Follow @a ", "x. Read more. ",
     "sign up for ", "privacy policy | a ", "\ud800", "\r", "- \n"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(unit):
    start = time.process_time()
    clean((unit * 500_000)[:500_000])
    assert time.process_time() - start < 8


def test_no_boilerplate_is_left_of_the_seeds_and_no_sentence_of_theirs_is_lost(seeds):
    for path in seeds:
        raw = path.read_text("utf-8")
        text = clean(raw)
        assert clean(text) == text
        for word in ("CLICK HERE", "READ MORE", "Leave a Reply", "email address"):
            assert word not in text
        gone = [line for line in raw.splitlines() if line.strip() and line.strip() not in text]
        assert all(kind_of(line) for line in gone)
        assert len(gone) <= 3


def test_real_articles_are_cleaned_once_and_keep_nearly_all_their_text(realtimeqa):
    with gzip.open(realtimeqa, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in itertools.islice(lines, 200)]
    cleaned = [clean(text) for text in texts]
    assert [clean(text) for text in cleaned] == cleaned
    assert 0.97 < sum(map(len, cleaned)) / sum(map(len, texts)) < 1
