"""One article has one address, however it is spelt: http, https, www, m., AMP, tracking."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"(?:utm_|at_|mc_|hsa_|pk_|mtm_|piwik_|ga_|_hs|oly_|vero_|stm_).+"
    r"|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|li_fat_id|srsltid"
    r"|_ga|_gl|cmpid|cmp|icid|ocid|smid|smtyp|xtor|ns_campaign|ns_mchannel|ns_source|ns_linkname"
    r"|wt_mc|wt\.mc_id|spm|s_cid|sr_share|ref_src|ref_url|__twitter_impression|taid|cid_source"
    r"|partner|campaign_id|emc|ftag|soc_src|soc_trk|guccounter|guce_referrer(?:_sig)?",
    re.IGNORECASE,
)
"""Parts of a query that say where a reader came from, and not what is shown."""
_AMP_QUERY = re.compile(r"amp|amp_.*|usqp|outputtype", re.IGNORECASE)
_AMP_CACHE = re.compile(r"/(?:[a-z]/)?(?:s/)?([^/]+\.[^/]+)(/.*)?")
_INDEX = re.compile(r"/(?:index\.(?:html?|php|aspx?|jsp)|default\.aspx?)$", re.IGNORECASE)
"""The page that a server shows for its folder."""
_PORTS = {"http": ":80", "https": ":443"}


def tidied(url: str) -> str:
    """Return an address without what tracks its readers, and without a place inside the page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = urlencode(_kept(parts.query), quote_via=quote) if _tracks(parts.query) else parts.query
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, fragment))


def canonical(url: str) -> str:
    """Return the one spelling by which an address is compared with others.

    Example:
        >>> canonical("http://www.delta.example/amp/dam/?utm_source=mail#comments")
        'https://delta.example/dam'
    """
    try:
        parts = urlsplit(tidied(url.strip()))
    except ValueError:
        return url
    host = parts.netloc.lower().rpartition("@")[2].removesuffix(_PORTS.get(parts.scheme, ":80"))
    host, path = _from_cache(host, parts.path)
    host = re.sub(r"^(?:(?:www\d?|amp|m|mobile|mobil)\.)+(?=[^.]+\.)", "", host)
    query = [pair for pair in _kept(parts.query) if not _AMP_QUERY.fullmatch(pair[0])]
    path = _without_amp(quote(unquote(path), safe="/:@!$&'()*+,;=~"))
    path = path if query else _INDEX.sub("/", path)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    asked = f"?{urlencode(sorted(query))}" if query else ""
    return f"https://{host}{path.rstrip('/')}{asked}{fragment}"


def _kept(query: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]


def _tracks(query: str) -> bool:
    return any(_TRACKING.fullmatch(name) for name, _ in parse_qsl(query, keep_blank_values=True))


def _from_cache(host: str, path: str) -> tuple[str, str]:
    """Return host and path of the page that an AMP cache holds a copy of."""
    in_search = re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,6}", host) and path.startswith("/amp/")
    if not in_search and not host.endswith(".cdn.ampproject.org"):
        return host, path
    found = _AMP_CACHE.fullmatch(path.removeprefix("/amp") if in_search else path)
    return (found[1].lower(), found[2] or "") if found else (host, path)


def _without_amp(path: str) -> str:
    """Return the path of a page, given that of its AMP form."""
    path = re.sub(r"^/amp(?=/.)|/amp/?$", "", path)
    return re.sub(r"\.amp(\.html?)?$", lambda found: found[1] or "", path)
