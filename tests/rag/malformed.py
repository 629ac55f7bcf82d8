"""Damaged files and bombs: each is to be an article or a named error, and the next file is read.

python -m tests.rag.malformed [COUNT] [SEED]     # what became of them, p99 and memory
"""

import gzip
import io
import json
import random
import sys
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.errors import SourceError
from rag.ingest.sources.reading import Draft, Given, Link
from rag.ingest.sources.worker import Limits, Reader
from tests.rag.documents import docx, epub, lines, paragraph, pdf
from tests.rag.layouts import PAGES
from tests.rag.test_containers import CRAWL, MAIL, odt, zipped
from tests.rag.test_exports import FACTIVA, G2, LEXIS, NEXIS, PROQUEST, XHTML
from tests.rag.test_standing import WXR, post

TEXT = PAGES[0].story.paragraphs
PLAIN = "\n\n".join(TEXT)
RECORD = {"title": "River", "text": PLAIN, "published": "2024-05-30", "authors": ["Ann Lee"]}
LINK = "<link>https://news.example/a</link>"
ENTRY = f"<item><title>a</title>{LINK}<description>{PLAIN}</description></item>"
ATOM = "http://www.w3.org/2005/Atom"
SEEDS: dict[str, bytes] = {
    "text": PLAIN.encode(),
    "markdown": f"---\ntitle: a\ndate: 2024-05-30\n---\n\n# a\n\n{PLAIN}".encode(),
    "html": PAGES[7].html.encode(),
    "lines": "\n".join(json.dumps(RECORD) for _ in range(3)).encode(),
    "list": json.dumps([RECORD, {"uri": "urn:1", "body_html": f"<p>{PLAIN}</p>"}]).encode(),
    "table": f'title,text\na,"{PLAIN}"\nb,c\n'.encode(),
    "pdf": pdf(lines("River rises", size=20), lines(*TEXT), info="/Title (River)"),
    "docx": docx("".join(paragraph(p) for p in TEXT)),
    "epub": epub("".join(f"<p>{p}</p>" for p in TEXT), about="<dc:title>River</dc:title>"),
    "xml": f"<rss version='2.0'><channel><title>t</title>{ENTRY * 3}</channel></rss>".encode(),
    "nitf": f"<nitf><body><body.content><p>{TEXT[0]}</p></body.content></body></nitf>".encode(),
    "atom": f"<feed xmlns='{ATOM}'><entry><content>{PLAIN}</content></entry></feed>".encode(),
    "rtf": rf"{{\rtf1\ansi\ansicpg1252 {{\b {TEXT[0]}}}\par \'e9 \u8220? {TEXT[1]}\par}}".encode(),
    "odt": odt("".join(f"<text:p>{p}</text:p>" for p in TEXT)),
    "mail": MAIL.encode(),
    "mbox": f"From a@b.example Wed May 29 07:00:00 2024\n{MAIL}\n".encode() * 3,
    "mhtml": f"From: a\nContent-Type: text/html\n\n{PAGES[7].html}".encode(),
    "warc": CRAWL * 2,
    "zip": zipped(**{"a.txt": PLAIN, "b.html": PAGES[7].html, "c.eml": MAIL}),
    "g2": G2.format(status="usable", content=XHTML).encode(),
    "wxr": WXR.format(items=post(1, PLAIN) + post(2, PLAIN, "draft")).encode(),
    "nexis": "\n".join(NEXIS).encode(),
    "lexis": LEXIS.encode(),
    "proquest": PROQUEST.encode(),
    "factiva": FACTIVA.encode(),
}
_FORMATS = {
    **dict.fromkeys(("nitf", "atom", "g2", "wxr"), "xml"),
    **dict.fromkeys(("nexis", "lexis", "proquest", "factiva"), "text"),
}
_SPICE = [
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b">", b"&", b"&#x110000;", b"]]>", b"<![CDATA["),
    *(b"{", b"[", b'"', b"\\u0000", b"\xed\xa0\x80", b"%PDF", b"PK\x03\x04", b"<!--", b"---\n"),
    *(b"<style>", b"<template>", b"-99999999999", b"1e999", b"obj <<", b"endstream"),
    b"\xe2\x80\xae",
]


