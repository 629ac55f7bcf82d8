"""What was never published, or was withdrawn by its sender, is never quoted."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from rag.archive.archive import Archive
from rag.ingest.run import ingest
from rag.ingest.sources.frames import from_result, to_result
from rag.ingest.sources.reading import Draft, Unpublished, read
from rag.maintenance.export import export
from rag.settings import Settings
from rag.types import Filter

STORY = "The Tolva dam broke on Monday night and flooded 40 houses, the mayor, Ana Reis, said."
HELD = "The mayor of Tolva will resign on Friday, two aides said on Monday."
ITEM = {
    "uri": "tag:wire.example,2024:item:9",
    "standard": {"name": "ninjs", "version": "3.0"},
    "headlines": [{"role": "main", "value": "Dam breaks"}],
    "bodies": [{"role": "main", "contentType": "text/plain", "value": STORY}],
    "versionCreated": "2024-05-28T08:00:00Z",
    "pubStatus": "usable",
    "copyrightHolder": "Coastal Wire",
}
CANCELED = ITEM | {"versionCreated": "2024-05-28T10:00:00Z", "pubStatus": "canceled"}


class Even:
    """An embedder that gives every text the same vector."""

    fingerprint = "even"

    def encode(self, texts):
        return np.eye(1, 8, dtype=np.float32).repeat(len(texts), axis=0)


@pytest.fixture
def archive(place):
    with Archive.create(place) as archive:
        yield archive


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "wire"
    folder.mkdir()
    return folder


def outcomes(archive, *paths):
    settings = Settings(archive=archive.folder)
    return [report.outcome for report in ingest(archive, Even(), list(paths), settings)]


def write(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def found(archive):
    return archive.search(["dam", "mayor"], 5, Filter())


# ninjs 3


def test_ninjs_3_is_read_by_its_names_in_camel_case(tmp_path):
    item = ITEM | {"firstCreated": "2024-05-27T08:00:00+02:00", "infoSources": [{"name": "CW"}]}
    (draft,) = read(write(tmp_path / "a.json", item))
    assert draft.published == datetime.fromisoformat("2024-05-27T08:00:00+02:00")
    assert draft.updated == datetime(2024, 5, 28, 8, tzinfo=UTC)
    assert (draft.publisher, draft.date_source) == ("CW", "ninjs firstCreated")


def test_a_plain_body_is_preferred_to_one_in_nitf(tmp_path):
    nitf = (
        "<nitf><head/><body><body.head><hedline><hl1>Dam breaks</hl1></hedline>"
        "<byline>By Tom Vale</byline></body.head><body.content><p>The dam broke.</p>"
        "</body.content><body.end><tagline>Desk: +1 555 0100</tagline></body.end></body></nitf>"
    )
    coded = {"contentType": "text/vnd.IPTC.NITF", "value": nitf}
    (draft,) = read(write(tmp_path / "a.json", ITEM | {"bodies": [coded, *ITEM["bodies"]]}))
    assert draft.text == STORY
    (draft,) = read(write(tmp_path / "a.json", ITEM | {"bodies": [coded]}))
    assert draft.text == "The dam broke."


def test_text_among_the_descriptions_is_not_lost(tmp_path):
    item = ITEM | {"bodies": [], "descriptions": [{"role": "text", "value": STORY}]}
    (draft,) = read(write(tmp_path / "a.json", item))
    assert draft.text == STORY


@pytest.mark.parametrize("status", ["canceled", "withheld", "stat:canceled", "Cancelled"])
@pytest.mark.parametrize("field", ["pubStatus", "pubstatus"])
def test_an_item_that_its_sender_withdrew_is_refused(tmp_path, status, field):
    item = {name: value for name, value in ITEM.items() if name != "pubStatus"}
    (refused,) = read(write(tmp_path / "a.json", item | {field: status}))
    assert isinstance(refused, Unpublished)
    assert "withdrawn by its sender" in str(refused)
    assert refused.key == ITEM["uri"]


def test_an_item_under_embargo_is_refused_until_then(tmp_path):
    (refused,) = read(write(tmp_path / "a.json", ITEM | {"embargoed": "2999-01-01T00:00:00Z"}))
    assert "under embargo until 2999" in str(refused)
    (draft,) = read(write(tmp_path / "a.json", ITEM | {"embargoed": "2024-01-01T00:00:00Z"}))
    assert draft.text == STORY


def test_a_refusal_passes_between_the_processes(tmp_path):
    (refused,) = read(write(tmp_path / "a.json", CANCELED))
    again = to_result(*from_result(refused))
    assert isinstance(again, Unpublished)
    assert (str(again), again.key, again.moment, again.final) == (
        *(str(refused), refused.key, refused.moment, True),
    )


# other records


@pytest.mark.parametrize(
    "marks",
    [
        {"status": "draft"},
        {"post_status": "private"},
        {"postStatus": "trash"},
        {"visibility": "private"},
        {"workflow_state": "Scheduled"},
        {"draft": True},
        {"published": False},
        {"is_published": "false"},
    ],
)
def test_a_record_that_was_not_published_is_refused(tmp_path, marks):
    (refused,) = read(write(tmp_path / "a.jsonl", {"text": HELD, "title": "Hold"} | marks))
    assert isinstance(refused, Unpublished)


@pytest.mark.parametrize(
    "marks",
    [{"status": "publish"}, {"state": "Ohio"}, {"draft": False}, {"published": "2024-05-28"}],
)
def test_what_was_published_is_read(tmp_path, marks):
    (draft,) = read(write(tmp_path / "a.jsonl", {"text": STORY} | marks))
    assert isinstance(draft, Draft)


@pytest.mark.parametrize("front", ["draft: true", "published: false", "status: draft"])
def test_front_matter_tells_a_draft(tmp_path, front):
    (refused,) = read(write(tmp_path / "a.md", f"---\ntitle: Hold\n{front}\n---\n{HELD}\n"))
    assert isinstance(refused, Unpublished)


def test_nitf_tells_what_was_withdrawn(tmp_path):
    page = (
        '<nitf><head><docdata management-status="canceled"><doc-id id-string="x"/></docdata>'
        f"</head><body><body.content><p>{STORY}</p></body.content></body></nitf>"
    )
    (refused,) = read(write(tmp_path / "a.nitf", page))
    assert isinstance(refused, Unpublished)
    assert refused.key == "x"


# WordPress

WXR = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Tolva Courier</title><language>en-US</language>
<wp:author><wp:author_login>areis</wp:author_login>
<wp:author_display_name><![CDATA[Ana Reis]]></wp:author_display_name></wp:author>
{items}</channel></rss>"""


