"""The client that fetches: nothing but the public network, however an address is dressed up."""

import gzip
import ipaddress
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from rag.errors import SourceError
from rag.ingest.sources.guard import is_public
from rag.ingest.sources.web import BYTES, Web, check
from tests.attack.sizes import figure

PUBLIC = "93.184.216.34"
"""Where the fake network has the one site that may be fetched."""

PRIVATE_V4 = [
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1"),
    *("10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.254"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.254", "192.0.2.1"),
    *("198.18.0.1", "198.19.255.254", "198.51.100.7", "203.0.113.9", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
]
PRIVATE_V6 = [
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1"),
    *("2001::1", "100::1", "fec0::1", "64:ff9b:1::1"),
]


def wrapped(address: str) -> list[str]:
    """Return the IPv6 addresses that lead to an IPv4 one."""
    number = int(ipaddress.IPv4Address(address))
    return [
        f"::ffff:{address}",
        str(ipaddress.IPv6Address((0x64FF9B << 96) | number)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)),
        str(ipaddress.IPv6Address(number)) if number > 1 else "::1",
    ]


def spelled(address: str) -> list[str]:
    """Return the ways in which programs in C read an IPv4 address."""
    a, b, c, d = map(int, address.split("."))
    number = int(ipaddress.IPv4Address(address))
    return [
        *(str(number), hex(number), f"0{number:o}", f"{a}.{(b << 16) | (c << 8) | d}"),
        *(f"{a}.{b}.{(c << 8) | d}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        *(f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"{a}.{b}.{c}.{d}.", f"{a:03}.{b:03}.{c:03}.{d:03}"),
    ]


DRESSED = [
    *("http://news.example@127.0.0.1/", "http://127.0.0.1@news.example/", "http://a:b@[::1]/"),
    *("http://news.example:80@127.0.0.1/", "http://news.example\\@127.0.0.1/"),
    *("http://127.0.0.1\\.news.example/", "http://news.example#@127.0.0.1/x", "http:/127.0.0.1/"),
    *("http://localhost/", "http://localhost.localdomain/", "http://LOCALHOST/", "//127.0.0.1/"),
    *("http://127.0.0.1:22/", "http://news.example:6379/", "https://news.example:80/"),
    *("ftp://news.example/", "file:///etc/passwd", "gopher://127.0.0.1/", "javascript:alert(1)"),
    *("http://[::1]:80/", "http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/"),
    *("http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://127.0.0.1%00.news.example/"),
    *("http://[fe80::1%25lo]/", "http://[::]/", "http://0/", "http://[::127.0.0.1]/"),
    *(
        "http:// 127.0.0.1/",
        "http://127.0.0.1\t/",
        "http://127.0.0.1\n/",
        "http://\u200b127.0.0.1/",
    ),
    *("http://news.example\r\nHost: 127.0.0.1/", "http://", "http:///x", "https://[/", "x" * 3000),
    *("http://news.example:99999/", "http://news.example:-1/", "http://127.1/", "http://0x7f.1/"),
]


Case = tuple[str, str, list[str]]
"""How, the address, and what its name resolves to."""


def named(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def cases() -> list[Case]:
    """Return addresses none of which may be fetched."""
    embedded = [w for a in PRIVATE_V4[:12] for w in wrapped(a)]
    every = PRIVATE_V4 + PRIVATE_V6 + embedded
    few = ("127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.0.1")
    site, news = "http://site.example", "http://news.example/"
    shown = [url for url in DRESSED[:20] if "//" in url and url.isprintable() and "#" not in url]
    return [
        *(("resolves to it", news, [a]) for a in every),
        *(("one of two addresses", news, [PUBLIC, a]) for a in PRIVATE_V4),
        *(("named", f"http://{named(a)}/", [a]) for a in every),
        *(("spelled", f"http://{way}/", [a]) for a in few for way in spelled(a)),
        *(("dressed up", url, ["127.0.0.1"]) for url in DRESSED),
        *(("redirect", f"{site}/to?http://{named(a)}/", [PUBLIC]) for a in every[:36]),
        *(("redirect dressed up", f"{site}/to?{url}", [PUBLIC]) for url in shown),
        *(("rebinding", f"{site}/again", [PUBLIC, "then", a]) for a in every[:36]),
    ]


class Site(BaseHTTPRequestHandler):
    """The public site, and the canary, which counts whoever comes."""

    def do_GET(self):
        self.server.hits.append(self.path)
        path, _, rest = self.path.partition("?")
        if path == "/to":
            self.answer(302, b"", ("Location", rest))
        elif path == "/again":
            self.answer(302, b"", ("Location", "http://site.example/final"))
        elif path in self.server.pages:
            self.answer(*self.server.pages[path])
        else:
            self.answer(200, b"<html>the page</html>", ("Content-Type", "text/html"))

    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def servers():
    """A site and a canary, both on this machine."""
    started = []
    for _ in range(2):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
        server.hits, server.pages = [], {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
    yield started
    for server in started:
        server.shutdown()
        server.server_close()


class Network(httpcore.NetworkBackend):
    """The public address leads to the site, every other one to the canary."""

    def __init__(self, site, canary):
        self.site, self.canary, self.real = site, canary, httpcore.SyncBackend()

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        server = self.site if host == PUBLIC else self.canary
        return self.real.connect_tcp("127.0.0.1", server.server_port, timeout)


def resolver(answers: list[str]):
    """Return a resolver; after "then" the name has another address."""
    states = [
        list(g) for other, g in itertools.groupby(answers, lambda a: a == "then") if not other
    ]
    asked = itertools.chain(states, itertools.repeat(states[-1]))
    return lambda host, port: next(asked)


CONTEXT = ssl.create_default_context()


@pytest.fixture
def fetch(servers):
    def fetched(url, answers=(PUBLIC,)):
        network = Network(*servers)
        return Web(resolver=resolver(list(answers)), network=network, context=CONTEXT).fetch(url)

    return fetched


def test_no_address_leads_off_the_public_network(servers, fetch):
    listed = cases()
    assert len(listed) >= 300
    _, canary = servers
    let_through = []
    for how, url, answers in listed:
        try:
            fetch(url, answers)
        except SourceError:
            continue
        let_through.append((how, url, answers))
    assert let_through == []
    assert canary.hits == []
    figure("addresses off the public network", tried=len(listed), let_through=0, canary_hits=0)


def test_the_canary_would_have_been_hit(servers, fetch, monkeypatch):
    monkeypatch.setattr("rag.ingest.sources.guard.is_public", lambda address: True)
    _, canary = servers
    fetch("http://news.example/", ["127.0.0.1"])
    assert canary.hits == ["/"]
    canary.hits.clear()


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address):
    assert is_public(address)


def test_a_page_is_fetched_and_says_where_it_came_from(fetch):
    given = fetch("http://site.example/story?x=1")
    assert (given.format, given.data) == ("html", b"<html>the page</html>")
    assert given.url == given.origin == "http://site.example/story?x=1"


def test_a_redirect_is_followed_and_its_end_is_the_address(fetch):
    assert fetch("http://site.example/again").url == "http://site.example/final"


def test_a_redirect_to_nowhere_is_an_error(fetch):
    with pytest.raises(SourceError, match="redirects to nowhere"):
        fetch("http://site.example/to")


def test_a_page_that_redirects_to_itself_is_given_up(servers, fetch):
    servers[0].pages["/self"] = (302, b"", ("Location", "/self"))
    with pytest.raises(SourceError, match="more than 5 times"):
        fetch("http://site.example/self")


def page(servers, body, *headers, status=200):
    servers[0].pages["/p"] = (status, body, *headers)
    return "http://site.example/p"


def test_a_compressed_page_is_unpacked(servers, fetch):
    url = page(servers, gzip.compress(b"<html>x</html>"), ("Content-Encoding", "gzip"))
    assert fetch(url).data == b"<html>x</html>"


def test_a_bomb_is_stopped_before_it_is_unpacked(servers, fetch):
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(bytes(10_000_000)) for _ in range(20)) + bomb.flush()
    assert len(packed) < BYTES / 100
    with pytest.raises(SourceError, match="longer than"):
        fetch(page(servers, packed, ("Content-Encoding", "gzip")))


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"", [], "nothing there"),
        (gzip.compress(b"<html>" * 500)[:-20], [("Content-Encoding", "gzip")], "breaks off"),
        (b"no gzip at all", [("Content-Encoding", "gzip")], "answers nonsense"),
        (b"x", [("Content-Encoding", "br")], "not asked for"),
        (b"\x89PNG", [("Content-Type", "image/png")], "no reader for what it is"),
    ],
)
def test_an_answer_that_is_no_article_is_refused_with_the_reason(
    servers, fetch, body, headers, reason
):
    with pytest.raises(SourceError, match=reason):
        fetch(page(servers, body, *headers))


