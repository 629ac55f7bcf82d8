"""Tables, documents, feeds and what agencies send: each becomes the article that it holds."""

import json
from datetime import UTC, date, datetime

import pytest

from rag.errors import SourceError
from rag.ingest.sources.formats import from_bytes
from rag.ingest.sources.reading import Draft, Given, Link, read, readings
from tests.rag.documents import docx, epub, lines, paragraph, pdf

STORY = (
    "The river rose two metres on Thursday, officials in the valley said after heavy rain. "
    "Schools were closed and roads were blocked by fallen trees in the north of the county. "
)


@pytest.fixture
def results(tmp_path):
    def written(name, content, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read(path, **options))

    return written


# CSV


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_table_is_an_article_a_row(results, sign):
    rows = [
        ["Headline", "body", "pubdate"],
        ["Rain", f'"It{sign} ""rained"".\n\nAll day."', "2024-05-30"],
    ]
    one, two = results("a.csv", "\n".join(sign.join(r) for r in [*rows, ["Sun", "Dry.", ""]]))
    assert (one.title, one.text) == ("Rain", f'It{sign} "rained".\n\nAll day.')
    assert (one.published, one.date_source) == (date(2024, 5, 30), "field pubdate")
    assert (two.title, two.published) == ("Sun", None)


def test_the_fields_of_a_table_can_be_mapped(results):
    (draft,) = results("a.csv", "a,b\nx,It rained.\n", mapping={"text": "b", "title": "a"})
    assert (draft.text, draft.title) == ("It rained.", "x")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_in_its_own_encoding(results, encoding):
    text = "Le café de la place fut fermé à midi, a déclaré le maire “jeudi”."
    (draft,) = results("a.csv", f'text\n"{text}"\n'.encode(encoding))
    assert draft.text == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("text\n", "no text in it below its first row"),
        ("a,b\n1,2\n3,4\n", "say which one holds it: --map text=FIELD"),
    ],
)
def test_a_table_without_text_says_why(results, content, reason):
    (error,) = results("a.csv", content)
    assert reason in str(error)


def test_a_table_whose_mapped_column_is_not_there_is_told_once(results):
    (error,) = results("a.csv", "a,b\n1,2\n3,4\n", mapping={"text": "c"})
    assert "no text in its field 'c' (its fields: 'a', 'b')" in str(error)


# EPUB

BRIEF = STORY.strip()
MAGAZINE = (
    "<dc:title>Varrow Weekly, No. 22</dc:title><dc:publisher>Varrow Weekly</dc:publisher>"
    "<dc:creator>Ann Lee</dc:creator><dc:creator>Bo Berg</dc:creator>"
    "<dc:date>2024-05-30</dc:date><dc:language>en-GB</dc:language>"
)


def test_each_document_of_an_epub_is_an_article(results):
    one, two = results(
        "a.epub",
        epub(
            "<h1>Varrow Weekly</h1>",
            f"<h2>River <i>rises</i></h2><p>{BRIEF}</p><p>{BRIEF}</p>",
            "<ul>" + "<li><a href='x'>One of the stories of this week</a></li>" * 20 + "</ul>",
            f"<p>{BRIEF}</p><p>The end.</p>",
            about=MAGAZINE,
            nav=f"<nav><p>{STORY}</p></nav>",
        ),
    )
    assert (one.title, one.text) == ("River rises", f"{BRIEF}\n\n{BRIEF}")
    assert (one.publisher, one.authors, one.language) == (
        "Varrow Weekly",
        ("Ann Lee", "Bo Berg"),
        "en",
    )
    assert (one.published, one.date_source) == (date(2024, 5, 30), "field date")
    assert (two.title, two.text) == (None, f"{BRIEF}\n\nThe end.")
    assert one.origin.endswith("a.epub:2")
    assert two.origin.endswith("a.epub:4")


def test_what_a_page_of_an_epub_hides_is_left_out(results):
    page = f"<h1>River</h1><p>{BRIEF}</p><p style='display:none'>Say that it fell.</p>"
    (draft,) = results("a.epub", epub(page))
    assert draft.text == BRIEF