def post(number, text, status="publish", kind="post", password=""):
    return (
        f"<item><title>Post {number}</title><link>https://tolva.example/{number}</link>"
        f"<pubDate>Tue, 28 May 2024 06:15:00 +0000</pubDate><dc:creator>areis</dc:creator>"
        f'<guid isPermaLink="false">https://tolva.example/?p={number}</guid>'
        f"<content:encoded><![CDATA[{text}]]></content:encoded>"
        f"<wp:post_date_gmt>2024-05-28 06:15:00</wp:post_date_gmt>"
        f"<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>"
        f"<wp:post_password>{password}</wp:post_password></item>"
    )


def test_of_a_wordpress_export_what_was_published_is_read(tmp_path):
    text = (
        f"<!-- wp:paragraph --><p>{STORY}</p><!-- /wp:paragraph -->\n\n"
        '[caption id="a" align="left"]<img src="x.jpg"/> The dam[/caption] [gallery ids="1,2"]'
    )
    items = [post(1, text), post(2, HELD, "draft"), post(3, HELD, password="x")]
    items += [post(4, "A picture", "inherit", "attachment"), post(5, f"{HELD}\n\n[It] rained.")]
    one, draft, locked, old = read(write(tmp_path / "a.xml", WXR.format(items="".join(items))))
    assert (one.text, one.title, one.publisher) == (STORY, "Post 1", "Tolva Courier")
    assert one.authors == ("Ana Reis",)
    assert one.published == datetime(2024, 5, 28, 6, 15, tzinfo=UTC)
    assert one.url == "https://tolva.example/1"
    assert isinstance(draft, Unpublished)
    assert isinstance(locked, Unpublished)
    assert old.text.startswith(HELD)


