"""Notices by mail and to addresses of the web, tried again until they are taken.

A notice waits in the archive until it was sent. A process that is killed between sending it and
writing that down sends it once more, so each carries a name by which the other side knows it again:
the `Message-ID` of a mail, the `webhook-id` of what is sent to an address.

What is sent to an address is signed as "Standard Webhooks" has it (standardwebhooks.com): HMAC with
SHA-256 over `id.timestamp.body`, in the header `webhook-signature`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from rag.archive.notices import Delivery, Notice, Quoted, changes_json
from rag.archive.people import on_behalf
from rag.archive.watches import Watches
from rag.errors import DatelineError, NotFound, SettingsError
from rag.ingest.sources.web import Web, refuse_private
from rag.settings import MailSettings, Settings

TRIES = 8
"""So often it is tried: over about a day and a half."""
_FIRST = 60
_SECONDS = 15.0
_HOUR = 3600


def check_target(channel: str, target: str, settings: Settings) -> None:
    """Raise unless a notice can be sent to a target.

    Raises:
        SettingsError: it is no mail address, or no mail server is set.
        SourceError: it is no address that may be reached.
    """
    if channel == "webhook":
        refuse_private(target, settings.watch.private)
    elif channel == "mail":
        name, at, host = target.partition("@")
        if not (name and at and host) or any(c.isspace() or c in ",;<>" for c in target):
            raise SettingsError(
                f"{target!r} is neither a mail address nor one that begins https://"
            )
        if not settings.mail.host or not settings.mail.sender:
            raise SettingsError("set DATELINE_MAIL__HOST and DATELINE_MAIL__SENDER to send mail")


def deliver(watches: Watches, settings: Settings) -> Iterator[Delivery]:
    """Send what is due, and yield what became of each."""
    now = datetime.now(UTC)
    for waiting in watches.to_send(now):
        try:
            notice = watches.notice(waiting.notice)
            with on_behalf(settings.archive, notice.owner):  # who may read less than before
                notice = watches.notice(waiting.notice)
            if waiting.channel == "mail":
                _mail(notice, waiting.target, settings.mail)
            else:
                secret = watches.watch(waiting.watch).secret
                _post(notice, waiting.target, secret, settings.watch.private)
        except NotFound:  # deleted meanwhile
            continue
        except (DatelineError, OSError, smtplib.SMTPException) as error:
            done = _again(waiting, str(error) or type(error).__name__)
        else:
            done = replace(waiting, state="sent", tries=waiting.tries + 1, message="")
        watches.sent(done)
        yield done


def _again(waiting: Delivery, message: str) -> Delivery:
    """Put off a delivery: each time for twice as long, up to half a day."""
    tries = waiting.tries + 1
    pause = timedelta(seconds=min(_FIRST * 4**waiting.tries, 12 * _HOUR))
    return replace(
        waiting,
        state="given up" if tries >= TRIES else "waiting",
        tries=tries,
        due=datetime.now(UTC) + pause,
        message=message,
    )


def payload(notice: Notice) -> dict[str, Any]:
    """Return a notice as what is sent, and what the API tells."""
    return {
        "id": notice.id,
        "watch": notice.watch,
        "answer": notice.exchange,
        "generation": notice.generation,
        "made": notice.made.isoformat(),
        "question": notice.question,
        "changes": None if notice.changes is None else changes_json(notice.changes),
    }


def signature(secret: str, name: str, timestamp: str, body: bytes) -> str:
    """Return the signature of what is sent to an address."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _post(notice: Notice, target: str, secret: str, private: tuple[str, ...]) -> None:
    body = json.dumps({"type": "answer.changed", "data": payload(notice)}).encode()
    timestamp = str(int(datetime.now(UTC).timestamp()))
    headers = [
        ("Content-Type", "application/json"),
        ("webhook-id", notice.id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signature(secret, notice.id, timestamp, body)),
    ]
    Web(private=private, seconds=_SECONDS).send(target, body, headers)


def _mail(notice: Notice, target: str, settings: MailSettings) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(f"Changed: {notice.question}".split())[:150]
    message["From"], message["To"] = settings.sender, target
    message["Date"] = formatdate(notice.made.timestamp())
    message["Message-ID"] = f"<{notice.id}@{settings.sender.rpartition('@')[2] or 'dateline'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(in_words(notice))
    context = ssl.create_default_context()
    if settings.security == "tls":
        with smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=_SECONDS, context=context
        ) as server:
            _send(server, message, settings)
        return
    with smtplib.SMTP(settings.host, settings.port, timeout=_SECONDS) as server:
        if settings.security == "starttls":
            server.starttls(context=context)
        _send(server, message, settings)


def _send(server: smtplib.SMTP, message: EmailMessage, settings: MailSettings) -> None:
    if settings.user:
        server.login(settings.user, settings.password)
    server.send_message(message)


_KINDS: Mapping[str, str] = {
    "outcome": "There is another outcome",
    "verdict": "Sources disagree now",
    "value": "There is another value",
    "source": "A source changed",
}


def in_words(notice: Notice) -> str:
    """Return a notice as plain text, with old and new quotes one below the other."""
    lines = [notice.question, ""]
    if notice.changes is None:
        lines.append("An article that this notice quoted was deleted for good.")
    for change in notice.changes or ():
        lines += [
            f"{_KINDS[change.kind]}.",
            *([f"Before: {change.old}"] if change.old else []),
            *(f"  {_quote(q)}" for q in change.was),
            f"Now: {change.new}",
            *(f"  {_quote(q)}" for q in change.now),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _quote(quoted: Quoted) -> str:
    label = ", ".join(filter(None, (quoted.publisher, (quoted.published or "")[:10], quoted.title)))
    return f"“{' '.join(quoted.quote.split())}” ({label})"