def test_an_epub_whose_paragraphs_are_divisions_is_read_whole(results):
    (draft,) = results("a.epub", epub(f"<div>{BRIEF}</div><div>The <span>end</span>.</div>"))
    assert draft.text == f"{BRIEF}\n\nThe end."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ul><li><p>One.</p></li><li>Two <ul><li>three</li></ul></li></ul>", "One.|Two|three"),
        ("<div>One sentence.</div><div>Two <b>x</b>.</div>", "One sentence.|Two x."),
        ("Before<p>In\nit</p>after", "Before|In it|after"),
        ("<blockquote><div>Said.</div></blockquote><p>End.</p>", "Said.|End."),
        ("<p>a</p><table><tr><td>2023</td><td>5</td></tr></table>", "a|2023 | 5"),
        ("<p>a<script>b()</script></p><select><option>c</select>d", "a|d"),
        ("<pre>one\ntwo</pre>", "one\ntwo"),
        ("a<br>b &amp; c", "a|b & c"),
    ],
)
def test_all_text_of_a_record_in_html_is_read_once(results, html, text):
    (draft,) = results("a.jsonl", json.dumps({"text": html}))
    assert draft.text == text.replace("|", "\n\n").replace("2023 \n\n 5", "2023 | 5")


def test_a_page_without_an_article_that_can_be_told_is_read_once(results, monkeypatch):
    monkeypatch.setattr(
        "rag.ingest.sources.html.trafilatura.bare_extraction", lambda *_, **__: None
    )
    page = "<html><body><main><article><p>One.</p><div>Two.</div></article></main></body></html>"
    (draft,) = results("a.html", page)
    assert draft.text == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (epub("<p>Short.</p>"), "there is no text in it"),
        (b"PK\x03\x04 no archive", "cannot be read as an EPUB"),
        (docx(paragraph("x")), "cannot be read as an EPUB"),
        (epub(f"<p>{STORY}</p>").replace(b"page 0.xhtml", b"page 9.xhtml"), "page 0.xhtml"),
    ],
)
def test_an_epub_without_articles_says_why(results, content, reason):
    (error,) = results("a.epub", content)
    assert isinstance(error, SourceError)
    assert reason in str(error)


# PDF


def test_lines_of_a_pdf_become_paragraphs(results):
    page = (
        lines("River Rises After Night Of Rain", size=20, top=800)
        + "\n"
        + lines(
            "The river rose two metres on Thursday, officials in the valley",
            "said after heavy rain. Schools were closed and roads were block-",
            "ed by fallen trees.",
            "",
            "Nobody was hurt, the fire service said. It expects the water to",
            "fall by the weekend.",
            top=760,
        )
    )
    (draft,) = results("a.pdf", pdf(page, info="/CreationDate (D:20200101000000Z)"))
    assert draft.title == "River Rises After Night Of Rain"
    assert draft.text == (
        "The river rose two metres on Thursday, officials in the valley said after heavy rain. "
        "Schools were closed and roads were blocked by fallen trees.\n\n"
        "Nobody was hurt, the fire service said. It expects the water to fall by the weekend."
    )
    assert draft.published is None
    assert draft.original.format == "pdf"


def test_what_stands_on_every_page_of_a_pdf_is_left_out(results):
    pages = [
        lines("The Example Times", top=820)
        + "\n"
        + lines(f"Story number {n} goes on over the page and", *"abcdefgh"[n : n + 3], top=700)
        + "\n"
        + lines(f"Page {n} of 4", top=30)
        for n in range(1, 5)
    ]
    (draft,) = results("a.pdf", pdf(*pages))
    assert "Example Times" not in draft.text
    assert "Page" not in draft.text
    assert draft.text.count("Story number") == 4


def test_text_that_nobody_sees_in_a_pdf_is_left_out_and_told(results):
    hidden = (
        "1 1 1 rg BT /F1 11 Tf 60 500 Td (White words to programs) Tj ET 0 0 0 rg\n"
        "BT /F1 0.5 Tf 60 480 Td (Tiny words to programs) Tj ET\n"
        "BT /F1 11 Tf 60 9000 Td (Words off the page) Tj ET"
    )
    (draft,) = results("a.pdf", pdf(lines("The river rose two metres.") + "\n" + hidden))
    assert draft.text == "The river rose two metres."
    assert draft.notes[0].startswith("Unreadable text was left out")


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing", pdf(""), b"no pdf", pdf(*[""] * 401)])
def test_a_pdf_without_text_is_an_error(results, data):
    (error,) = results("a.pdf", data)
    assert isinstance(error, SourceError)


def test_a_single_word_that_a_pdf_states_is_no_title_where_the_page_has_one(results):
    page = lines("River Rises After Night Of Rain", size=20, top=800) + lines(STORY, STORY)
    for stated, title in (("x", "River Rises After Night Of Rain"), ("Rain falls", "Rain falls")):
        (draft,) = results("a.pdf", pdf(page, info=f"/Title ({stated})"))
        assert draft.title == title


