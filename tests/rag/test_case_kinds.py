"""Every kind of input that once failed, and which test holds it: none may be without one.

`kinds.jsonl` holds inputs of each kind, a line each: a page by its parts, or a file's content; «0»
to «4» are the sentences of `STORY`, «P» all of them as paragraphs of HTML, «J» as paragraphs of
text. `NAMED` says which test holds a kind that needs more than that: files that a program packs,
and what happens in an archive.
"""

import json
import re
from pathlib import Path

import pytest

from rag.ingest.clean import clean
from rag.ingest.sources.draft import Draft, Link
from rag.ingest.sources.reading import find, read
from tests.rag.documents import docx, paragraph

HERE = Path(__file__).parent
STORY = tuple(
    """\
The tram depot of Velden was shut on Thursday after inspectors counted nine cracked beams in \
its roof, the city said in a statement.
The widest crack measures six centimetres and had been reported by a cleaner in March, according \
to a letter that the city published.
Replacing the beams will cost some 4.5 million euros and last until October, the head of works, \
Mila Brandt, told the city council.
Trams on lines two and seven start from the northern yard until then, and buses run every ten \
minutes between the two.
The depot opened in 1934 and shelters forty-one trams, which is a little more than half of all \
that the city owns.""".splitlines()
)
KINDS = [f"A{n:02}" for n in (*range(1, 48), *range(70, 80), 85)]
NAMED = {
    "A04": "test_pages.py::test_what_react_sends_later_stands_where_it_belongs",
    "A05": "test_pages.py::test_an_article_that_waits_for_its_script_is_read",
    "A06": "test_pages.py::test_what_has_to_be_paid_for_is_part_of_the_article_and_told",
    "A07": "test_pages.py::test_teasers_of_other_articles_are_not_kept_in_place_of_the_article",
    "A16": "test_exports.py::test_nexis_uni_in_word_is_an_article_each",
    "A19": "test_case_kinds.py::test_no_file_of_a_folder_is_passed_over_in_silence",
    "A21": "test_containers.py::test_rich_text_is_read_without_its_marks_and_what_is_hidden",
    "A44": "test_columns.py::test_columns_drawn_line_by_line_are_read_one_after_the_other",
    "A45": "test_formats.py::test_a_text_box_of_word_is_read_once",
    "A47": "test_addresses.py::test_a_correction_under_another_address_replaces_the_text",
    "A73": "test_containers.py::test_a_web_archive_is_its_pages_with_their_addresses",
    "A77": "test_case_kinds.py::test_an_account_of_a_program_is_no_author_of_a_word_document",
    "A85": "test_columns.py::test_columns_drawn_line_by_line_are_read_one_after_the_other",
}
INPUTS = [json.loads(line) for line in (HERE / "kinds.jsonl").read_text("utf-8").splitlines()]
STATED = ("title", "publisher", "authors", "url", "language", "published", "updated")


def filled(text: str) -> str:
    """Put the story where a text has its marks."""
    text = text.replace("«P»", "".join(f"<p>{line}</p>" for line in STORY))
    text = text.replace("«JJ»", r"\n\n".join(STORY)).replace("«J»", "\n\n".join(STORY))
    text = text.replace("«W»", " ".join(STORY))
    return re.sub("«([0-4])»", lambda found: STORY[int(found[1])], text)


def content(row: dict[str, str]) -> bytes:
    """Return the bytes of an input."""
    if "content" in row:
        return filled(row["content"]).encode(row.get("encoding", "utf-8"))
    inside = f"<h1>Depot shut</h1>{row.get('before', '')}«P»{row.get('after', '')}"
    body = row.get("body") or f"<main><article>{inside}</article></main>"
    head = f"<title>Depot shut | Velden Echo</title>{row.get('head', '')}"
    return filled(
        f'<!doctype html><html lang="{row.get("lang", "en")}"><head><meta charset="utf-8">'
        f"{head}</head><body>{body}</body></html>"
    ).encode()


def stated(draft: Draft, wanted: dict[str, object]) -> dict[str, object]:
    """Return what a draft states, of what is wanted, in the form in which that is written."""
    found = {name: getattr(draft, name) for name in STATED if name in wanted}
    plain = {
        name: value if value is None or isinstance(value, tuple) else str(value)
        for name, value in found.items()
    }
    return {n: list(v) if isinstance(v, tuple) else v for n, v in plain.items()}


@pytest.mark.parametrize("row", INPUTS, ids=[f"{r['kind']}-{n}" for n, r in enumerate(INPUTS)])
def test_an_input_of_a_kind_that_once_failed_is_read_right(row, tmp_path):
    (tmp_path / row["file"]).write_bytes(content(row))
    results = [result for path in find([tmp_path]) for result in read(path)]
    drafts = [each for each in results if isinstance(each, Draft)]
    want = row["want"]
    if "links" in want:
        assert len([each for each in results if isinstance(each, Draft | Link)]) == want["links"]
        return
    assert len(drafts) == want.get("count", max(len(drafts), 1)), results
    for draft, wanted in zip(drafts, (want, want.get("second", {})), strict=False):
        assert stated(draft, wanted) == {n: v for n, v in wanted.items() if n in STATED}
    text = "\n\n".join(clean(draft.text) for draft in drafts)
    lines = [*map(filled, want.get("has", ())), *(STORY if want.get("whole") else ())]
    assert [line for line in lines if line not in text] == []
    assert [line for line in map(filled, want.get("hasnt", ())) if line in text] == []
    if "text" in want:
        assert text == filled(want["text"])
    if "counts" in want:
        assert text.count(filled(want["counts"][0])) == want["counts"][1]
    if "note" in want:
        assert any(want["note"] in note for note in drafts[0].notes)


def test_every_kind_has_a_test():
    held = {row["kind"] for row in INPUTS} | NAMED.keys()
    assert [kind for kind in KINDS if kind not in held] == []
    for test in NAMED.values():
        file, name = test.split("::")
        assert f"\ndef {name}(" in (HERE / file).read_text("utf-8"), test


def test_no_file_of_a_folder_is_passed_over_in_silence(tmp_path):
    for name in ("a.txt", "b.doc", "c.pages", "d"):
        (tmp_path / name).write_text(STORY[0])
    (tmp_path / "e.png").write_bytes(b"\x89PNG\r\n")
    told = {path.name: [str(r) for r in read(path)] for path in find([tmp_path])}
    assert list(told) == ["a.txt", "b.doc", "c.pages", "d", "e.png"]
    for name, kind in {"b.doc": ".doc", "c.pages": ".pages", "e.png": ".png"}.items():
        assert told[name] == [f"{tmp_path / name}: no reader for {kind}"]
    assert told["d"] == [f"{tmp_path / 'd'}: no reader for a file without an ending"]


@pytest.mark.parametrize("account", ["Administrator", "openpyxl", "Windows User"])
def test_an_account_of_a_program_is_no_author_of_a_word_document(account, tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(docx("".join(map(paragraph, STORY)), author=account))
    (draft,) = read(path)
    assert draft.authors == ()
