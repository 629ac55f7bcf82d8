"""Mail (.eml, .mbox) and saved pages in mail's form (.mhtml) -> drafts, attachments -> files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr
from pathlib import PurePosixPath

from rag.errors import SourceError
from rag.ingest.sources import fields, markup
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import load
from rag.ingest.sources.formats import format_of
from rag.language.dates import plausible
from rag.types import Moment

MESSAGE_BYTES = 30_000_000
"""Largest message that is read, with its attachments."""
MESSAGES = 200_000
"""Most messages of a mailbox that are read."""
SHORT = 200
"""A plain part of fewer characters only says that there is one in HTML."""

_FROM = re.compile(rb"From \S+.*\d{4}\s*$")
_SUBJECT = re.compile(r"^(?:(?:fwd?|re|aw|wg|tr)\s*:\s*)+", re.IGNORECASE)


def messages(given: Given) -> Iterator[Given | SourceError]:
    """Yield the messages of a mailbox, each as a file of its own."""
    number = 0
    with given.open() as stream:
        kept: list[bytes] = []
        size = 0
        blank = True
        for line in stream:
            if blank and _FROM.match(line) and size:
                number += 1
                yield _message(given, kept, size, number)
                kept, size = [], 0
                if number >= MESSAGES:
                    yield SourceError(
                        f"{given.origin}: over {MESSAGES:,} messages; the rest is out"
                    )
                    return
            blank = not line.strip()
            size += len(line)
            if size <= MESSAGE_BYTES and not (not kept and _FROM.match(line)):
                kept.append(line[1:] if line.startswith(b">From ") else line)
        if size:
            yield _message(given, kept, size, number + 1)
    if not size and not number:
        yield SourceError(f"{given.origin}: there is no message in it")


def _message(given: Given, kept: list[bytes], size: int, number: int) -> Given | SourceError:
    origin = f"{given.origin}:{number}"
    if size > MESSAGE_BYTES:
        return SourceError(f"{origin}: a message of {size / 1e6:,.0f} MB is too large")
    return replace(given, origin=origin, format="mail", data=b"".join(kept))


def read(given: Given) -> Iterator[Draft | Given | SourceError]:
    """Yield the article of a message, then the files that are attached to it.

    Raises:
        SourceError: it is no message, or holds no text.
    """
    message = _parsed(given)
    text = _text(message)
    attached = list(_attached(message, given))
    if text:
        yield replace(_draft(message, text, given), original=given)
    elif not attached:
        raise SourceError(f"{given.origin}: there is no text in this message")
    yield from attached


def page(given: Given) -> Given:
    """Return the page of an MHTML file, with the address that it was saved from.

    Raises:
        SourceError: there is none in it.
    """
    message = _parsed(given)
    address = message["Snapshot-Content-Location"] or message["Content-Location"]
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            url = fields.address(str(address or part["Content-Location"] or "").strip())
            return replace(given, format="html", data=_bytes(part), url=given.url or url)
    raise SourceError(f"{given.origin}: there is no page in this file")


def _parsed(given: Given) -> EmailMessage:
    data = load(given)
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise SourceError(f"{given.origin} is no message: it has no headers")
    return message


def _bytes(part: Message) -> bytes:
    """Return the content of a part, in UTF-8 where it says in which encoding it is."""
    data = part.get_payload(decode=True)
    data = data if isinstance(data, bytes) else b""
    try:
        return data.decode(part.get_content_charset() or "").encode("utf-8", "replace")
    except (LookupError, UnicodeDecodeError, ValueError):
        return data


def _text(message: EmailMessage) -> str:
    plain = _part(message, "plain")
    if len(plain) >= SHORT:
        return plain
    rich = _part(message, "html")
    return max(plain, markup.plain(rich) if rich else "", key=len)


def _part(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
    except (AttributeError, KeyError, ValueError):  # a message that contradicts itself
        return ""
    data = _bytes(part) if part is not None else b""
    try:
        return data.decode("utf-8").replace("\r\n", "\n").strip()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace").replace("\r\n", "\n").strip()


def _draft(message: EmailMessage, text: str, given: Given) -> Draft:
    sent = _date(message)
    name, address = parseaddr(str(message["From"] or ""))
    link = message["Archived-At"] or message["List-Post"] or ""
    return Draft(
        origin=given.origin,
        text=text,
        key=str(message["Message-ID"] or "").strip()[:300] or None,
        title=fields.words(_SUBJECT.sub("", str(message["Subject"] or "").strip())),
        publisher=fields.words(name or address.rpartition("@")[2], 200),
        published=sent,
        url=fields.address(str(link).strip(" <>")) or given.url,
        date_source="mail Date" if sent else None,
    )


def _date(message: EmailMessage) -> Moment | None:
    try:
        return plausible(message["Date"].datetime)
    except (AttributeError, TypeError, ValueError, IndexError):
        return None


def _attached(message: EmailMessage, given: Given) -> Iterator[Given | SourceError]:
    """Yield what is attached; pictures inside the text are a part of it."""
    for part in message.walk():
        name = PurePosixPath(str(part.get_filename() or "").replace("\\", "/")).name
        if part.is_multipart() or not name or part.get_content_disposition() == "inline":
            continue
        origin = f"{given.origin}/{name}"
        kind = format_of(PurePosixPath(name))
        if kind is None:
            yield SourceError(f"{origin}: no reader for what is attached here")
        else:
            yield Given(origin=origin, format=kind, data=_bytes(part) or b" ")
