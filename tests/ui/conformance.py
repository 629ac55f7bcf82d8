"""The same questions through every door: do all tell the same citations?

    python -m tests.ui.conformance --archive .dateline/sample [--write docs/clients.md]

`dateline serve` and `dateline mcp` run as they do for people, over a scripted chat model behind an
endpoint. A door is asked all questions, and returns what it told of each: the citations, as
(statement, article, digest, start, end, quote), and the text where a client shows only that. The
answer of `POST /api/v1/ask` is what the others are held against.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anyio
import httpx
import openai
from mcp import Client, StdioServerParameters

from eval.bench import mock
from eval.bench.load import served
from eval.bench.page import put
from eval.cases import load
from eval.scripted import reply

SAMPLE = Path(__file__).parents[2] / "eval" / "cases" / "sample.jsonl"
FIELDS = ("statement", "article_id", "digest", "start", "end", "quote")
ASKED = 30
PATIENCE = 600.0
"""Seconds that one answer may take on a busy machine."""

Cited = frozenset[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a door told of one question."""

    cited: Cited | None = None
    """None where the client shows only text."""
    text: str | None = None


Door = Callable[[Sequence[str]], list[Told]]


def cited(records: Iterable[Any]) -> Cited:
    return frozenset(tuple(record[name] for name in FIELDS) for record in records)


def noted(notes: Iterable[Any]) -> Cited:
    return cited(note["url_citation"]["dateline"] for note in notes)


def each(one: Callable[[str], Told]) -> Door:
    return lambda questions: [one(question) for question in questions]


def told(http: httpx.Client, question: str) -> dict[str, Any]:
    """Return the answer that the others are held against."""
    response = http.post("/api/v1/ask", json={"question": question})
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def over_http(address: str) -> dict[str, Door]:
    """Return the doors of a server that need nothing besides it."""
    return {**_openai(address), **_langchain(address), **_mcp(address)}


def events(address: str, question: str) -> Told:
    body = {"question": question, "stream": True}
    answer: dict[str, Any] = {}
    with httpx.stream("POST", f"{address}/api/v1/ask", json=body, timeout=PATIENCE) as response:
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name == "answer":
                answer = json.loads(line.removeprefix("data: "))
    return Told(cited=cited(answer["citations"]))


def _openai(address: str) -> dict[str, Door]:
    client = openai.OpenAI(
        base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=PATIENCE
    )

    def said(question: str) -> Any:
        return {"model": "dateline", "messages": [{"role": "user", "content": question}]}

    def whole(question: str) -> Told:
        message = client.chat.completions.create(**said(question)).choices[0].message
        notes = (a.model_dump() for a in message.annotations or ())
        return Told(cited=noted(notes), text=message.content)

    def stream(question: str) -> Told:
        chunks = client.chat.completions.create(**said(question), stream=True)
        deltas = [c.choices[0].delta for c in chunks if c.choices]
        notes = [n for d in deltas for n in (d.model_extra or {}).get("annotations", [])]
        return Told(cited=noted(notes), text="".join(d.content or "" for d in deltas))

    def helper(question: str) -> Told:
        with client.chat.completions.stream(**said(question)) as stream:
            message = stream.get_final_completion().choices[0].message
        notes = (a.model_dump() for a in message.annotations or ())
        return Told(cited=noted(notes), text=message.content)

    def response(question: str) -> Told:
        done = client.responses.create(model="dateline", input=question)
        return Told(cited=cited(a.dateline for a in done.output[0].content[0].annotations))

    def responses(question: str) -> Told:
        parts = client.responses.create(model="dateline", input=question, stream=True)
        added = [e for e in parts if e.type == "response.output_text.annotation.added"]
        return Told(cited=cited(dict(e.annotation)["dateline"] for e in added))

    return {
        "`/api/v1/ask`, events": each(partial(events, address)),
        "openai `chat.completions.create`": each(whole),
        "openai `create(stream=True)`": each(stream),
        "openai `.stream()`": each(helper),
        "openai `responses.create`": each(response),
        "openai `responses.create(stream=True)`": each(responses),
    }


def _langchain(address: str) -> dict[str, Door]:
    def model() -> Any:
        from langchain_openai import ChatOpenAI

        return ChatOpenAI(
            model="dateline", base_url=f"{address}/v1", api_key="none", use_responses_api=True,
            max_retries=0, timeout=PATIENCE,
        )  # fmt: skip

    def invoked(question: str) -> Told:
        return _blocks(model().invoke(question))

    def streamed(question: str) -> Told:
        first, *rest = model().stream(question)
        return _blocks(sum(rest, first))

    return {"LangChain `invoke`": each(invoked), "LangChain `stream`": each(streamed)}


def _blocks(message: Any) -> Told:
    notes = [a for block in message.content_blocks for a in block.get("annotations", [])]
    return Told(cited=cited(a["extras"]["dateline"] for a in notes))


