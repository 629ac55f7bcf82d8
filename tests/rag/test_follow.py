"""Feeds that change, fail, redirect, loop, are slow: nothing lost, nothing doubled, polite."""

import hashlib
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag.archive.archive import Archive
from rag.archive.follows import Follows, backed_off
from rag.errors import NotFound, SourceError
from rag.ingest import polite
from rag.ingest.follow import TRIES, Follower
from rag.ingest.polite import Stopped, Visitor
from rag.ingest.sources.web import Web
from rag.settings import Settings


class Numbers:
    """An encoder that costs nothing."""

    fingerprint = "numbers"

    def encode(self, texts):
        seeds = [int(hashlib.sha256(t.encode()).hexdigest()[:8], 16) for t in texts]
        rows = np.stack([np.random.default_rng(seed).normal(size=16) for seed in seeds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Site(BaseHTTPRequestHandler):
    """Pages by their path, with an ETag each; every request is written down."""

    def do_GET(self):
        site = self.server
        site.asked.append((time.monotonic(), self.path, dict(self.headers)))
        status, body, headers = site.pages.get(self.path, (404, b"", {}))
        if callable(body):
            body = body(self)
            if body is None:
                return
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server:
    """A news site of this machine."""

    def __init__(self) -> None:
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Site)
        self.http.pages, self.http.asked = {}, []
        self.host = f"127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def put(self, path, body, status=200, **headers):
        data = body.encode() if isinstance(body, str) else body
        kind = "application/rss+xml" if path.endswith((".rss", ".xml")) else "text/html"
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        self.http.pages[path] = (status, data, {"Content-Type": kind, **named})

    def article(self, number: int, words: str = "") -> str:
        path = f"/news/{number}.html"
        said = f"The council of ward {number} voted on the plan for bridge {number}. " * 6 + words
        self.put(
            path,
            f"<html><head><title>Ward {number}</title></head><body><article><h1>Ward {number}</h1>"
            f"<p>{said}</p><p>Residents of street {number} said that they had waited for years, "
            f"and that the works of section {number} come late but are welcome to everybody."
            "</p></article></body></html>",
        )
        return path

    def feed(self, path, numbers, updated=None):
        updated = updated or {}
        entries = "".join(
            f"<item><title>Ward {n}</title><link>{self.url(f'/news/{n}.html')}</link>"
            + (f"<atom:updated>{updated[n]}</atom:updated>" if n in updated else "")
            + "</item>"
            for n in numbers
        )
        head = '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">'
        self.put(path, f"{head}<channel><title>Wards</title>{entries}</channel></rss>")

    def asked(self, path: str | None = None) -> list[str]:
        return [p for _, p, _ in self.http.asked if path in (None, p)]

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def site() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


class Reading:
    """An archive that follows the site."""

    def __init__(self, folder: Path, site: Server, **follow) -> None:
        self.folder, self.site = folder, site
        known = {"delay": 0.0, "seconds": 5.0, "private": (site.host,), **follow}
        self.settings = Settings.model_validate({"archive": folder, "follow": known})
        Archive.create(folder).close()
        self.follows = Follows.open(folder)
        self.fresh()

    def fresh(self) -> None:
        """Begin as a program does that has just started."""
        chosen = self.settings.follow
        web = Web(private=chosen.private, seconds=chosen.seconds)
        self.visitor = Visitor(web, self.follows, chosen.delay)
        self.follower = Follower(self.folder, self.settings, Numbers, self.follows, self.visitor)

    def add(self, path: str, every: int = 900) -> str:
        place = self.site.url(path) if path.startswith("/") and "tmp" not in path else path
        self.follows.add(place, every, datetime.now(UTC))
        return place

    def run(self, place: str):
        return self.follower.run(self.follows.follow(place))

    def titles(self) -> Counter[str]:
        with Archive.open(self.folder) as archive:
            return Counter(a.title for a in archive.articles())

    def texts(self) -> list[str]:
        with Archive.open(self.folder) as archive:
            return [archive.article(a.id).text for a in archive.articles()]


@pytest.fixture
def reading(tmp_path, site) -> Iterator[Reading]:
    one = Reading(tmp_path / "archive", site)
    yield one
    one.follows.close()


def test_a_feed_brings_its_pages_once_and_then_asks_only_whether_it_changed(site, reading):
    for n in range(3):
        site.article(n)
    site.feed("/a.rss", range(3))
    place = reading.add("/a.rss")
    first = reading.run(place)
    assert (first.outcome, first.counts["added"]) == ("read", 3)
    assert reading.titles() == Counter(f"Ward {n}" for n in range(3))
    before = len(site.asked())
    again = reading.run(place)
    assert (again.outcome, dict(again.counts)) == ("unchanged", {})
    assert site.asked()[before:] == ["/a.rss"]
    assert "If-None-Match" in site.http.asked[-1][2]


def test_a_feed_that_changed_brings_only_what_is_new(site, reading):
    for n in range(4):
        site.article(n)
    site.feed("/a.rss", [0, 1])
    place = reading.add("/a.rss")
    reading.run(place)
    before = len(site.asked())
    site.feed("/a.rss", [0, 1, 2, 3])
    assert reading.run(place).counts["added"] == 2
    assert sorted(site.asked()[before:]) == ["/a.rss", "/news/2.html", "/news/3.html"]
    assert max(reading.titles().values()) == 1


def test_a_page_that_its_feed_says_was_updated_becomes_a_revision(site, reading):
    site.article(1)
    site.feed("/a.rss", [1], {1: "2024-05-01T10:00:00Z"})
    place = reading.add("/a.rss")
    reading.run(place)
    site.article(1, "Correction: the vote was on Monday.")
    site.feed("/a.rss", [1], {1: "2024-05-02T10:00:00Z"})
    assert reading.run(place).counts == {"revised": 1}
    assert ["Correction: the vote was on Monday." in t for t in reading.texts()] == [True]


def test_a_page_that_was_touched_but_not_changed_is_not_sent_again(site, reading):
    site.article(1)
    site.feed("/a.rss", [1], {1: "2024-05-01T10:00:00Z"})
    place = reading.add("/a.rss")
    reading.run(place)
    site.feed("/a.rss", [1], {1: "2024-05-02T10:00:00Z"})
    assert reading.run(place).outcome == "unchanged"
    assert len(site.asked("/news/1.html")) == 2
    reading.run(place)
    assert len(site.asked("/news/1.html")) == 2


def test_full_articles_of_a_feed_are_stored_without_asking_for_their_pages(site, reading):
    words = " ".join(f"The mayor spoke about item {n} of the budget." for n in range(40))
    item = (
        f"<item><title>Budget</title><link>{site.url('/budget')}</link>"
        f"<content:encoded>&lt;p&gt;{words}&lt;/p&gt;</content:encoded></item>"
    )
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    site.put("/a.rss", f"{head}<channel><title>T</title>{item}</channel></rss>")
    place = reading.add("/a.rss")
    assert reading.run(place).counts == {"added": 1}
    assert "/budget" not in site.asked()


def test_an_index_of_sitemaps_is_followed_two_levels_deep_and_not_in_a_circle(site, reading):
    for n in range(3):
        site.article(n)
    kind = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

    def index(*paths):
        locs = "".join(f"<sitemap><loc>{site.url(p)}</loc></sitemap>" for p in paths)
        return f"<sitemapindex {kind}>{locs}</sitemapindex>"

    locs = "".join(f"<url><loc>{site.url(f'/news/{n}.html')}</loc></url>" for n in range(3))
    site.put("/index.xml", index("/part.xml", "/loop.xml"))
    site.put("/loop.xml", index("/index.xml", "/loop.xml", "/part.xml"))
    site.put("/part.xml", f"<urlset {kind}>{locs}</urlset>")
    place = reading.add("/index.xml")
    assert reading.run(place).counts["added"] == 3
    assert len(site.asked()) < 12
    assert max(reading.titles().values()) == 1
    before = len(site.asked())
    site.article(7)
    more = locs + f"<url><loc>{site.url('/news/7.html')}</loc></url>"
    site.put("/part.xml", f"<urlset {kind}>{more}</urlset>")
    assert reading.run(place).counts["added"] == 1  # though the index itself is as it was
    assert site.asked()[before:].count("/news/7.html") == 1
    assert not any(p.startswith("/news/") and p != "/news/7.html" for p in site.asked()[before:])


def test_robots_are_obeyed_and_asked_for_once(site, reading):
    for n in range(3):
        site.article(n)
    rules = f"User-agent: dateline\nDisallow: /news/1.html\nSitemap: {site.url('/x')}\n"
    site.put("/robots.txt", rules)
    site.feed("/a.rss", range(3))
    place = reading.add("/a.rss")
    counts = reading.run(place).counts
    assert (counts["added"], counts["barred"]) == (2, 1)
    reading.fresh()
    reading.run(place)
    assert "/news/1.html" not in site.asked()
    assert len(site.asked("/robots.txt")) == 1


def test_a_feed_that_robots_forbid_is_not_fetched(site, reading):
    site.put("/robots.txt", "User-agent: *\nDisallow: /")
    site.feed("/a.rss", [1])
    run = reading.run(reading.add("/a.rss"))
    assert (run.outcome, site.asked()) == ("failed", ["/robots.txt"])
    assert "robots.txt" in run.message


@pytest.mark.parametrize("status", [500, 503, 429])
def test_where_the_rules_cannot_be_had_nothing_is_fetched(site, reading, status):
    site.put("/robots.txt", "", status=status)
    site.feed("/a.rss", [1])
    assert reading.run(reading.add("/a.rss")).outcome == "failed"
    assert site.asked() == ["/robots.txt"]


def test_a_redirect_to_what_robots_forbid_is_not_followed(site, reading):
    site.put("/robots.txt", "User-agent: *\nDisallow: /private")
    site.put("/a.rss", "", status=302, Location="/private.rss")
    assert reading.run(reading.add("/a.rss")).outcome == "failed"
    assert "/private.rss" not in site.asked()


def test_a_feed_that_moved_is_read_where_it_is(site, reading):
    site.article(1)
    site.feed("/new.rss", [1])
    site.put("/old.rss", "", status=301, Location="/new.rss")
    assert reading.run(reading.add("/old.rss")).counts == {"added": 1}


def test_a_feed_that_redirects_in_a_circle_is_given_up_after_five_times(site, reading):
    site.put("/a.rss", "", status=302, Location="/b.rss")
    site.put("/b.rss", "", status=302, Location="/a.rss")
    run = reading.run(reading.add("/a.rss"))
    assert "redirects more than 5 times" in run.message
    assert len(site.asked()) == 7  # robots.txt, and six of the circle


def test_the_pauses_between_requests_to_one_host_are_kept(tmp_path, site):
    reading = Reading(tmp_path / "slow", site, delay=0.15)
    for n in range(4):
        site.article(n)
    site.feed("/a.rss", range(4))
    reading.run(reading.add("/a.rss"))
    moments = [moment for moment, _, _ in site.http.asked]
    assert len(moments) == 6
    assert min(b - a for a, b in pairwise(moments)) >= 0.14
    reading.follows.close()


def test_the_pause_that_robots_ask_for_is_kept(site, reading):
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 0.3\n")
    for n in range(2):
        site.article(n)
    site.feed("/a.rss", range(2))
    reading.run(reading.add("/a.rss"))
    moments = [moment for moment, path, _ in site.http.asked if path != "/robots.txt"]
    assert min(b - a for a, b in pairwise(moments)) >= 0.29


def test_a_host_that_is_overloaded_is_left_alone_and_nothing_is_lost(site, reading):
    for n in range(3):
        site.article(n)
    kept = dict(site.http.pages)
    for n in range(3):
        site.put(f"/news/{n}.html", "", status=503, Retry_After="120")
    site.feed("/a.rss", range(3))
    place = reading.add("/a.rss")
    counts = reading.run(place).counts
    assert len([p for p in site.asked() if p.startswith("/news/")]) == 1
    assert counts["waiting"] == 3
    assert reading.run(place).outcome == "failed"  # still within the 120 seconds
    assert len(site.asked("/a.rss")) == 1
    site.http.pages.update(kept)
    reading.fresh()
    assert reading.run(place).counts["added"] == 3


def test_a_feed_that_fails_is_asked_less_and_less_often(site, reading):
    site.put("/a.rss", "", status=500)
    place = reading.add("/a.rss", every=60)
    waits = []
    for _ in range(4):
        ended = reading.run(place).ended
        waits.append((reading.follows.follow(place).due - ended).total_seconds())
    assert waits == [120, 240, 480, 960]
    assert reading.follows.follow(place).failures == 4
    site.article(1)
    site.feed("/a.rss", [1])
    assert reading.run(place).counts == {"added": 1}
    assert reading.follows.follow(place).failures == 0
    assert [run.outcome for run in reading.follows.runs(place)] == ["read"] + ["failed"] * 4


def test_the_pause_that_a_server_asks_for_is_kept_up_to_a_day(site, reading):
    assert backed_off(60, 1, 7200) == timedelta(hours=2)
    assert backed_off(60, 30, None) == timedelta(days=1)
    assert backed_off(60, 1, 10**9) == timedelta(days=1)
    assert backed_off(7 * 86_400, 3) == timedelta(days=7)


def test_a_feed_that_is_gone_for_good_is_paused(site, reading):
    site.put("/a.rss", "", status=410)
    place = reading.add("/a.rss")
    reading.run(place)
    assert "gone for good" in reading.follows.follow(place).paused
    assert reading.follows.due(datetime.now(UTC) + timedelta(days=9)) == ()


def test_a_page_that_fails_is_tried_again_though_the_feed_is_as_it_was_and_then_given_up(
    site, reading
):
    site.article(1)
    site.feed("/a.rss", [1, 2])
    place = reading.add("/a.rss")
    assert reading.run(place).counts == {"added": 1, "failed": 1, "waiting": 1}
    for _ in range(TRIES + 2):
        reading.run(place)
    assert len(site.asked("/news/2.html")) == TRIES
    site.article(2)
    site.feed("/a.rss", [1, 2], {2: "2024-05-02T10:00:00Z"})
    assert reading.run(place).counts == {"added": 1}


def test_a_slow_page_costs_its_time_and_no_other_page(tmp_path, site):
    reading = Reading(tmp_path / "slow", site, seconds=0.6)
    release = threading.Event()

    def drip(request):
        release.wait(3)

    for n in (1, 3):
        site.article(n)
    site.http.pages["/news/2.html"] = (200, drip, {})
    site.feed("/a.rss", [1, 2, 3])
    counts = reading.run(reading.add("/a.rss")).counts
    release.set()
    assert (counts["added"], counts["failed"]) == (2, 1)
    reading.follows.close()


def test_a_long_feed_is_fetched_in_parts_and_none_is_lost(tmp_path, site):
    reading = Reading(tmp_path / "long", site, pages=4)
    for n in range(10):
        site.article(n)
    site.feed("/a.rss", range(10))
    place = reading.add("/a.rss")
    runs = [reading.run(place).counts for _ in range(4)]
    assert [run.get("added", 0) for run in runs] == [4, 4, 2, 0]
    assert [run.get("waiting", 0) for run in runs] == [6, 2, 0, 0]
    assert reading.titles() == Counter(f"Ward {n}" for n in range(10))
    reading.follows.close()


def test_a_body_without_end_is_cut_off(site, reading, monkeypatch):
    monkeypatch.setattr("rag.ingest.sources.web.BYTES", 50_000)
    site.put("/a.rss", b"<rss>" + b" " * 100_000)
    assert "longer than" in reading.run(reading.add("/a.rss")).message


@pytest.mark.parametrize("body", ["", "<html><p>no feed</p></html>", "<rss><channel/></rss>", "{"])
def test_what_is_no_feed_says_so_and_stores_nothing(site, reading, body):
    site.put("/a.rss", body)
    run = reading.run(reading.add("/a.rss"))
    assert run.outcome == "failed"
    assert run.message
    assert reading.titles() == Counter()


def test_no_private_address_is_fetched_unless_it_is_allowed(tmp_path, site):
    reading = Reading(tmp_path / "closed", site, private=())
    site.feed("/a.rss", [1])
    run = reading.run(reading.add("/a.rss"))
    assert run.outcome == "failed"
    assert site.asked() == []
    reading.follows.close()


def test_a_public_site_cannot_lead_to_a_private_one_that_is_not_allowed(site, reading):
    other = Server()
    other.feed("/a.rss", [1])
    site.put("/a.rss", "", status=302, Location=other.url("/a.rss"))
    assert reading.run(reading.add("/a.rss")).outcome == "failed"
    assert other.asked() == []
    other.close()


def test_a_folder_is_followed_by_time_and_size_of_its_files(tmp_path, reading):
    news = tmp_path / "news"
    news.mkdir()
    for n in range(3):
        (news / f"{n}.txt").write_text(f"Town {n}\n\nThe harbour of town {n} was closed.")
    place = str(news)
    reading.follows.add(place, 60, datetime.now(UTC))
    assert reading.run(place).counts == {"added": 3}
    assert reading.run(place).outcome == "unchanged"
    (news / "1.txt").write_text("Town 1\n\nThe harbour of town 1 was opened again on Monday.")
    (news / "2.txt").unlink()
    assert reading.run(place).counts == {"revised": 1}
    assert len(reading.titles()) == 3
    assert len(reading.follows.pages(place)) == 2


def test_a_folder_that_is_gone_is_told_and_looked_for_again(tmp_path, reading):
    place = str(tmp_path / "nowhere")
    reading.follows.add(place, 60, datetime.now(UTC))
    assert reading.run(place).outcome == "failed"
    assert reading.follows.due(datetime.now(UTC) + timedelta(minutes=3))


def test_two_processes_do_not_take_the_same_run(site, reading):
    site.feed("/a.rss", [1])
    place = reading.add("/a.rss")
    known = reading.follows.follow(place)
    assert reading.follower.run(known) is not None
    assert reading.follower.run(known) is None


def test_a_busy_archive_is_tried_again_soon_and_nothing_is_lost(site, reading):
    site.article(1)
    site.feed("/a.rss", [1])
    place = reading.add("/a.rss")
    with Archive.create(reading.folder):
        run = reading.run(place)
    assert "is being written by" in run.message
    assert reading.follows.follow(place).due - run.ended < timedelta(minutes=1)
    assert reading.run(place).counts == {"added": 1}


def test_a_visitor_that_is_stopped_leaves_the_run_to_be_done(site, reading):
    stop = threading.Event()
    site.feed("/a.rss", [1])
    place = reading.add("/a.rss")
    due = reading.follows.follow(place).due
    web = Web(private=reading.settings.follow.private)
    follower = Follower(
        reading.folder,
        reading.settings,
        Numbers,
        reading.follows,
        Visitor(web, reading.follows, 30.0, stop),
    )
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Stopped):
        follower.run(reading.follows.follow(place))
    assert reading.follows.follow(place).due == due


