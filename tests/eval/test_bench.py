"""The benchmarks: what they are made of and how they count; what they measure is not tested."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx
import numpy as np
import pytest

from eval import memory, scripted
from eval.bench import gateway, made, page, peers, scale, soak, steps, stores, versus
from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.prepare import Asked
from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.models.wire import Endpoint
from rag.settings import ChatSettings, Settings
from rag.types import Filter


@pytest.fixture(scope="module")
def grown(sample_archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("grown")
    with Archive.open(sample_archive) as real:
        size = real.passage_count + 60
        made.make(folder, real, size)
    return folder, size


def test_what_an_index_finds_within_a_filter_is_compared_with_all_that_may_be_found(grown):
    class Blind(Index):
        """An index that finds the two best only."""

        def search(self, vector, limit, within):
            return super().search(vector, min(limit, 2), within)

    with Archive.open(grown[0]) as archive:
        made_one = next(a for a in archive.articles() if a.id.startswith("made:"))
        day = made_one.published
        within = Filter(since=day, until=day, publishers=(made_one.publisher,))
        passages = archive.numbers(within).size
        assert passages > 2
        _, matrix = archive.vectors()
        for index, share in ((Index, 1.0), (Blind, 2 / min(passages, stores.NEIGHBOURS))):
            store = stores.Store("here", archive, index.open(archive), fused=None)
            assert stores.recall(store, matrix[:3], within) == pytest.approx(share)


def test_a_made_archive_holds_the_real_articles_and_as_many_passages_as_asked_for(
    grown, sample_archive
):
    folder, size = grown
    with Archive.open(folder) as archive, Archive.open(sample_archive) as real:
        assert size <= archive.passage_count < size + 20
        held = dict(zip(*archive.vectors(), strict=True))
        for name, vector in zip(*real.vectors(), strict=True):
            assert np.array_equal(held[name], vector)
        assert archive.fingerprint == real.fingerprint


def test_made_passages_are_news_with_vectors_of_their_own(grown):
    folder, _ = grown
    with Archive.open(folder) as archive:
        ids, matrix = archive.vectors()
        assert len(ids) == archive.passage_count
        assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
        assert len(np.unique(matrix.round(4), axis=0)) == len(matrix)
        fresh = [row for row, name in enumerate(ids) if name.startswith("made:")]
        nearest = np.sort(matrix[fresh] @ matrix.T, axis=1)[:, -2]
        assert 0.8 < nearest.min() <= nearest.max() < 0.999
        articles = [archive.article(a.id) for a in archive.articles() if a.id.startswith("made:")]
        assert len({a.text for a in articles}) == len(articles) > 5
        for passage in archive.passages(ids):
            text = archive.article(passage.metadata["article_id"]).text
            assert text[passage.metadata["start"] : passage.metadata["end"]] == passage.page_content
        assert archive.search(["report"], 5, Filter())


def test_a_made_archive_is_the_same_each_time(grown, sample_archive, tmp_path):
    folder, size = grown
    with Archive.open(sample_archive) as real:
        made.make(tmp_path, real, size)
    with Archive.open(folder) as one, Archive.open(tmp_path) as other:
        assert one.vectors()[0] == other.vectors()[0]
        assert np.array_equal(one.vectors()[1], other.vectors()[1])


def test_sizes_are_read_with_their_units():
    assert scale.sizes("500,1k,1M") == [500, 1_000, 1_000_000]


def row(system, case, token, **more):
    names = {"system": system, "phase": "cold", "case": case, "right": True}
    times = {"evidence": token / 2, "token": token, "end": token * 2}
    return names | times | {"prompt": 100, "generated": 9, "memory_mb": 300} | more


def test_the_table_has_ratios_of_medians_over_the_questions_that_both_answered():
    rows = [row("dateline", n, 1.0) for n in "abc"] + [row("langchain", n, 5.0) for n in "abcd"]
    text = versus.table(rows)
    assert "| first token sooner than langchain, times, cold | 5.0 (5.0 to 5.0) |  |" in text
    assert "| right answers | 3 of 3 | 4 of 4 |" in text
    assert "| prompt tokens per right answer | 100 | 100 |" in text
    assert "| right answers per minute | 30.00 | 6.00 |" in text


def test_the_page_says_over_how_much_was_measured():
    rows = [{**row("dateline", n, 1.0), "articles": 40} for n in "abc"]
    assert versus.scope(rows) == "40 articles; 3 questions cold."


def test_the_plot_is_svg_with_escaped_names():
    picture = versus.plot([row("a<b", "1", 2.0)])
    assert picture.startswith("<svg")
    assert "a&lt;b" in picture


def test_a_page_keeps_what_stands_around_the_marked_place(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- one -->\nold\n<!-- /one -->\nafter\n")
    page.put(path, "one", "new\n")
    page.put(path, "one", "newer\n")
    assert path.read_text() == "before\n<!-- one -->\nnewer\n<!-- /one -->\nafter\n"
    with pytest.raises(ValueError, match="no place marked"):
        page.put(path, "two", "x")


class Model(BaseHTTPRequestHandler):
    """Answers like llama.cpp's server: streamed, with its timings in the last event."""

    asked: ClassVar[list] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, json.loads(body or "{}")))
        self.send_response(200)
        self.end_headers()
        timings = {"cache_n": 30, "prompt_n": 12, "predicted_n": 5}
        for event in ({"choices": [{"delta": {"content": "Hi"}}]}, {"timings": timings}):
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def model():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Model.asked.clear()
    yield Endpoint(url=f"http://127.0.0.1:{server.server_port}/v1", model="bench", key="k")
    server.shutdown()
    server.server_close()