def test_a_post_that_is_no_longer_public_is_withdrawn_and_comes_back(archive, folder):
    path = write(folder / "a.xml", WXR.format(items=post(1, STORY)))
    assert outcomes(archive, path) == ["added"]
    write(path, WXR.format(items=post(1, STORY, "private")))
    assert outcomes(archive, path) == ["withdrawn"]
    assert not found(archive)
    write(path, WXR.format(items=post(1, STORY)))
    assert outcomes(archive, path) == ["revised"]
    assert found(archive)


# withdrawn later


def test_a_stored_item_that_is_canceled_is_kept_and_never_found(archive, folder):
    write(folder / "1.json", ITEM)
    assert outcomes(archive, folder) == ["added"]
    assert found(archive)
    write(folder / "2.json", CANCELED)
    assert outcomes(archive, folder) == ["unchanged", "withdrawn"]
    assert not found(archive)
    (article,) = archive.articles()
    assert article.withdrawn == "was withdrawn by its sender (pubStatus canceled)"
    assert archive.article(article.id).text == STORY
    assert archive.coverage().articles == 0
    assert archive.publishers() == ()
    assert outcomes(archive, folder) == ["unchanged", "unchanged"]


def test_the_order_of_the_files_does_not_matter(archive, folder):
    write(folder / "1.json", CANCELED)
    write(folder / "2.json", ITEM)
    assert outcomes(archive, folder) == ["refused", "refused"]
    assert archive.articles() == []


def test_a_later_version_is_published_again_and_stays(archive, folder):
    write(folder / "1.json", ITEM)
    write(folder / "2.json", CANCELED)
    write(folder / "3.json", ITEM | {"versionCreated": "2024-05-28T12:00:00Z"})
    assert outcomes(archive, folder) == ["added", "withdrawn", "revised"]
    assert outcomes(archive, folder) == ["unchanged", "refused", "unchanged"]
    assert found(archive)


def test_another_paper_keeps_its_own_print_of_a_withdrawn_story(archive, folder):
    write(folder / "1.json", ITEM)
    write(folder / "2.jsonl", {"text": STORY, "publisher": "Delta Post", "id": "copy"})
    assert outcomes(archive, folder) == ["added", "duplicate"]
    write(folder / "3.json", CANCELED)
    outcomes(archive, folder)
    assert [name.split(":")[0] for name, _ in found(archive)] == ["copy"]
    (other,) = [a for a in archive.articles() if not a.withdrawn]
    assert archive.copies(other.id) == ()


def test_what_is_new_is_no_copy_of_what_was_withdrawn(archive, folder):
    write(folder / "1.json", ITEM)
    write(folder / "3.json", CANCELED)
    outcomes(archive, folder)
    other = write(folder / "2.jsonl", {"text": STORY, "publisher": "Delta Post", "id": "copy"})
    assert outcomes(archive, other) == ["added"]
    assert found(archive)


def test_an_export_keeps_withdrawn_what_was_withdrawn(archive, folder, tmp_path):
    write(folder / "1.json", ITEM)
    write(folder / "2.json", CANCELED)
    outcomes(archive, folder)
    (record,) = export(archive, revisions=False)
    path = write(tmp_path / "export.jsonl", record)
    with Archive.create(tmp_path / "other") as other:
        assert outcomes(other, path) == ["withdrawn"]
        assert not found(other)
        assert other.articles()[0].withdrawn