def bombs() -> Iterator[tuple[str, str, bytes]]:
    """Yield (name, format, bytes) of files made to take up all memory or time."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    entities = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    body = "<nitf><body><body.content><p>&l9;</p></body.content></body></nitf>"
    yield "billion laughs in NITF", "xml", (entities + body).encode()
    item = "<item><title>&l9;</title><description>&l9;</description></item>"
    yield "billion laughs in RSS", "xml", f"{entities}<rss><channel>{item}</channel></rss>".encode()
    outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    yield "a file of the machine", "xml", (outside + body.replace("l9", "f")).encode()
    long = f'<!DOCTYPE x [<!ENTITY l9 "{"a" * 100_000}">]>'
    many = body.replace("&l9;", "&l9;" * 20_000)
    yield "a long entity many times", "xml", (long + many).encode()
    yield "zip bomb", "docx", docx("", bomb=b"\0" * 250_000_000)
    yield "many parts", "docx", _parts(6_000)
    yield "zip bomb", "epub", docx("", bomb=b"\0" * 250_000_000)
    yield "deep page of a book", "epub", epub("<div>" * 100_000 + PLAIN)
    yield "deep document", "docx", docx("<w:p><w:r>" * 5_000 + "</w:r></w:p>" * 5_000)
    yield "deep page", "html", b"<div>" * 100_000 + PLAIN.encode()
    yield "wide page", "html", b"<p>x</p>" * 200_000
    yield "many rules", "html", b"<style>" + b".a .b .c{color:red}" * 30_000 + b"</style><p>x"
    yield "one rule, many braces", "html", b"<style>" + b"{" * 300_000 + b"</style><p>x"
    yield "long attribute", "html", b"<p style='" + b"a:b;" * 1_000_000 + b"'>" + PLAIN.encode()
    yield "one giant line", "text", b"word " * 3_000_000
    yield "no spaces", "text", b"a" * 4_900_000
    yield "accents on accents", "text", ("a" + "\u0301" * 1_000_000).encode()
    yield "deep JSON", "list", b"[" * 1_000_000
    yield "giant number", "list", b'[{"text": ' + b"9" * 1_000_000 + b"}]"
    yield "gzip bomb", "lines", gzip.compress(b" " * 120_000_000, 1)
    yield "giant field", "table", b"text\n" + b"a" * 18_000_000
    yield "aliases in YAML", "markdown", _aliases()
    yield "many brackets", "markdown", b"[" * 200_000 + b"](" * 100_000
    yield "many stars", "markdown", b"*a **b " * 60_000
    yield "stream that swells", "pdf", _swelling()
    yield "archives in archives", "zip", _nested(4, 6)
    yield "deep document", "odt", odt("<text:p>" * 5_000)
    yield "deep groups", "rtf", b"{\\rtf1 " + b"{" * 500_000 + b"x" + b"}" * 500_000
    yield "many hidden", "rtf", b"{\\rtf1 " + b"\\v " * 500_000 + b"x}"
    yield "many parts", "mail", _multipart(20_000)
    yield "a mailbox without end", "mbox", b"From a 2024\n\n" * 20_000
    yield "many documents", "text", b"Body\nEnd of Document\n" * 20_000
    yield (
        "pages that go in a circle",
        "pdf",
        pdf(lines("x"), more={2: b"<< /Type /Pages /Kids [2 0 R 2 0 R 4 0 R] /Count 99999999 >>"}),
    )
    yield "page that is its own font", "pdf", pdf(lines("x"), more={3: b"3 0 R"})
    yield "forms inside forms", "pdf", _forms()


def _multipart(depth: int) -> bytes:
    heads = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return b"From: a@b.example\n" + heads + b"\nIt rained."


def _nested(depth: int, width: int) -> bytes:
    """Return archives in archives, each of so many of the next."""
    data = zipped(**{"a.txt": "It rained. " * 200_000})
    for _ in range(depth):
        data = zipped(**{f"{n}.zip": data for n in range(width)})
    return data


def _parts(count: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(count):
            archive.writestr(str(n), b"")
    return packed.getvalue()


def _aliases() -> bytes:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12)]
    front = "\n".join(["l0: &l0 [ha]", *levels, "authors: *l11"])
    return f"---\n{front}\n---\n\nIt rained.".encode()


def _swelling() -> bytes:
    packed = zlib.compress(b"BT /F1 9 Tf (a) Tj ET\n" * 3_000_000, 1)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed)
    return pdf("", more={5: stream})


def _forms() -> bytes:
    """Return a page that shows a form ten times, which shows another ten times, and so on."""
    more = {}
    for level in range(9):
        content = (b"/X Do " if level < 8 else b"BT /F1 9 Tf (a) Tj ET ") * 10
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] "
        head += b"/Resources << /Font << /F1 3 0 R >> "
        inner = b"/XObject << /X %d 0 R >> >> /Length %d >>" % (101 + level, len(content))
        more[100 + level] = head + inner + b"\nstream\n" + content + b"\nendstream"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R /Resources "
    return pdf("/X Do", more=more | {4: page + b"<< /XObject << /X 100 0 R >> >> >>"})


def mutated(rng: random.Random) -> tuple[str, str, bytes]:
    """Return (name, format, bytes) of a good file that was damaged in up to six places."""
    name = rng.choice(sorted(SEEDS))
    data = bytearray(SEEDS[name])
    if rng.random() < 0.1:
        data = bytearray(data.decode("latin-1").encode(rng.choice(["utf-16", "utf-32", "utf-7"])))
    for _ in range(rng.randint(1, 6)):
        _damage(data, rng)
    return name, _FORMATS.get(name, name), bytes(data)


def _damage(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    to = min(len(data), at + rng.choice([1, 2, 10, 100, 1000]))
    match rng.randrange(7):
        case 0:
            del data[at:to]
        case 1:
            data[at:at] = rng.randbytes(rng.choice([1, 4, 40]))
        case 2:
            data[at:at] = data[at:to] * rng.choice([1, 10, 200])
        case 3:
            data[at:at] = rng.choice(_SPICE) * rng.choice([1, 1, 3, 500])
        case 4:
            data[at : None if rng.random() < 0.3 else to] = b""
        case 5:
            data[at:to] = bytes(rng.randrange(256) for _ in data[at:to])
        case _:
            for place in range(at, to):
                data[place] ^= 1 << rng.randrange(8)


@dataclass
class Outcome:
    """What became of many files."""

    counts: Counter[str] = field(default_factory=Counter)
    """articles, links and errors."""
    seconds: list[float] = field(default_factory=list)
    """For each file."""
    faults: list[str] = field(default_factory=list)
    """Files that gave nothing, or an error that does not name them."""
    children: int = 0
    memory: float = 0.0
    """The most that a child held, in MB."""

    def quantile(self, part: float) -> float:
        """Return the seconds within which this part of the files was read."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(part * len(self.seconds)))]


