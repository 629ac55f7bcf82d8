"""The form by which people sign in: a page of its own, without a script."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from markupsafe import Markup

PATH = "/sign-in"
OUT = "/sign-out"

# Elsewhere it is "no-referrer", with which a browser does not say where a form comes from.
_FORM = Markup("""<!doctype html><html lang="en"><meta charset="utf-8">
<title>Sign in - Dateline</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<style>:root{{color-scheme:light dark}}body{{font:18px/1.5 Georgia,serif;display:grid;
place-content:center;min-height:90vh;margin:0;padding:0 16px}}form{{display:grid;gap:12px;
width:min(20rem,calc(100vw - 32px))}}label{{display:grid;gap:4px}}input,button{{font:inherit;
padding:8px;min-height:44px;box-sizing:border-box;width:100%}}h1{{margin:0}}p{{margin:0}}
[role=alert]{{border-left:4px solid;padding-left:8px}}</style>
<main><form method="post" action="{action}"><h1>Dateline</h1>{said}
<label>Name <input name="name" autocomplete="username" autocapitalize="none" spellcheck="false"
required maxlength="120" value="{name}"{first}></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required
maxlength="1000"{second}></label>
<button>Sign in</button></form></main></html>""")

_OUT = Markup("""<!doctype html><html lang="en"><meta charset="utf-8">
<title>Sign out - Dateline</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<style>:root{{color-scheme:light dark}}body{{font:18px/1.5 Georgia,serif;display:grid;
place-content:center;min-height:90vh;margin:0}}button{{font:inherit;padding:8px 16px;
min-height:44px}}</style><main><form method="post" action="{action}"><h1>Dateline</h1>
<p>You are signed in as {name}.</p><p><button>Sign out</button> <a href="/">Back</a></p></form>
</main></html>""")


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