def test_a_page_that_is_not_there_says_so(servers, fetch):
    with pytest.raises(SourceError, match="status 404"):
        fetch(page(servers, b"gone", status=404))


@pytest.mark.parametrize(
    ("kind", "path", "body", "found"),
    [
        ("application/pdf", "/x", b"%PDF-1.7", "pdf"),
        ("application/octet-stream", "/x.pdf", b"%PDF-1.7", "pdf"),
        ("text/html", "/feed", b"<?xml version='1.0'?><rss></rss>", "xml"),
        ("application/rss+xml; charset=utf-8", "/x", b"<rss></rss>", "xml"),
        ("application/feed+json", "/x", b"{}", "list"),
        ("", "/story", b"<!DOCTYPE html><p>x", "html"),
        ("text/plain", "/x", b"words", "text"),
    ],
)
def test_the_reader_is_chosen_by_what_comes(servers, fetch, kind, path, body, found):
    servers[0].pages[path] = (200, body, ("Content-Type", kind))
    assert fetch(f"http://site.example{path}").format == found


def test_a_server_that_drips_is_given_up(servers, fetch):
    listener = socket.create_server(("127.0.0.1", 0))
    slow = type("Slow", (), {"server_port": listener.getsockname()[1]})

    def drip():
        connection, _ = listener.accept()
        with connection:
            try:
                while True:
                    connection.sendall(b"H")
                    if stop.wait(0.05):
                        return
            except OSError:
                return

    stop = threading.Event()
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        web = Web(
            resolver=resolver([PUBLIC]), network=Network(slow, slow), context=CONTEXT, seconds=0.5
        )
        with pytest.raises(SourceError):
            web.fetch("http://site.example/")
    finally:
        stop.set()
        thread.join()
        listener.close()