def test_the_gateway_makes_requests_equal_and_counts_their_tokens(model):
    with gateway.opened(model) as door:
        body = {"messages": [], "temperature": 0.9, "max_tokens": 4000}
        for _ in range(2):
            said = httpx.post(f"{door.url}/chat/completions", json=body, timeout=10)
        assert '"Hi"' in said.text
        used = door.taken()
        assert (used.requests, used.prompt, used.cached, used.generated) == (2, 84, 60, 10)
        assert door.taken() == gateway.Use()
        door.forget()
    path, sent = Model.asked[0]
    assert path == "/v1/chat/completions"
    assert sent["temperature"] == 0
    assert sent["max_tokens"] == gateway.MOST_TOKENS
    assert Model.asked[-1][0] == "/slots/0?action=erase"


def test_showing_what_was_measured_keeps_it(tmp_path, monkeypatch, capsys):
    rows = tmp_path / "rows.jsonl"
    more = {"phase": "cold", "case": "1", "token": 2.0, "evidence": 1.0, "end": 3.0}
    more |= {"prompt": 0, "generated": 5, "right": True, "memory_mb": 1.0}
    rows.write_text(json.dumps({"system": "dateline", **more}) + "\n")
    monkeypatch.setattr("sys.argv", ["peers", "--table", "--place", str(tmp_path)])
    assert peers.main() == 0
    assert "| right answers | 1 of 1 |" in capsys.readouterr().out
    assert "prompt tokens per right answer" not in versus.table([json.loads(rows.read_text())])


def test_the_time_of_a_step_is_counted_without_the_steps_that_it_calls():
    clock = steps.Clock()

    def work() -> None:
        sum(range(200_000))

    inner = clock.step("inner", work)
    outer = clock.step("outer", lambda: (work(), inner(), work()))
    begun = time.process_time()
    outer()
    whole = time.process_time() - begun
    assert set(clock.used) == {"inner", "outer"}
    assert sum(clock.used.values()) <= whole


def test_each_question_is_measured_in_all_its_steps(sample_archive):
    chat = ChatSettings(llm="none")
    with open_qa(Settings(archive=sample_archive, chat=chat)) as qa:
        asked = [Asked(question="When will Artemis II launch?"), Asked(question="?")]
        rows = steps.measure(qa, asked)
        assert "watched" not in NewsQA.ask.__name__
    assert len(rows) == 1
    assert {"question read", "search", "missing outlets", "answer and check"} <= set(rows[0])
    assert [line.split("|")[1].strip() for line in steps.table(rows)[-2:]] == [
        "prepare, whole",
        "answer and check",
    ]


def test_memory_is_read_while_every_article_is_asked_about(sample_archive):
    with open_qa(Settings(archive=sample_archive, chat=ChatSettings(llm="none"))) as qa:
        qa.chat = scripted.connect(qa.settings.chat)
        asked = list(soak.questions(qa, 12))
        assert len(set(asked)) == 12
        held = list(soak.resident(qa, iter([*asked, "?"]), memory.resident_mb, every=4))
    assert [count for count, _ in held] == [4, 8, 12]
    assert all(megabytes > 50 for _, megabytes in held)
    assert soak.flat([megabytes for _, megabytes in held])


def test_memory_that_grows_after_the_first_figure_is_not_flat():
    assert soak.flat([])
    assert soak.flat([500.0, 520.0, 510.0])
    assert not soak.flat([500.0, 520.0, 700.0])
