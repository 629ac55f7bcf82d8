"""Exports of news databases and news interfaces: many articles in one file, each whole."""

import json
from datetime import UTC, date, datetime

import pytest

from rag.errors import SourceError
from rag.ingest.sources.draft import Draft, Link, Unpublished
from rag.ingest.sources.reading import read, readings
from tests.rag.documents import docx, paragraph

DAM = "Engineers found eleven cracks in the Tolva dam, the water ministry said."
FERRY = "Ferry crews in Port Clare stayed on strike on Tuesday, stranding 4,000 commuters."


@pytest.fixture
def results(tmp_path):
    def written(name, content):
        path = tmp_path / name
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read(path))

    return written


def told(draft):
    return draft.title, draft.publisher, str(draft.published), draft.authors, draft.text


# news databases

NEXIS = [
    "Date and Time: Monday, June 3, 2024 9:31:00 AM EDT", "Job Number: 1", "Documents (2)",
    "1. Strike goes on", "Client/Matter: -None-", "2. Dam has cracks", "",
    "Strike goes on", "Clare Gazette", "May 28, 2024 Tuesday", "Copyright 2024 Clare Gazette",
    "Section: NEWS; Pg. 3", "Length: 12 words", "Byline: Lena Ortiz", "Body", FERRY, "It rained.",
    "Classification", "Language: ENGLISH", "Load-Date: May 28, 2024", "End of Document",
    "Dam has cracks", "Tolva Courier", "May 29, 2024 Wednesday 10:15 AM GMT", "Length: 9 words",
    "Byline: Ana Reis", "Body", DAM, "Load-Date: May 29, 2024", "End of Document",
]  # fmt: skip


def is_nexis(one, two):
    assert told(one) == (
        *("Strike goes on", "Clare Gazette", "2024-05-28", ("Lena Ortiz",)),
        f"{FERRY}\n\nIt rained.",
    )
    assert one.notes == ("Printed in NEWS, on page 3.",)
    assert (one.language, one.date_source) == ("en", "Nexis Uni export")
    assert told(two) == (
        *("Dam has cracks", "Tolva Courier", "2024-05-29 10:15:00+00:00", ("Ana Reis",), DAM),
    )


def test_nexis_uni_in_word_is_an_article_each(results):
    body = "".join(
        paragraph(line, "Heading1" if line in ("Strike goes on", "Dam has cracks") else "")
        for line in NEXIS
    )
    is_nexis(*results("a.docx", docx(body)))


def test_nexis_uni_in_rich_text_is_an_article_each(results):
    lines = "".join(f"{line}\\par\n" for line in NEXIS)
    is_nexis(*results("a.rtf", rf"{{\rtf1\ansi\ansicpg1252 {lines}}}"))


def test_nexis_uni_in_plain_text_is_an_article_each(results):
    drafts = results("a.txt", "\n\n".join(NEXIS))
    is_nexis(*drafts)
    assert [next(readings(draft.original)) for draft in drafts] == drafts


LEXIS = f"""
                               1 of 2 DOCUMENTS

                     Copyright 2024 Clare Gazette Ltd.
                              Clare Gazette

                            May 28, 2024 Tuesday
                               Final Edition

Strike goes on,
says union

BYLINE: By Lena Ortiz

SECTION: NEWS; Pg. A4

LENGTH: 41 words

DATELINE: PORT CLARE

Ferry crews in Port Clare stayed on strike
on Tuesday, stranding 4,000 commuters.

The union said: it wants 6 percent.

LOAD-DATE: May 28, 2024

LANGUAGE: ENGLISH

                               2 of 2 DOCUMENTS

                                Tolva Courier

                            May 29, 2024 Wednesday

Dam has cracks

LENGTH: 12 words

{DAM}

LOAD-DATE: May 29, 2024

                       Copyright 2024 Tolva Courier
                              All Rights Reserved
"""