def attack(count: int, seed: int, limits: Limits) -> Outcome:
    """Read `count` damaged files, the bombs among them, in one reader."""
    rng = random.Random(seed)
    files = [*bombs()]
    files += [mutated(rng) for _ in range(count - len(files))]
    outcome = Outcome()
    with Reader(limits) as reader:
        for number, (name, kind, data) in enumerate(files):
            _one(reader, Given(origin=f"/{number} {name}", format=kind, data=data), outcome)
        (alive,) = reader.read(Given(origin="/last", format="text", data=PLAIN.encode()))
        if not isinstance(alive, Draft) or alive.text != PLAIN:
            outcome.faults.append(f"the reader is not alive: {alive}")
        outcome.children, outcome.memory = reader.started, reader.memory
    return outcome


def _one(reader: Reader, given: Given, outcome: Outcome) -> None:
    begun = time.perf_counter()
    results = list(reader.read(given))
    outcome.seconds.append(time.perf_counter() - begun)
    if not results:
        outcome.faults.append(f"{given.origin}: nothing came of it")
    for result in results:
        outcome.counts[type(result).__name__] += 1
        if isinstance(result, SourceError) and not str(result).startswith(given.origin):
            outcome.faults.append(f"{given.origin}: an error without its name: {result}")
        if not isinstance(result, Draft | Link | SourceError):
            outcome.faults.append(f"{given.origin}: {result!r}")


def main() -> int:
    """Print what became of the files."""
    given = [int(word) for word in sys.argv[1:3]]
    count, seed = (given + [500, 1][len(given) :])[:2]
    outcome = attack(count, seed, Limits())
    said = [
        f"{count} files, seed {seed}: {dict(outcome.counts)}",
        f"seconds: p50 {outcome.quantile(0.5):.3f}, p99 {outcome.quantile(0.99):.3f}",
        f"seconds of the slowest: {max(outcome.seconds):.1f}",
        f"memory: at most {outcome.memory:.0f} MB; {outcome.children} reading processes",
        f"{len(outcome.faults)} faults",
        *outcome.faults,
    ]
    sys.stdout.write("\n".join(said) + "\n")
    return int(bool(outcome.faults))


if __name__ == "__main__":
    sys.exit(main())
