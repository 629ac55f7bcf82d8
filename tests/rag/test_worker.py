"""Files are read in a child process: what kills or hangs it costs that file and nothing else."""

import os
import signal
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.ingest.sources import frames
from rag.ingest.sources import worker as module
from rag.ingest.sources.reading import Draft, Given, Link
from rag.ingest.sources.worker import Limits, Reader

HOSTILE = '''
"""A reading process whose files say what it is to do."""
import os, signal, sys, time
from rag.ingest.sources import child

real = child.readings

def readings(given):
    match given.data:
        case b"die":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"exit":
            os._exit(3)
        case b"sleep":
            time.sleep(600)
        case b"spin":
            while True:
                pass
        case b"eat":
            yield [bytes(1 << 24) for _ in range(100_000)]  # not touched: it costs no computing
        case b"grow":
            b"x" * 400_000_000
        case b"dig":
            def deeper(n):
                return deeper(n + 1)
            deeper(0)
        case b"raise":
            raise RuntimeError("an error that nobody foresaw")
        case b"print":
            print("noise on standard output")
            os.write(1, b"more of it")
        case b"write":
            with open(sys.argv[0] + ".out", "w") as stream:
                stream.write("x" * 100_000)
        case b"babble":
            os.write(4, b"x" * 4096)
        case b"two":
            yield from real(given)
            os._exit(3)
    yield from real(given)

child.readings = readings
child.main()
'''

FAST = Limits(megabytes=700, seconds=1, wall=60)


def text(data: str, **more) -> Given:
    return Given(origin="/news/a.txt", format="text", data=data.encode(), **more)


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch):
    (tmp_path / "hostile.py").write_text(HOSTILE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(module, "_MODULE", "hostile")


def one(reader: Reader, data: str):
    (result,) = reader.read(text(data))
    return result


@pytest.mark.usefixtures("hostile")
def test_whatever_a_file_does_to_its_reader_is_an_error_and_the_next_file_is_read():
    reasons = {
        "die": "it ended its reader (SIGSEGV",
        "exit": "its reader ended with status 3",
        "spin": "reading it took over 1 s of computing",
        "eat": "reading it took over 700 MB of memory",
        "dig": "nested too deeply",
        "raise": "RuntimeError: an error that nobody foresaw",
        "write": "OSError",
    }
    with Reader(FAST) as reader:
        for data, reason in reasons.items():
            error = one(reader, data)
            assert isinstance(error, SourceError), data
            assert str(error).startswith("/news/a.txt")
            assert reason in str(error)
            assert one(reader, "The river rose.").text == "The river rose."


@pytest.mark.usefixtures("hostile")
def test_a_reader_that_hangs_is_given_up(monkeypatch):
    with Reader(replace(FAST, wall=3)) as reader:
        assert "reading it took over 3 s" in str(one(reader, "sleep"))


@pytest.mark.usefixtures("hostile")
def test_what_a_library_prints_breaks_nothing():
    with Reader(FAST) as reader:
        assert one(reader, "print").text == "print"
        assert reader.started == 1


@pytest.mark.usefixtures("hostile")
def test_what_was_read_before_a_reader_died_is_kept():
    with Reader(FAST) as reader:
        draft, error = reader.read(text("two"))
        assert draft.text == "two"
        assert "status 3" in str(error)


def test_one_process_reads_many_files_and_ends_with_the_reader():
    with Reader(Limits()) as reader:
        for n in range(40):
            assert one(reader, f"Story {n}.").text == f"Story {n}."
        assert reader.started == 1
        assert reader.memory > 0
        pid = reader._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_its_parent_holds_does_not_count_as_the_readers_own():
    held = b"x" * 400_000_000
    with Reader(Limits(megabytes=700)) as reader:
        for n in range(3):
            assert one(reader, f"Story {n}.").text == f"Story {n}."
        assert reader.started == 1
        assert 0 < reader.memory < len(held) / 1e6


@pytest.mark.usefixtures("hostile")
def test_a_reader_that_has_held_much_is_replaced_before_the_next_file():
    with Reader(replace(FAST, seconds=30)) as reader:
        assert one(reader, "grow").text == "grow"
        assert one(reader, "The river rose.").text == "The river rose."
        assert reader.started == 2
        assert reader.memory > 350


def test_a_reader_that_somebody_killed_is_replaced():
    with Reader(Limits()) as reader:
        os.kill(reader._child.pid, signal.SIGKILL)
        reader._child.wait()
        assert one(reader, "The river rose.").text == "The river rose."
        assert reader.started == 2


def test_what_is_left_unread_does_not_come_up_in_the_next_file(tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_text('{"text": "One."}\n' * 500)
    with Reader(Limits()) as reader:
        results = reader.read(Given(origin=str(path), format="lines"))
        assert next(results).text == "One."
        results.close()
        assert one(reader, "Two.").text == "Two."


def test_two_files_cannot_be_read_at_once():
    with Reader(Limits()) as reader:
        first = reader.read(text("One."))
        next(first)
        with pytest.raises(RuntimeError, match="not been read to its end"):
            next(reader.read(text("Two.")))
        first.close()
        assert one(reader, "Three.").text == "Three."


def test_texts_come_back_cleaned():
    with Reader(Limits()) as reader:
        assert one(reader, "The  river\u200b rose.\n\nAdvertisement").text == "The river rose."


@pytest.mark.parametrize(
    "result",
    [
        Draft(
            origin="/a:1",
            text="T“ü”\ud800",
            authors=("A", "B"),
            published=date(2024, 5, 30),
            updated=datetime(2024, 5, 30, 1, tzinfo=UTC),
            notes=("Hidden text was left out: 3 words.",),
            original=Given(
                origin="/a:1", format="record", data=b"\x00{}", url="u", mapping={"text": "b"}
            ),
        ),
        Draft(origin="/a", text=""),
        Link(origin="/a:2", url="https://news.example/x", published=date(2024, 5, 30)),
    ],
)
def test_what_is_read_crosses_the_pipe_as_it_is(result):
    packed = frames.pack(*frames.from_result(result))
    back = frames.to_result(*frames.unpack(taking(packed)))
    assert back == result
    if isinstance(result, Draft):
        assert back.original == result.original


@pytest.mark.parametrize(
    "packed",
    [
        b"\xff" * 8,
        frames.pack({"kind": "what"}),
        frames.pack({"kind": "draft", "origin": "x"}),
        frames.pack({"kind": "draft", "authors": [], "notes": [], "published": "x" * 11}),
        b"\x00\x00\x00\x02\x00\x00\x00\x00[]",
        b"\x00\x00\x00\x02\x00\x00\x00\x00{,",
    ],
)
def test_nonsense_on_the_pipe_is_known_as_that(packed):
    with pytest.raises(frames.Broken):
        frames.to_result(*frames.unpack(taking(packed)))


def taking(packed: bytes):
    view = memoryview(packed)

    def take(count: int) -> bytes:
        nonlocal view
        part, view = bytes(view[:count]), view[count:]
        return part

    return take
