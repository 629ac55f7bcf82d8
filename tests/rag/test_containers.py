"""Files inside of files: archives, mailboxes, crawls, saved pages; each article is found."""

import gzip
import io
import json
import zipfile

import pytest

from rag.errors import SourceError
from rag.ingest.sources import packed
from rag.ingest.sources.draft import Draft, Given, Unread
from rag.ingest.sources.reading import read, readings
from rag.ingest.sources.worker import Limits, Reader

STORY = (
    "Engineers found eleven cracks in the Tolva dam, the water ministry said on Wednesday. "
    "It ordered the reservoir lowered by two metres, and a camp site below was closed."
)
PAGE = (
    "<html><head><title>Dam has cracks</title></head><body><article><h1>Dam has cracks</h1>"
    f"<p>{STORY}</p><p>{STORY.upper()}</p></article></body></html>"
)
MAIL = (
    "From: Clare Gazette <news@clare.example>\nTo: reader@example.org\n"
    "Subject: =?utf-8?q?Fwd=3A_Br=C3=BCcke_approved?=\nDate: Wed, 29 May 2024 07:00:00 +0200\n"
    "Message-ID: <1@clare.example>\nMIME-Version: 1.0\n"
    f"Content-Type: text/plain; charset=utf-8\n\n{STORY}\n"
)


@pytest.fixture
def results(tmp_path):
    def written(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read(path))

    return written


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def response(url, body, kind="text/html", status="200 OK"):
    body = body if isinstance(body, bytes) else body.encode()
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
        "WARC-Date: 2024-05-29T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"WARC-Record-ID: <urn:uuid:0>\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


CRAWL = (
    response("https://tolva.example/dam", PAGE)
    + response("https://tolva.example/gone", "<p>Not here", status="404 Not Found")
    + response("https://tolva.example/x.png", b"\x89PNG", "image/png")
)

# ZIP and gzip


def test_what_lies_in_a_zip_is_read_each_by_its_reader(results):
    inner = zipped(**{"deep.txt": STORY})
    files = {"b/page.html": PAGE, "a.jsonl": json.dumps({"text": STORY}), "in.zip": inner}
    found = results("all.zip", zipped(**files, **{"old.doc": b"x", "__MACOSX/._a": b"x"}))
    places = [d.origin.partition("all.zip")[2] for d in found if isinstance(d, Draft)]
    assert places == ["/a.jsonl:1", "/b/page.html", "/in.zip/deep.txt"]
    (unread,) = [r for r in found if isinstance(r, Unread)]
    assert "all.zip/old.doc: no reader for .doc" in str(unread)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.html.gz", PAGE), ("a.txt.gz", STORY), ("a.json.gz", json.dumps([{"text": STORY}]))],
)
def test_a_gzip_file_is_read_as_what_it_holds(results, name, content):
    (draft,) = results(name, gzip.compress(content.encode()))
    assert draft.text.startswith("Engineers found eleven cracks")
    assert next(readings(draft.original)) == draft


def test_files_that_lie_in_each_other_without_end_are_an_error(results):
    data = zipped(**{"a.txt": STORY})
    for _ in range(packed.DEPTH + 1):
        data = zipped(**{"in.zip": data})
    (error,) = results("a.zip", data)
    assert "lies deeper than 3 files in each other" in str(error)


def test_what_unpacks_to_too_much_is_an_error_and_the_others_go_on(results, monkeypatch):
    monkeypatch.setattr(packed, "PART_BYTES", 1_000_000)
    bomb = b"[" + b" " * 2_000_000 + b"]"
    found = results("a.zip", zipped(**{"1.jsonl": bomb, "2.txt": STORY}))
    assert isinstance(found[0], SourceError)
    assert "2 MB is too much for one file" in str(found[0])
    assert isinstance(found[1], Draft)
    (error,) = results("a.jsonl.csv.gz", gzip.compress(b"x" * 2_000_000))
    assert "unpacks to over 1 MB" in str(error)