def test_the_certificate_is_checked_against_the_name(tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "2"),
            *("-subj", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example"),
        ],
        check=True,
        capture_output=True,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.hits, server.pages = [], {}
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = ssl.create_default_context(cafile=str(certificate))
    try:
        network = Network(server, server)
        web = Web(resolver=lambda *_: [PUBLIC], network=network, context=context)
        assert web.fetch("https://site.example/").data == b"<html>the page</html>"
        with pytest.raises(SourceError, match="certificate"):
            web.fetch("https://other.example/")
    finally:
        server.shutdown()
        server.server_close()


def test_an_address_is_taken_apart_as_it_will_be_asked_for():
    target = check("https://Café.Example/ü?q=ö#part")
    assert (target.host, target.port, target.path) == (
        "xn--caf-dma.example",
        443,
        "/%C3%BC?q=%C3%B6",
    )


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("“Dam’s €12”".encode("cp1252"), "text/html; charset=ISO-8859-1", "“Dam’s €12”"),
        ("Плотина".encode("cp1251"), 'text/html;charset="windows-1251"', "Плотина"),
        ("Плотина".encode("koi8-r"), "text/plain; format=flowed; Charset=KOI8-R", "Плотина"),
        ("The dam".encode("utf-16-le"), "text/html; charset=utf-16", "The dam"),
        # What is UTF-8 stays that, whatever the server says of it, and nonsense is not followed.
        ("“Dam’s €12”".encode(), "text/html; charset=windows-1252", "“Dam’s €12”"),
        (b"Dam", "text/html; charset=nonsense", "Dam"),
    ],
)
def test_an_encoding_that_only_the_server_states_is_followed(servers, fetch, body, kind, text):
    from rag.ingest.sources.files import decode

    given = fetch(page(servers, body, ("Content-Type", kind)))
    assert decode(given.data, given.origin) == text