def _mcp(address: str) -> dict[str, Door]:
    return {
        "MCP over HTTP, 2026-07-28": partial(_asked, lambda: f"{address}/mcp", "2026-07-28"),
        "MCP over HTTP, handshake": partial(_asked, lambda: f"{address}/mcp", "legacy"),
    }


def on_stdio(options: Sequence[str]) -> dict[str, Door]:
    """Return the doors of a process that a client starts: `dateline mcp` with these options."""
    root = str(Path(__file__).parents[2])
    command = ["-c", "from ui.cli import main; main()", "mcp", *options]
    server = StdioServerParameters(
        command=sys.executable, args=command, env={**os.environ, "PYTHONPATH": root}
    )
    return {
        "MCP over stdio, 2026-07-28": partial(_asked, lambda: server, "2026-07-28"),
        "MCP over stdio, handshake": partial(_asked, lambda: server, "legacy"),
    }


def _asked(server: Callable[[], Any], mode: str, questions: Sequence[str]) -> list[Told]:
    async def calling() -> list[Told]:
        async with Client(server(), mode=mode, read_timeout_seconds=PATIENCE) as client:
            return [await one(client, question) for question in questions]

    async def one(client: Any, question: str) -> Told:
        given = {"question": question, "deadline_seconds": PATIENCE}
        result = await client.call_tool("ask", given)
        assert not result.is_error, result.content
        return Told(
            cited=cited(result.structured_content["citations"]), text=result.content[0].text
        )

    return anyio.run(calling)


def by_llm(address: str) -> dict[str, Door]:
    """Return the command `llm`, which shows nothing but text; none where it is not installed."""
    if find_spec("llm") is None:
        return {}

    def asked(questions: Sequence[str]) -> list[Told]:
        with tempfile.TemporaryDirectory() as folder:
            known = f"- model_id: dateline\n  model_name: dateline\n  api_base: {address}/v1\n"
            (Path(folder) / "extra-openai-models.yaml").write_text(known)
            return [one(question, folder) for question in questions]

    def one(question: str, folder: str) -> Told:
        command = [sys.executable, "-m", "llm", "-m", "dateline", "--no-log", question]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=PATIENCE,
            env={**os.environ, "LLM_USER_PATH": folder}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return Told(text=done.stdout)

    return {"`llm -m dateline`": asked}


_READ = """() => [...document.querySelectorAll('#dl-answer .dl-cite')]
  .filter(button => !button.closest('details'))
  .map(button => ({
    statement: button.closest('.dl-st')?.querySelector('.dl-words').textContent ?? null,
    shown: [...button.closest('li')?.querySelectorAll('span[dir=auto]') ?? []]
      .map(span => span.textContent.replace(/^“|”$/g, '')),
    article_id: button.dataset.open, start: +button.dataset.start, end: +button.dataset.end,
    quote: button.closest('.dl-citebox').querySelector('.dl-tip-quote').textContent}))"""