def test_lexis_text_is_an_article_each(results):
    drafts = one, two = results("a.txt", LEXIS)
    assert told(one) == (
        *("Strike goes on, says union", "Clare Gazette", "2024-05-28", ("Lena Ortiz",)),
        f"{FERRY}\n\nThe union said: it wants 6 percent.",
    )
    assert one.notes == ("Printed in NEWS, on page A4.",)
    assert told(two) == ("Dam has cracks", "Tolva Courier", "2024-05-29", (), DAM)
    assert [next(readings(draft.original)) for draft in drafts] == drafts


PROQUEST = f"""____________________________________________________________

Report Information from ProQuest

June 03 2024 09:31
____________________________________________________________

Document 1 of 2

Strike goes on

Author: Ortiz, Lena; Vale, Tom

Publication info: Clare Gazette; Port Clare [Port Clare]. 28 May 2024: A.3.

Full text: {FERRY}

The union wants a raise.

Publication title: Clare Gazette

ProQuest document ID: 3001

Document URL: https://proquest.example/docview/3001

____________________________________________________________

Document 2 of 2

Dam has cracks

Author: Reis, Ana

Full text: {DAM}

Publication date: May 29, 2024

____________________________________________________________
"""


def test_proquest_text_is_an_article_each(results):
    one, two = results("a.txt", PROQUEST)
    assert told(one) == (
        *("Strike goes on", "Clare Gazette", "2024-05-28", ("Lena Ortiz", "Tom Vale")),
        f"{FERRY}\n\nThe union wants a raise.",
    )
    assert (one.key, one.notes) == ("3001", ("Printed on page A.3.",))
    assert told(two) == ("Dam has cracks", None, "2024-05-29", ("Ana Reis",), DAM)


FACTIVA = f"""
HD Strike goes on
BY By Lena Ortiz
WC 41 words
PD 28 May 2024
SN Clare Gazette
SC CLARG
PG 3
LA English
CY Copyright 2024, Clare Gazette.

LP
{FERRY}

TD
The union wants a raise.

AN
Document CLARG00020240528ek5s00001

Dam has cracks

Ana Reis
12 words
29 May 2024
06:15
Tolva Courier
TOLCO
7
English
Copyright 2024. Tolva Courier. All rights reserved.

{DAM}

Document TOLCO00020240529ek5t00002

Search Summary
Text ferry or dam
"""


def test_factiva_text_is_an_article_each_with_codes_and_without(results):
    one, two = results("a.txt", FACTIVA)
    assert told(one) == (
        *("Strike goes on", "Clare Gazette", "2024-05-28", ("Lena Ortiz",)),
        f"{FERRY}\n\nThe union wants a raise.",
    )
    assert (one.key, one.notes) == ("CLARG00020240528ek5s00001", ("Printed on page 3.",))
    assert told(two) == (
        *("Dam has cracks", "Tolva Courier", "2024-05-29 06:15:00", ("Ana Reis",), DAM),
    )


def test_a_part_of_an_export_without_text_is_named(results):
    one, error = results("a.txt", "\n\n".join([*NEXIS[:21], "Dam has cracks", "End of Document"]))
    assert isinstance(one, Draft)
    assert isinstance(error, SourceError)
    assert "a.txt:2: no title and text found in this part of a Nexis Uni export" in str(error)


def test_a_text_that_speaks_of_documents_is_no_export(results):
    (draft,) = results("a.txt", f"Of 1 of 2 DOCUMENTS\n\nThe court read Document 1 of 2.\n\n{DAM}")
    assert draft.published is None


# interfaces


def test_newsapi_gives_articles_and_the_links_of_those_that_break_off(results):
    about = {"source": {"id": None, "name": "Clare Gazette"}, "publishedAt": "2024-05-28T06:15:00Z"}
    whole = about | {"title": "Strike", "author": "Lena Ortiz", "content": FERRY, "url": None}
    cut = about | {"title": "Dam", "content": f"{DAM[:30]}… [+2130 chars]", "url": "https://a.b/1"}
    one, link = results("a.json", {"status": "ok", "totalResults": 2, "articles": [whole, cut]})
    assert told(one) == (
        *("Strike", "Clare Gazette", "2024-05-28 06:15:00+00:00", ("Lena Ortiz",), FERRY),
    )
    assert (link.url, link.title) == ("https://a.b/1", "Dam")