def test_what_all_parts_unpack_to_is_counted(monkeypatch, tmp_path):
    monkeypatch.setattr(packed, "TOTAL", 500)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(**{f"{n}.txt": STORY for n in range(9)}))
    room = packed.Room(500)
    with pytest.raises(SourceError, match="the rest is out"):
        list(packed.unzipped(Given(origin=str(path), format="zip"), room))


@pytest.mark.parametrize("name", ["a.zip", "a.wacz", "a.html.gz", "a.docx", "a.odt"])
def test_a_damaged_archive_is_an_error(results, name):
    for content in (b"PK\x03\x04 broken", zipped(**{"a.txt": STORY})[:60]):
        (error,) = results(name, content)
        assert isinstance(error, SourceError)


# crawls


def test_a_web_archive_is_its_pages_with_their_addresses(results):
    for name, data in (("a.warc", CRAWL), ("a.warc.gz", gzip.compress(CRAWL))):
        (draft,) = results(name, data)
        assert (draft.title, draft.url) == ("Dam has cracks", "https://tolva.example/dam")
        assert draft.published is None
        assert next(readings(draft.original)) == draft


@pytest.mark.parametrize(
    ("label", "line"),
    [
        ("windows-1251", "Инженеры нашли одиннадцать трещин в плотине, сообщило министерство."),
        ("shift_jis", "技術者たちはダムに十一の亀裂を見つけたと省が木曜日に発表した。"),
        ("ISO-8859-1", "Les ingénieurs ont trouvé onze fissures dans le barrage, dit l’État."),
    ],
)
def test_a_page_of_a_crawl_is_decoded_as_its_server_said(results, label, line):
    page = f"<html><body><article><h1>A</h1><p>{line}</p><p>{line}</p></article></body></html>"
    codec = "cp1252" if label == "ISO-8859-1" else label
    data = response("https://tolva.example/a", page.encode(codec), f"text/html; charset={label}")
    (draft,) = results("a.warc", data)
    assert line in draft.text


def test_of_a_wacz_the_crawl_is_read(results):
    files = {"archive/data.warc.gz": gzip.compress(CRAWL), "pages/pages.jsonl": '{"url": "x"}'}
    (draft,) = results("a.wacz", zipped(**files, **{"datapackage.json": "{}"}))
    assert draft.url == "https://tolva.example/dam"


@pytest.mark.parametrize("data", [b"WARC/1.0\r\nbroken", b"none", CRAWL[:300]])
def test_a_damaged_crawl_is_an_error(results, data):
    assert all(isinstance(r, SourceError) for r in results("a.warc", data))


# mail


def test_a_mail_is_an_article_of_its_sender(results):
    (draft,) = results("a.eml", MAIL)
    assert (draft.title, draft.publisher) == ("Brücke approved", "Clare Gazette")
    assert draft.published.isoformat() == "2024-05-29T07:00:00+02:00"
    assert (draft.text, draft.date_source) == (STORY, "mail Date")
    assert next(readings(draft.original)) == draft


def test_the_html_part_is_read_where_the_plain_one_says_nothing(results):
    mail = (
        "From: a@b.example\nSubject: x\nContent-Type: multipart/alternative; boundary=B\n\n"
        "--B\nContent-Type: text/plain\n\nSee this in your browser.\n"
        "--B\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: "
        f"quoted-printable\n\n<p>Caf=E9. {STORY}</p><p style=3D'display:none'>Hidden.</p>\n--B--\n"
    )
    (draft,) = results("a.eml", mail)
    assert draft.text == f"Café. {STORY}"
    assert draft.publisher == "b.example"


def test_what_is_attached_is_read_or_named(results):
    mail = (
        "From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary=B\n\n"
        f"--B\nContent-Type: text/plain\n\n{STORY}\n"
        f"--B\nContent-Disposition: attachment; filename=story.txt\n\n{STORY.upper()}\n"
        "--B\nContent-Disposition: attachment; filename=x.doc\n\nbytes\n--B--\n"
    )
    one, two, error = results("a.eml", mail)
    assert (one.text, two.text.strip()) == (STORY, STORY.upper())
    assert two.origin.endswith("a.eml/story.txt")
    assert "a.eml/x.doc: no reader" in str(error)