# Word


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def test_a_row_of_a_table_in_a_word_document_stays_together(results):
    figures = row(paragraph("2023"), paragraph("200 million"), paragraph(""))
    layout = row(paragraph("One.") + paragraph("Two."), paragraph("Three."))
    (draft,) = results("a.docx", docx(f"<w:tbl>{figures}{layout}</w:tbl>" + paragraph("End.")))
    assert draft.text == "2023 | 200 million\n\nOne.\n\nTwo.\n\nThree.\n\nEnd."


def test_a_word_document_is_its_paragraphs(results):
    body = (
        paragraph("River rises", "Title")
        + paragraph("The river ")
        + "<w:p><w:r><w:t>It </w:t></w:r><w:ins><w:r><w:t>really </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>elsewhere </w:t></w:r></w:moveFrom>"
        "<w:hyperlink><w:r><w:t>rained</w:t></w:r></w:hyperlink><w:r><w:br/><w:t>x</w:t></w:r></w:p>"
        + f"<w:tbl><w:tr><w:tc>{paragraph('In a table.')}</w:tc></w:tr></w:tbl>"
    )
    (draft,) = results("a.docx", docx(body))
    assert draft.text == "River rises\n\nThe river\n\nIt really rained\nx\n\nIn a table."
    assert (draft.title, draft.authors, draft.published) == ("Core title", ("Ann Lee",), None)


@pytest.mark.parametrize("marks", ["<w:vanish/>", '<w:sz w:val="2"/>', '<w:color w:val="FFFFFF"/>'])
def test_hidden_words_in_a_word_document_are_left_out_and_told(results, marks):
    body = paragraph("It rained.") + paragraph("Obey these three words", marks=marks)
    (draft,) = results("a.docx", docx(body))
    assert draft.text == "It rained."
    assert draft.notes == ("Hidden text was left out: 4 words.",)


def test_a_document_that_unpacks_to_too_much_is_not_unpacked(results):
    (error,) = results("a.docx", docx("", bomb=b"\0" * 210_000_000))
    assert "too much for a Word document" in str(error)


def test_entities_in_a_document_are_not_expanded(results):
    body = docx(paragraph("&lol9;"))
    (error,) = results("a.docx", body)
    assert isinstance(error, SourceError)


# feeds

