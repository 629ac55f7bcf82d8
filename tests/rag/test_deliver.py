"""Notices by mail and to addresses: signed, tried again, never to a private address unasked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag.archive import watches as store
from rag.archive.archive import Archive
from rag.archive.notices import Difference, Notice, Quoted, Watch
from rag.archive.watches import Watches
from rag.errors import SettingsError, SourceError
from rag.settings import Settings
from rag.watching.deliver import TRIES, check_target, deliver, in_words

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
NOW = datetime(2024, 5, 1, tzinfo=UTC)


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Smtp(socketserver.StreamRequestHandler):
    """As much of a mail server as a client needs to hand over one mail."""

    def handle(self):
        say = lambda line: self.wfile.write(line + b"\r\n")  # noqa: E731
        say(b"220 here")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                say(b"354 go on")
                body = b""
                while (more := self.rfile.readline()) != b".\r\n":
                    body += more
                self.server.got.append(body)
                say(b"250 taken")
            elif word == b"QUIT":
                say(b"221 bye")
                return
            elif word == b"RCPT" and self.server.answers:
                say(self.server.answers.pop(0))
            else:
                say(b"250 ok")


@contextmanager
def serving(server) -> Iterator[str]:
    server.got, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def watches(tmp_path) -> Iterator[Watches]:
    Archive.create(tmp_path).close()
    with Watches.open(tmp_path) as opened:
        yield opened


def waiting(watches: Watches, channel: str, target: str, name: str = "n1") -> Notice:
    """Keep a watch and a notice of it that is to be sent."""
    watch = Watch(
        id="w1", question="How many?\nDied", channel=channel, target=target, secret=SECRET, made=NOW
    )
    if not watches.listed():
        watches.add(watch)
    quote = Quoted(article_id="a", quote="It killed 19.", publisher="Wire", published="2024-05-01")
    change = Difference(kind="value", old="12", new="19", now=(quote,))
    notice = Notice(
        id=name,
        watch="w1",
        generation=len(name),
        made=NOW,
        question=watch.question,
        changes=(change,),
    )
    with watches._writing() as db:
        store.keep(db, notice, watch)
    return notice


def test_a_request_carries_the_notice_and_a_signature_that_can_be_checked(watches):
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Hook)) as host:
        pass
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    with serving(server) as host:
        settings = Settings.model_validate({"watch": {"private": [host]}})
        waiting(watches, "webhook", f"http://{host}/hook")
        (done,) = deliver(watches, settings)
        assert done.state == "sent"
        headers, body = server.got[0]
    told = json.loads(body)
    assert told["data"]["changes"][0]["new"] == "19"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == "n1"
    assert list(deliver(watches, settings)) == []


def test_what_is_not_taken_is_tried_again_later_and_later_and_at_last_given_up(watches):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    with serving(server) as host:
        settings = Settings.model_validate({"watch": {"private": [host]}})
        waiting(watches, "webhook", f"http://{host}/hook")
        server.answers += [500, 302, 404, 429] + [500] * TRIES
        pauses, state = [], "waiting"
        while state == "waiting":
            (done,) = deliver(watches, settings)
            state = done.state
            pauses.append(round((done.due - datetime.now(UTC)).total_seconds() / 60))
            assert list(deliver(watches, settings)) == []
            with watches._writing() as db:
                db.execute("UPDATE delivery SET due = '2000-01-01T00:00:00.000000+00:00'")
    assert pauses[:4] == [1, 4, 16, 64]
    assert state == "given up"
    assert len(server.got) == TRIES
    assert {dict(h)["webhook-id"] for h, _ in server.got} == {"n1"}


def test_no_private_address_is_sent_anything_unless_it_is_allowed(watches):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    with serving(server) as host:
        waiting(watches, "webhook", f"http://{host}/hook")
        (done,) = deliver(watches, Settings())
        assert (done.state, server.got) == ("waiting", [])
        with pytest.raises(SourceError):
            check_target("webhook", f"http://{host}/hook", Settings())
    for target in ("http://10.0.0.1/x", "http://localhost/x", "ftp://a.example/", "http://[::1]/"):
        with pytest.raises(SourceError):
            check_target("webhook", target, Settings())
    check_target("webhook", "https://hooks.example/x", Settings())


def test_a_mail_has_a_subject_and_quotes_and_a_name_by_which_it_is_known_again(watches):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
    with serving(server) as host:
        mail = {"host": "127.0.0.1", "port": int(host.partition(":")[2]), "security": "none"}
        settings = Settings.model_validate({"mail": {**mail, "sender": "news@d.example"}})
        waiting(watches, "mail", "ada@d.example")
        (done,) = deliver(watches, settings)
        assert done.state == "sent", done.message
    mailed = message_from_bytes(server.got[0], policy=default)
    assert mailed["Subject"] == "Changed: How many? Died"
    assert (mailed["To"], mailed["Message-ID"]) == ("ada@d.example", "<n1@d.example>")
    assert "It killed 19." in mailed.get_content()
    assert "Before: 12" in mailed.get_content()


def test_a_mail_server_that_is_down_or_refuses_is_tried_again(watches):
    settings = Settings.model_validate(
        {"mail": {"host": "127.0.0.1", "port": 9, "security": "none", "sender": "n@d.example"}}
    )
    waiting(watches, "mail", "ada@d.example")
    (done,) = deliver(watches, settings)
    assert (done.state, done.tries) == ("waiting", 1)
    assert done.message
    assert done.due > datetime.now(UTC) + timedelta(seconds=30)


@pytest.mark.parametrize(
    "target", ["ada", "@d.example", "a@", "a b@d.example", "a@b,c@d", "a@b\nX"]
)
def test_what_is_no_mail_address_is_refused(target):
    mail = {"host": "mail.example", "sender": "n@d.example"}
    with pytest.raises(SettingsError):
        check_target("mail", target, Settings.model_validate({"mail": mail}))


def test_without_a_mail_server_no_mail_is_promised():
    with pytest.raises(SettingsError, match="DATELINE_MAIL__HOST"):
        check_target("mail", "ada@d.example", Settings())


def test_of_an_erased_article_nothing_is_told():
    notice = Notice(id="n", generation=1, made=NOW, question="How many?", changes=None)
    assert "deleted for good" in in_words(notice)