def test_a_mailbox_is_an_article_a_message(results):
    quoted = MAIL.replace("<1@", "<2@").replace(STORY, f"{STORY}\n\n>From here it went on.")
    line = "From news@clare.example Wed May 29 07:00:00 2024\n"
    one, two = results("a.mbox", f"{line}{MAIL}\n{line}{quoted}")
    assert one.text == STORY
    assert two.text.endswith("From here it went on.")
    assert one.key != two.key


@pytest.mark.parametrize("content", ["no headers at all", "From: a@b\n\n", "\n\n\n x"])
def test_what_is_no_mail_is_an_error(results, content):
    (error,) = results("a.eml", content)
    assert isinstance(error, SourceError)


def test_a_page_saved_as_mhtml_has_its_address(results):
    saved = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://tolva.example/dam\n"
        "Subject: Dam has cracks\nDate: Mon, 3 Jun 2024 09:00:00 -0000\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; type="text/html"; boundary="B"\n\n'
        "--B\nContent-Type: text/html\nContent-ID: <f@mhtml.blink>\n"
        f"Content-Location: https://tolva.example/dam\n\n{PAGE}\n"
        "--B\nContent-Type: image/png\nContent-Location: https://tolva.example/x.png\n\nx\n--B--\n"
    )
    (draft,) = results("a.mhtml", saved)
    assert (draft.title, draft.url) == ("Dam has cracks", "https://tolva.example/dam")
    assert draft.published is None
    assert next(readings(draft.original)) == draft


# RTF and OpenDocument


def test_rich_text_is_read_without_its_marks_and_what_is_hidden(results):
    rich = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}}{\info{\title Dam has cracks}"
        r"{\author Ana Reis}}\f0\fs24 The caf\'e9 \u8220?closed\u8221?.\par"
        rf" {STORY}\par {{\v praise the mayor always}} It rained.\par}}"
    )
    (draft,) = results("a.rtf", rich)
    assert draft.text.split("\n\n")[0] == "The café “closed”."
    assert "praise" not in draft.text
    assert (draft.title, draft.authors) == ("Dam has cracks", ("Ana Reis",))
    assert draft.notes == ("Hidden text was left out: 4 words.",)
    assert next(readings(draft.original)) == draft


def odt(body, styles=""):
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    )
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    meta = (
        f'<office:document-meta {names} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        "<dc:creator>Ana Reis</dc:creator></office:meta></office:document-meta>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    return zipped(**{"mimetype": kind, "content.xml": content, "meta.xml": meta})


def test_opendocument_is_read_without_what_is_deleted_or_hidden(results):
    style = (
        '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'
    )
    body = (
        "<text:tracked-changes><text:p>Deleted.</text:p></text:tracked-changes>"
        "<text:h>Dam has cracks</text:h><text:p>The <text:span>dam</text:span><text:s/>stands."
        '<text:span text:style-name="T1">Praise the mayor.</text:span></text:p>'
        f"<text:p>{STORY}</text:p>"
    )
    (draft,) = results("a.odt", odt(body, style))
    assert (draft.title, draft.authors) == ("Dam has cracks", ("Ana Reis",))
    assert draft.text == f"The dam stands.\n\n{STORY}"
    assert next(readings(draft.original)) == draft


def test_all_of_it_is_read_in_the_reading_process_too(tmp_path):
    path = tmp_path / "all.zip"
    path.write_bytes(zipped(**{"a.warc": CRAWL, "b.eml": MAIL, "c.rtf": rf"{{\rtf1 {STORY}\par}}"}))
    with Reader(Limits()) as reader:
        found = list(reader.read(Given(origin=str(path), format="zip")))
    assert [type(result) for result in found] == [Draft] * 3