def _stated(record: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
    """Return a citation of the page with its statement; None for one that proves none.

    A sentence that stands in the course of events, or among what is disputed, is shown there.
    """
    if record["statement"] is not None:
        return record
    shown = [" ".join(text.split()) for text in record["shown"]]
    place = (record["article_id"], record["start"], record["end"])
    for one in answer["citations"]:
        here = (one["article_id"], one["start"], one["end"]) == place
        if here and any(text and one["statement"].endswith(text) for text in shown):
            return record | {"statement": one["statement"]}
    return None


def on_the_page(
    address: str, http: httpx.Client, answers: Mapping[str, dict[str, Any]]
) -> dict[str, Door]:
    """Return the page in a browser; none where there is no browser.

    It does not show the digest of a revision, and white space as a browser does: the digest is that
    of the article, and the quote must be, but for white space, the text at its place.
    """
    from rag.errors import SettingsError
    from tests.ui.preview import ask, chromium, open_page

    def asked(questions: Sequence[str]) -> list[Told]:
        found = []
        with chromium() as browser:
            for question in questions:
                page = browser.new_page()
                open_page(page, address)
                ask(page, question)
                records = (_stated(r, answers[question]) for r in page.evaluate(_READ))
                found.append(Told(cited=cited(whole(r) for r in records if r is not None)))
                page.close()
        return found

    def whole(record: dict[str, Any]) -> dict[str, Any]:
        article = http.get(f"/api/v1/articles/{record['article_id']}").json()
        quote = article["text"][record["start"] : record["end"]]
        same = quote.split() == record["quote"].split()
        return record | {
            "digest": article["digest"],
            "quote": quote if same else record["quote"],
            "statement": " ".join(record["statement"].split()),
        }

    try:
        with chromium():
            return {"the page, in Chromium": asked}
    except (ImportError, SettingsError):
        return {}


def shows(text: str, records: Sequence[dict[str, Any]]) -> bool:
    """Return True when a text has each `[n]` behind a sentence, and in the list at its end."""
    body, _, listed = text.partition("\nSources:\n")
    numbers = {record["number"]: record for record in records}
    inside = all(f"[{n}]" in body for n in numbers)
    lines = {int(m[1]): m[2] for m in re.finditer(r"^\[(\d+)\] (.*)$", listed, re.MULTILINE)}
    return inside and all(r["address"] in lines.get(n, "") for n, r in numbers.items())


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of one door."""

    door: str
    same: int | None
    """Questions of which the citations were the same; None where only text is shown."""
    shown: int | None
    """Questions of which the text showed each `[n]` and the list; None where no text was read."""
    of: int
    wrong: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.wrong


def hold(name: str, door: Door, answers: dict[str, dict[str, Any]]) -> Row:
    """Ask a door all questions, and hold what it tells against the answers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the clients about themselves
        found = door(list(answers))
    usual = [cited(answer["citations"]) for answer in answers.values()]
    same = [t.cited is None or t.cited == u for t, u in zip(found, usual, strict=True)]
    texts = [
        t.text is None or shows(t.text, a["citations"])
        for t, a in zip(found, answers.values(), strict=True)
    ]
    good = [s and t for s, t in zip(same, texts, strict=True)]
    return Row(
        door=name,
        same=sum(same) if any(t.cited is not None for t in found) else None,
        shown=sum(texts) if any(t.text is not None for t in found) else None,
        of=len(found),
        wrong=tuple(q for q, fine in zip(answers, good, strict=True) if not fine),
    )


def table(rows: Sequence[Row], answers: dict[str, dict[str, Any]]) -> str:
    """Return the rows as Markdown, with what was asked and by what versions."""

    def part(count: int | None, of: int) -> str:
        return "–" if count is None else f"{count} of {of}"

    outcomes = [answer["outcome"] for answer in answers.values()]
    citations = sum(len(answer["citations"]) for answer in answers.values())
    clients = ", ".join(f"{name} {version(name)}" for name in CLIENTS if find_spec(_module(name)))
    lines = [
        "| client | the same citations | each `[n]` and the list in the text |",
        "|---|---|---|",
        *(f"| {r.door} | {part(r.same, r.of)} | {part(r.shown, r.of)} |" for r in rows),
        "",
    ]
    about = (
        f"{len(answers)} questions of the sample, {outcomes.count('declined')} of them declined, "
        f"{citations} citations, a scripted chat model; {clients}; {datetime.now(UTC):%Y-%m-%d}."
    )
    return "\n".join([*lines, about]) + "\n"


CLIENTS = ("openai", "langchain-openai", "mcp", "llm")


def _module(name: str) -> str:
    return name.replace("-", "_")


@contextmanager
def _scripted() -> Iterator[str]:
    """Serve the scripted model behind an endpoint as chat models have, and yield its address."""
    from starlette.requests import Request
    from starlette.responses import StreamingResponse

    async def complete(request: Request) -> StreamingResponse:
        asked = await request.json()
        text = reply(asked["messages"][-1]["content"])
        delta = {"delta": {"content": text}, "index": 0, "finish_reason": None}
        end = {"delta": {}, "index": 0, "finish_reason": "stop"}
        parts = [{"id": "s", "model": mock.NAME, "choices": [one]} for one in (delta, end)]
        lines = [f"data: {json.dumps(part)}\n\n" for part in parts] + ["data: [DONE]\n\n"]
        return StreamingResponse(iter(lines), media_type="text/event-stream")

    with mock.mock(complete) as address:
        yield address


def run(archive: Path, many: int) -> tuple[list[Row], dict[str, dict[str, Any]]]:
    """Ask all doors over an archive of the sample articles."""
    cases = load(SAMPLE)
    questions = [case.question for case in cases[:: max(1, len(cases) // many)]][:many]
    with _scripted() as model, served(archive, model) as site:
        address = site.rstrip("/")
        with httpx.Client(base_url=address, timeout=PATIENCE) as http:
            answers = {question: told(http, question) for question in questions}
            options = ["--archive", str(archive), "--llm", f"openai:{mock.NAME}"]
            doors = {
                **on_the_page(site, http, answers),
                **over_http(address),
                **by_llm(address),
                **on_stdio([*options, "--base-url", model]),
            }
            rows = []
            for name, door in doors.items():
                rows.append(hold(name, door, answers))
                sys.stderr.write(f"{name}: {'good' if rows[-1].good else rows[-1].wrong}\n")
        return rows, answers


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=ASKED)
    parser.add_argument("--write", type=Path, help="put the table into this file, between marks")
    given = parser.parse_args()
    os.environ["DATELINE_SERVE__PUBLIC_URL"] = "https://news.example"  # one address for all doors
    rows, answers = run(given.archive, given.questions)
    made = table(rows, answers)
    sys.stdout.write(made)
    if given.write:
        put(given.write, "conformance", made)
    return 0 if all(row.good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
