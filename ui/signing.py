"""The form by which people sign in: a page of its own, without a script."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from markupsafe import Markup

from ui.markup import template

PATH = "/sign-in"
OUT = "/sign-out"

# Elsewhere it is "no-referrer", with which a browser does not say where a form comes from.
_FORM = template("sign-in.html")

_OUT = template("sign-out.html")


def form(back: str, said: str = "", name: str = "") -> str:
    """Return the form.

    Args:
        back: Where to go then: an address of this server.
        said: What was wrong.
        name: What was typed as the name.
    """
    told = Markup('<p role="alert">{}</p>').format(said) if said else ""
    focus = Markup(" autofocus")
    action = f"{PATH}?next={quote(here(back), safe='')}"
    first, second = ("", focus) if name else (focus, "")
    return str(_FORM.format(action=action, said=told, name=name[:120], first=first, second=second))


def leaving(name: str) -> str:
    """Return the page that asks whether to sign out."""
    return str(_OUT.format(action=OUT, name=name))


def here(address: str) -> str:
    """Return an address of this server: what was given, if it is one, else the first page.

    A browser takes `//host`, and a backslash for a slash: neither may lead elsewhere.
    """
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return "/"
    if any(ord(c) < 32 or ord(c) == 127 for c in address) or len(address) > 2_000:
        return "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc or parts.path in (PATH, OUT) else address