def test_paused_and_removed_places_are_not_due(reading):
    place = reading.add("/a.rss")
    later = datetime.now(UTC) + timedelta(days=1)
    reading.follows.pause(place, "by hand")
    assert reading.follows.due(later) == ()
    reading.follows.pause(place, "")
    assert [f.place for f in reading.follows.due(later)] == [place]
    assert not reading.follows.add(place, 300, datetime.now(UTC))
    assert reading.follows.follow(place).every == 300
    reading.follows.remove(place)
    with pytest.raises(NotFound):
        reading.follows.follow(place)


def test_the_rules_of_a_host_are_asked_for_again_after_a_day(site, reading, monkeypatch):
    site.feed("/a.rss", [1])
    place = reading.add("/a.rss")
    reading.run(place)
    assert len(site.asked("/robots.txt")) == 1
    monkeypatch.setattr(polite, "ROBOTS_HOURS", 0)
    reading.fresh()
    reading.run(place)
    assert len(site.asked("/robots.txt")) > 1


PROGRAM = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from tests.rag.test_follow import Numbers
from rag.archive.follows import Follows
from rag.ingest.follow import Follower
from rag.ingest.polite import Visitor
from rag.ingest.sources.web import Web
from rag.settings import Settings

if __name__ == "__main__":
    folder, host, place = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    settings = Settings.model_validate(
        {"archive": folder, "follow": {"delay": 0.02, "private": [host]}})
    with Follows.open(folder) as follows:
        follower = Follower(folder, settings, Numbers, follows,
                            Visitor(Web(private=[host]), follows, 0.02))
        print("begun", flush=True)
        run = follower.run(follows.follow(place))
        print(run.outcome, dict(run.counts), run.message, flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(tmp_path, site, reading):
    for n in range(30):
        site.article(n)
    site.feed("/a.rss", range(30))
    place = reading.add("/a.rss")
    program = tmp_path / "follow_it.py"
    program.write_text(PROGRAM)
    root = str(Path(__file__).parents[2])
    command = [sys.executable, str(program), str(reading.folder), site.host, place, root]
    for wait in (0.4, 1.5, 2.4, 3.2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "begun\n"
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.communicate()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "waiting" not in done.stdout
    assert reading.titles() == Counter(f"Ward {n}" for n in range(30))


def test_an_error_of_an_address_that_is_none_is_a_source_error(reading):
    with pytest.raises(SourceError):
        reading.visitor.get("http://localhost:1/feed")