def test_the_guardian_and_the_new_york_times_are_read_by_their_own_names(results):
    guardian = {
        "webTitle": "Strike goes on", "webUrl": "https://www.theguardian.com/x/strike",
        "webPublicationDate": "2024-05-28T06:15:00Z", "id": "x/strike",
        "fields": {"bodyText": FERRY, "byline": "Lena Ortiz"},
    }  # fmt: skip
    (draft,) = results("a.json", {"response": {"status": "ok", "results": [guardian]}})
    assert told(draft)[1:4] == ("theguardian.com", "2024-05-28 06:15:00+00:00", ("Lena Ortiz",))
    assert draft.text == FERRY
    times = {
        "headline": {"main": "Dam has cracks", "kicker": None}, "lead_paragraph": DAM,
        "pub_date": "2024-05-29T10:00:00+0000", "web_url": "https://nyt.example/dam",
        "byline": {"original": "By Ana Reis and Tom Vale"}, "source": "The Tolva Times",
    }  # fmt: skip
    (draft,) = results("a.json", {"status": "OK", "response": {"docs": [times]}})
    assert told(draft) == (
        *("Dam has cracks", "The Tolva Times", "2024-05-29 10:00:00+00:00"),
        *(("Ana Reis", "Tom Vale"), DAM),
    )


def test_news_please_and_webhose_are_read_by_their_own_names(results):
    (draft,) = results(
        "a.json",
        {
            "maintext": DAM, "text": None, "title": "Dam", "date_publish": "2024-05-29 10:00:00",
            "date_modify": "2024-05-30 09:00:00", "source_domain": "tolva.example",
            "authors": ["Ana Reis"], "date_download": "2024-06-10 08:00:00", "language": "en",
        },
    )  # fmt: skip
    assert (draft.published, draft.updated) == (
        datetime(2024, 5, 29, 10), datetime(2024, 5, 30, 9),  # noqa: DTZ001 - as stated
    )  # fmt: skip
    assert draft.publisher == "tolva.example"
    post = {
        "uuid": "7a", "thread": {"site": "tolva.example"}, "author": "Ana Reis", "text": DAM,
        "published": "2024-05-29T10:00:00.000+03:00", "title": "Dam", "language": "english",
        "url": "https://tolva.example/dam",
    }  # fmt: skip
    (draft,) = results("a.json", {"posts": [post]})
    assert (draft.publisher, draft.language) == ("tolva.example", "en")
    assert draft.published.isoformat() == "2024-05-29T10:00:00+03:00"


def test_ghost_gives_what_was_published_with_its_authors(results):
    posts = [
        {"id": "1", "title": "Dam", "html": f"<p>{DAM}</p>", "status": "published",
         "published_at": "2024-05-29T10:00:00.000Z"},
        {"id": "2", "title": "Hold", "html": "<p>Unwritten.</p>", "status": "draft"},
    ]  # fmt: skip
    data = {
        "posts": posts, "users": [{"id": "u", "name": "Ana Reis"}],
        "posts_authors": [{"post_id": "1", "author_id": "u"}],
        "settings": [{"key": "title", "value": "Tolva Courier"}],
    }  # fmt: skip
    one, draft = results("a.json", {"db": [{"meta": {}, "data": data}]})
    assert told(one) == (
        *("Dam", "Tolva Courier", "2024-05-29 10:00:00+00:00", ("Ana Reis",), DAM),
    )
    assert isinstance(draft, Unpublished)