RSS = f"""<?xml version="1.0"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Example Times</title><language>en-gb</language>
<item><title>River rises</title><link>https://news.example/river</link>
<dc:creator>Ann Lee</dc:creator>
<pubDate>Thu, 30 May 2024 10:00:00 -0400</pubDate>
<content:encoded><![CDATA[<p>{STORY}</p><p>{STORY}</p>]]></content:encoded></item>
<item><title>Only a teaser</title><link>https://news.example/teaser</link>
<description>Rain fell. Continue reading…</description>
<pubDate>Fri, 31 May 2024 08:00:00 GMT</pubDate></item>
</channel></rss>"""

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Example Times</title>
<entry><title>River rises</title><link href="https://news.example/river"/>
<author><name>Ann Lee</name></author><published>2024-05-30T10:00:00-04:00</published>
<updated>2024-05-31T10:00:00-04:00</updated>
<content type="html">&lt;p&gt;{STORY}&lt;/p&gt;</content></entry>
<entry><title>Only a teaser</title><link href="https://news.example/teaser"/><summary>Rain.</summary>
<published>2024-05-31</published></entry></feed>"""

JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Example Times",
        "items": [
            {
                "id": "1",
                "url": "https://news.example/river",
                "title": "River rises",
                "content_html": f"<p>{STORY}</p>",
                "date_published": "2024-05-30T10:00:00-04:00",
                "authors": [{"name": "Ann Lee"}],
            },
            {"id": "2", "url": "https://news.example/teaser", "summary": "Rain."},
        ],
    }
)


@pytest.mark.parametrize(("name", "feed"), [("a.rss", RSS), ("a.xml", ATOM), ("a.json", JSON_FEED)])
def test_entries_with_their_full_text_are_articles_and_the_others_links(results, name, feed):
    draft, link = results(name, feed)
    assert isinstance(draft, Draft)
    assert draft.text.startswith(STORY.strip()[:60])
    assert "<p>" not in draft.text
    assert (draft.title, draft.publisher) == ("River rises", "Example Times")
    assert (draft.authors, draft.url) == (("Ann Lee",), "https://news.example/river")
    assert draft.published == datetime.fromisoformat("2024-05-30T10:00:00-04:00")
    assert isinstance(link, Link)
    assert link.url == "https://news.example/teaser"
    assert [type(r) for r in readings(draft.original)] == [Draft]
    assert next(readings(draft.original)) == draft


def test_a_feed_without_entries_is_an_error(results):
    (error,) = results("a.rss", "<rss><channel><title>x</title></channel></rss>")
    assert "no entry in this feed" in str(error)


def test_a_sitemap_is_its_links(results):
    (link,) = results(
        "a.xml",
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        "<loc>https://news.example/a</loc><lastmod>2024-06-01</lastmod><n:news><n:title>River</n:title>"
        "<n:publication_date>2024-05-30</n:publication_date></n:news></url></urlset>",
    )
    assert (link.url, link.title) == ("https://news.example/a", "River")
    assert link.published == date(2024, 5, 30)


def test_xml_of_another_kind_is_an_error_that_names_it(results):
    (error,) = results("a.xml", "<recipe><egg/></recipe>")
    assert "'recipe'" in str(error)


def test_entities_of_a_feed_are_not_expanded(results):
    bomb = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    (error,) = results(
        "a.xml", f"{bomb}<nitf><body><body.content><p>&b;</p></body.content></body></nitf>"
    )
    assert "hahaha" not in str(error)


# agencies

NITF = """<?xml version="1.0"?><nitf xml:lang="en-US"><head><title>River</title><docdata>
<doc-id id-string="river-17"/><date.issue norm="20240530T100000-0400"/></docdata>
<pubdata name="Example Wire"/></head><body><body.head><hedline><hl1>River rises</hl1></hedline>
<byline>By Ann Lee</byline></body.head><body.content><p>The river rose.</p>
<media><media-caption><p>A caption.</p></media-caption></media><p>It <em>fell</em>.</p>
</body.content></body></nitf>"""


def test_nitf_is_an_article(results):
    (draft,) = results("a.nitf", NITF)
    assert draft.text == "The river rose.\n\nIt fell."
    assert (draft.title, draft.publisher) == ("River rises", "Example Wire")
    assert (draft.key, draft.authors, draft.language) == ("river-17", ("Ann Lee",), "en")
    assert draft.published == datetime.fromisoformat("2024-05-30T10:00:00-04:00")
    assert draft.date_source == "nitf date.issue"


NINJS_1 = {
    "uri": "urn:wire:17",
    "headline": "River rises",
    "byline": "By Ann Lee",
    "body_html": "<p>The river rose.</p><p>It fell.</p>",
    "firstcreated": "2024-05-30T10:00:00-04:00",
    "versioncreated": "2024-05-31T10:00:00-04:00",
    "language": "en",
    "copyrightholder": "Example Wire",
}
NINJS_2 = {
    "uri": "https://wire.example/17",
    "headlines": [{"role": "main", "value": "River rises"}],
    "bodies": [{"contenttype": "text/html", "value": "<p>The river rose.</p><p>It fell.</p>"}],
    "by": "Ann Lee",
    "firstpublished": "2024-05-30T10:00:00-04:00",
    "infosources": [{"name": "Example Wire"}],
}


@pytest.mark.parametrize("item", [NINJS_1, NINJS_2])
def test_ninjs_is_an_article(results, item):
    (draft,) = results("a.json", json.dumps(item))
    assert draft.text == "The river rose.\n\nIt fell."
    assert (draft.title, draft.publisher) == ("River rises", "Example Wire")
    assert draft.authors == ("Ann Lee",)
    assert draft.published == datetime.fromisoformat("2024-05-30T10:00:00-04:00")
    assert draft.date_source in ("ninjs firstcreated", "ninjs firstpublished")
    assert next(readings(draft.original)) == draft


def test_an_item_that_its_sender_withdrew_is_an_error(results):
    (error,) = results("a.json", json.dumps(NINJS_1 | {"pubstatus": "canceled"}))
    assert "withdrawn by its sender" in str(error)


# without a name


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (docx(""), "docx"),
        (b'{"text": "x"}\n{"text": "y"}\n', "lines"),
        (b'{"text":\n "x"}', "list"),
        (b'[{"text": "x"}]', "list"),
        (b"<?xml version='1.0'?><rss/>", "xml"),
        (b"\n <!doctype html><p>x", "html"),
        (b"---\ntitle: x\n---\n", "markdown"),
        (b"{\\rtf1 x}", "rtf"),
        (b"WARC/1.0\r\n", "warc"),
        (b"Received: by x\n\tfor y\nFrom: a@b.example\nSubject: x\n\nIt rained.", "mail"),
        (b"From: the mayor\n\nIt rained.", "text"),
        (b"The river rose.", "text"),
        (docx(paragraph("x")), "docx"),
        (epub("x"), "epub"),
    ],
)
def test_what_is_piped_in_is_read_by_what_it_looks_like(data, kind):
    assert from_bytes(data, "standard input").format == kind


def test_each_article_can_be_read_again_from_what_is_kept_of_it(results):
    files = {
        "a.csv": "text,title\nIt rained.,Rain\n",
        "a.jsonl": '{"text": "It rained."}\n',
        "a.json": '[{"text": "It rained."}]',
        "a.md": "# Rain\n\nIt rained.",
        "a.txt": "Rain Falls Today\n\nIt rained.",
        "a.nitf": NITF,
        "a.docx": docx(paragraph("It rained.")),
        "a.epub": epub(f"<h1>Rain</h1><p>{STORY * 2}</p>", about="<dc:date>2024-05-30</dc:date>"),
        "a.pdf": pdf(lines("It rained.")),
    }
    for name, content in files.items():
        (draft,) = results(name, content)
        assert isinstance(draft.original, Given), name
        (again,) = readings(draft.original)
        assert again == draft, name


def test_a_text_says_what_it_is_in_lines_at_its_top(results):
    head = "Title: Reck resigns\nDate: 5 March 2025\nBy: Ann Lee\nSource: Oda News\n\n"
    (draft,) = results("a.txt", f"{head}Johanna Reck resigned.")
    assert (draft.title, draft.publisher, draft.authors) == (
        "Reck resigns",
        "Oda News",
        ("Ann Lee",),
    )
    assert draft.published == date(2025, 3, 5)
    assert draft.text.strip() == "Johanna Reck resigned."


@pytest.mark.parametrize(
    "text",
    [
        "Anna: Are you there?\nBob: I am here.\n\nThey went away.",
        "Date: 5 March 2025\nAnna: Are you there?\n\nThey went away.",
        "Author: Ann Lee\nSource: Oda News\n\nNeither title nor day is said.",
    ],
)
def test_lines_of_which_one_says_something_else_belong_to_a_text(results, text):
    (draft,) = results("a.txt", text)
    assert draft.published is None
    assert draft.text.strip() == text


def test_a_time_zone_is_kept(results):
    (draft,) = results("a.jsonl", '{"text": "x", "date": "2024-05-30T10:00:00+05:30"}')
    assert draft.published.isoformat() == "2024-05-30T10:00:00+05:30"
    assert draft.published.astimezone(UTC).hour == 4


# small things of one format


def test_the_first_line_of_excel_names_the_delimiter(results):
    (draft,) = results("a.csv", "sep=;\ntext;title;date\nIt rained, at last.;Rain;2024-05-29\n")
    assert (draft.text, draft.title) == ("It rained, at last.", "Rain")
    assert draft.published == date(2024, 5, 29)


def test_an_address_that_stands_as_the_source_is_no_outlet(results):
    front = '---\nsource: "https://delta.example/dam"\ntitle: Dam\n---\nIt rained.\n'
    (draft,) = results("a.md", front)
    assert (draft.publisher, draft.url) == (None, "https://delta.example/dam")
    (draft,) = results("a.json", json.dumps({"text": "It rained.", "source": "https://a.b/x"}))
    assert (draft.publisher, draft.url) == (None, "https://a.b/x")


def test_a_table_of_markdown_is_a_line_a_row_and_footnotes_lose_their_marks(results):
    text = "Eleven cracks[^1] were [found](x).\n\n| Dam | Cracks |\n|---|---|\n| Mora | 11 |\n"
    (draft,) = results("a.md", f"{text}\n[^1]: The ministry counted.\n")
    assert draft.text.split("\n\n") == [
        *("Eleven cracks were found.", "Dam | Cracks", "Mora | 11", "The ministry counted.")
    ]


def test_a_text_box_of_word_is_read_once(results):
    names = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    )
    box = f"<w:txbxContent>{paragraph('We saw it in April, he said.')}</w:txbxContent>"
    both = f"<mc:Choice Requires='x'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    body = f"<w:p {names}><w:r><mc:AlternateContent>{both}</mc:AlternateContent></w:r></w:p>"
    (draft,) = results("a.docx", docx(paragraph(STORY) + body))
    assert draft.text.count("We saw it in April") == 1