def test_the_answer_of_wordpress_is_read_through_its_objects(results):
    post = {
        "id": 5, "date": "2024-05-29T10:00:00", "link": "https://tolva.example/5",
        "status": "publish", "title": {"rendered": "Dam has cracks"},
        "content": {"rendered": f"<p>{DAM}</p>", "protected": False},
    }  # fmt: skip
    (draft,) = results("a.json", [post])
    assert (draft.title, draft.text) == ("Dam has cracks", DAM)


def test_lists_of_addresses_are_links(results):
    gdelt = {"url": "https://a.b/1", "title": "Dam", "seendate": "20240529T100000Z"}
    (link,) = results("a.json", {"articles": [gdelt | {"domain": "a.b", "language": "English"}]})
    assert link == Link(origin=link.origin, url="https://a.b/1", title="Dam")
    table = "id,publish_date,title,url,media_name\n1,2024-05-29,Dam,https://a.b/1,Tolva Courier\n"
    (link,) = results("a.csv", table)
    assert (link.url, link.published) == ("https://a.b/1", date(2024, 5, 29))


def test_pages_of_answers_in_lines_are_all_read(results):
    pages = [{"articles": [{"title": "A", "content": DAM}, {"title": "B", "content": FERRY}]}] * 2
    found = results("a.jsonl", "\n".join(map(json.dumps, pages)))
    assert [d.title for d in found] == ["A", "B", "A", "B"]
    assert len({d.origin for d in found}) == 4


def test_an_article_with_a_list_of_others_in_it_is_one(results):
    others = [{"title": "Other", "url": "https://a.b/2"}] * 3
    (draft,) = results("a.json", {"title": "Dam", "body": DAM, "related": others})
    assert draft.text == DAM
    record = {"title": "Dam", "url": "https://a.b/1", "related": others, "words": DAM}
    (link,) = results("a.json", record)
    assert link.url == "https://a.b/1"


# NewsML-G2

G2 = """<?xml version="1.0" encoding="UTF-8"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="tag:wire.example,2024:1" version="2" xml:lang="en-GB">
 <rightsInfo><copyrightHolder><name>Coastal Wire Ltd</name></copyrightHolder></rightsInfo>
 <itemMeta><provider literal="coastal"><name>Coastal Wire</name></provider>
  <versionCreated>2024-05-29T11:00:00Z</versionCreated>
  <firstCreated>2024-05-29T10:00:00Z</firstCreated><pubStatus qcode="stat:{status}"/></itemMeta>
 <contentMeta><headline>Dam has cracks</headline><by>By Ana Reis</by><language tag="en"/>
 </contentMeta><contentSet>{content}</contentSet></newsItem></itemSet></newsMessage>"""
XHTML = (
    '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">'
    f"<head><title>x</title></head><body><p>{DAM}</p><p>It rained.</p></body></html></inlineXML>"
)
NITF = (
    '<inlineXML><nitf xmlns="http://iptc.org/std/NITF/2006-10-18/"><body><body.head/>'
    f"<body.content><p>{DAM}</p><p>It rained.</p></body.content></body></nitf></inlineXML>"
)


@pytest.mark.parametrize("content", [XHTML, NITF])
def test_newsml_g2_is_an_article_an_item(results, content):
    (draft,) = results("a.xml", G2.format(status="usable", content=content))
    assert told(draft) == (
        *("Dam has cracks", "Coastal Wire", "2024-05-29 10:00:00+00:00", ("Ana Reis",)),
        f"{DAM}\n\nIt rained.",
    )
    assert draft.updated == datetime(2024, 5, 29, 11, tzinfo=UTC)
    assert (draft.key, draft.language) == ("tag:wire.example,2024:1", "en")
    assert next(readings(draft.original)) == draft


def test_a_newsml_g2_item_that_was_canceled_is_refused(results):
    (refused,) = results("a.xml", G2.format(status="canceled", content=XHTML))
    assert isinstance(refused, Unpublished)
    assert refused.key == "tag:wire.example,2024:1"
