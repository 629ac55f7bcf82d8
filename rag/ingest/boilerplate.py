"""Lines that news sites put around the reporting: which whole paragraphs say nothing.

Precision first. A pattern must match a whole paragraph, from its first character to its last, so
that no sentence of reporting is lost to a word that it shares with an advertisement. Corrections,
clarifications, captions and the names under quotes are reporting and stay.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from rag.language.sentences import split

LONGEST = 500
"""A paragraph longer than this is never boilerplate; this bounds the time of the patterns too."""

# One pattern a line, for the whole paragraph, in any case; a line that begins with "..." goes on
# the line above; {NAMES} stand for the fragments in _FRAGMENTS,
# to which boilerplate.toml adds the words of other languages.
_LINK = r"""
{label} ?(?:here|now|below)?[:>»…. ]*
{label}(?: on this| here)?:.{3,240}[^.]
(?:please )?(?:click|tap) (?:here|the link|on the link|through)\b.{0,140}
read (?:more|on|the (?:full|original|whole|rest)).{0,60}\b(?:here|at the link|below)\W*
(?:continue|keep) reading(?: (?:here|below|the main story|this article))?\W*
(?:more )?ap [\w’' ]{2,40}: https?://\S{1,200}(?: and https?://\S{1,200})?
{also} ?[:：>»]\W{0,3}.{3,240}[^.]
{also}\W*
follow every (?:mlb |nfl |nba |nhl )?game: .{0,120}
(?:nfl|nba|nhl|mlb|wnba) stats central: .{0,120}
check your local forecast here.{0,10}
what['’]s the weather up to in your neck of the woods\? check .{0,60}
"""
_ADVERTISEMENT = r"""
(?:advertisements?|ad|ad feedback|skip ad(?:vertisement)?|(?:sponsored|promoted|paid) content)\W*
(?:the )?(?:story|article) continues (?:below|after)
...(?: (?:this |the )?(?:ad|advertisement|gallery|video|photo))?\W*
{advertisement}\W*
recommendations are independently chosen by .{0,440}
purchases (?:you make|made) through (?:our|the) links .{0,300}
we occasionally recommend interesting products .{0,440}
(?:gannett|usa today(?: network)?) may earn .{0,440}
.{0,60}is a usa today content partner offering .{0,300}
prices were accurate at the time this article was published.{0,60}
the product experts at reviewed have all your shopping needs.{0,300}
.{0,160}\b(?:play|try) the usa today (?:daily )?(?:crossword|sudoku|quick cross).{0,60}
"""
_SHARE = r"""
share(?: this| on| via)?(?: (?:article|story|post|page|link|{network}))?\W*
(?:{this} )?{share}(?: {this})?(?: \w{1,3} {network})?\W*
{network}(?:[\s|,/·•]{1,5}{network}){1,14}\W*
(?:follow|like|find|join) (?:us on|our) .{1,160}
(?:follow|find|join) .{2,60} on {network}\b.{0,80}
(?:tweet|pin it|copy link|share link|print this|print article|email this|save article)\W*
"""
_NEWSLETTER = r"""
(?:please )?{subscribe} (?:now |today |here )?(?:for|to|here|now|today)\b(?=.{0,240}(?:newsletter
...|inbox|updates|alerts|e-?mail|texts?\b|free|app\b|news\b|briefing|team|today|podcast)).{1,300}
(?:get|want|receive|have) .{1,120}(?:newsletter|inbox|alerts?|headlines)\b
...(?=.{0,200}(?:{subscribe}|join us)).{0,330}
you can (?:also )?(?:get|sign up|subscribe)\b.{1,120}(?:inbox|newsletter|sign up here).{0,120}
.{0,160}[:?.!] ?(?:please )?{subscribe}(?: here| now| today)?(?: (?:for|to) .{1,120}(?:newsletters?
...|alerts|here|inbox|today|now|briefing|everything politics|team)\b.{0,60}| here| now| today)\W*
(?-i:[A-Z0-9’' -]{5,60}): ?(?:get|follow|{subscribe})\b.{1,60}(?:newsletter|inbox|sign up).{0,120}
.{1,80}: ?get .{1,80} (?:in|to|into) your inbox\b.{0,60}
.{0,160}\b{subscribe} (?:for|to) (?:[\w’' ]{0,40})(?:newsletter|text message alerts)\b.{0,200}
(?:editor['’]s note: )?(?:a version of )?this (?:story|article|piece) (?:first |originally )?
...(?:appeared|is part|was published|is adapted) .{0,100}newsletter\b.{0,380}
.{0,120}\b{channel} (?:jetzt |hier )?(?:anmelden|abonnieren|bestellen)\W*
{invite}\b(?=.{0,120}\b{channel}\w{0,3}\b).{1,160}
unsubscribe\b.{0,120}
view (?:this (?:e-?mail|newsletter)|it|online)(?: in (?:your|a) (?:web )?browser)?\W*
if your day doesn['’]t start until .{0,300}
get ['\"“‘]?5 things['\"”’]? in your inbox.{0,330}
editor['’]s note: (?:[^.]{0,100}\. )?{subscribe} .{0,400}
to get updates .{1,80} sent to your inbox, sign up .{0,100}
(?:stay|never|don['’]t) .{1,80}: ?(?:{subscribe}|follow our) .{0,120}newsletter.{0,60}
"""
_SUBSCRIPTION = r"""
(?:{this}|{content}) .{2,60}\b{subscribers}\W*
thank you for supporting our journalism\b.{0,300}
support (?:local|quality|strong local|independent) journalism\b.{0,300}
(?:your subscription makes|already a subscriber|these articles are for usa today subscribers)
....{0,300}
this (?:content|article|story) is (?:only|exclusively) (?:available )?(?:for|to) subscribers.{0,200}
(?:please )?{enter}(?:,? (?:or|and) {enter})? to (?:read on|keep reading|continue\b|unlock
...|read (?:the|this) (?:full|whole|rest)|access this).{0,160}
(?:log in to (?:continue|read)|create (?:a|your) free account
...|you(?:['’]ve| have)(?: read)? \w+(?: of (?:your )?\w+)? free articles)\b.{0,200}
subscribe to the week escape your echo chamber.{0,450}
prep for the polls: see who is running.{0,160}
the short list is (?:free|a snappy).{0,300}
(?:stay connected and stay informed|do you want to stay informed)\b.{0,160}
"""
_COMMENTS = r"""
leave (?:a |your )?(?:reply|comment)(?: cancel reply)?\W*
(?:cancel reply|post comment|comments are closed|join the (?:conversation|discussion))\W*
(?:view|show|load|add|hide|see) (?:\d+ |all |more |a )?comments?\W*
(?:\d+ comments?|comments? ?(?:\(\d+\))?)\W*
(?:log ?in to (?:comment|reply)|you must be logged in to (?:post a )?(?:comment|reply))\W*
your e-?mail address will not be (?:published|shared).{0,80}
required fields are marked ?\*?\W*
(?:comment|name|e-?mail|website)(?: \*)?(?: (?:name|e-?mail|website)(?: \*)?){1,3}
(?:comment|name|e-?mail|website) \*
join (?:our|the) comment(?:ing|s)? (?:forum|section|community)\W*
join thought-provoking conversations\b.{0,160}
(?:start|be the first to start|have your say in) (?:the|a) (?:conversation|discussion)\W*
you must confirm your public display name before commenting.{0,20}
please log ?out and then log ?in again, you will then be prompted .{0,60}
save my name, e-?mail,? and website in this browser.{0,60}
(?:notify me of (?:follow-?up|new) |this site uses akismet).{0,160}
"""
_SITE = r"""
(?:content )?(?:©|\(c\)|copyright)\W{0,4}(?:copyright )?(?:\d{4}|.{1,60}\d{4}|.{0,80}rights
... reserved).{0,200}
.{0,80}\b(?:all rights reserved|{rights})\b.{0,200}
this (?:material|article|content) may not be (?:published|reproduced).{0,200}
(?:skip to (?:main )?content|back to top|loading|home|menu|close|play video|video player)\W*
(?:next|previous) (?:article|story|post)\W*
(?:view (?:gallery|slideshow|photos)|show (?:more|less|caption)|(?:hide|toggle) caption)\W*
(?:privacy policy|terms of (?:use|service)|cookie (?:policy|settings|preferences)|do not sell
...|accept (?:all )?cookies) ?(?:[|,/·•][^|,/·•.]{1,40}){0,8}\.?
we use cookies (?:to|and|on)\b.{0,300}
(?:this |the )?(?:external|embedded|third[- ]party) content (?:is )?(?:not available|blocked
...|cannot be (?:shown|loaded|displayed))\W*
(?:your )?(?:privacy|cookie|consent) settings (?:prevent|block|do not allow) .{1,200}
(?:please )?(?:change|adjust|update|review) your (?:privacy|cookie|consent) (?:settings|preferences)
...\b.{0,160}
we need your (?:consent|permission) (?:to|for|before) .{1,200}
(?:accept|allow|agree)(?: all| cookies)*(?: and|,| &) (?:show|load|view|continue)\b.{0,60}
(?:to (?:view|see|show|load) this (?:content|video|post|embed)\b|this content is (?:hosted|provided)
... by).{0,240}(?:cookies|consent|privacy|third part(?:y|ies))\b.{0,160}
(?:empfohlener (?:externer|redaktioneller) inhalt|externer inhalt|ein klick für den datenschutz
...|link zum youtube-inhalt|externen inhalt (?:laden|anzeigen))\W*
(?:zum|um) .{1,80} (?:benötigen|brauchen) wir (?:deine|ihre) (?:zustimmung|einwilligung)\W*
an dieser stelle (?:finden sie|befindet sich|steht) (?:ein(?:en)?) extern.{1,240}
.{1,60}\b{content}\b(?=.{0,160}cookies?\b).{1,200}
(?:thank you for visiting .{1,60}\. )?you are using a browser version with limited support.{0,200}
(?:tags|filed under|posted in|(?:published|posted) under): ?.{1,200}[^.]
a break from the news|podcasts?:?|replay more videos\b.{0,400}
hit play on the player above to hear the podcast.{0,300}
image (?:source|credit)s?(?:[,:] ?.{0,100})?
{person}(?:/{person}){0,3}/ ?{agency}(?: via {person})?
{agency}(?: via {person})?
{person} for cnn|adobe stock
our fact[- ]check work is supported in part by .{0,120}
environmental coverage on azcentral\.com .{0,60} is supported by a grant .{0,330}
"""
_CREDIT = r"""
contributing(?: writers?| reporters?)?: .{2,260}
[^.!?]{2,160} contributed (?:reporting )?to this (?:report|story|article)\W*
(?:from )?[\w ]{2,40} (?:staff|network|news services) and wire (?:reports|services)
from (?:staff|wire) (?:and wire )?reports
(?:the )?associated press|ap|reuters|afp|bloomberg|cnn(?: business)?|24/7 wall street|staff report
usa today(?: (?:sports|network|opinion|money|tech|life|travel))?
(?:special (?:to|for) usa today|opinion contributor|the republic \| azcentral\.com)
(?:cnn(?: business)?|\(?ap\)?|\(?reuters\)?|afp) ?[–—-]{1,2}
this (?:story|article|post)(?: and headline)? (?:has been|was|will be) updated(?:,? (?:as
...|with|to|and|add|include|a|an|additional|more|new|further|the latest|information
...|developments?|details|reporting|reactions?|background|comments?|video|photos?|becomes|available|context)){0,12}[.\])]*
this is a (?:developing|breaking) (?:news )?story(?:,? and (?:it )?will be updated)?
...(?:\. (?:please )?(?:check|come) back .{0,60})?[.\])]*
"""
_AUTHOR = r"""
(?:please )?(?:follow|contact|reach|email|e-mail|tweet|connect with)\b.{1,160}{handle}.{0,260}
(?:got|have|do you have) (?:a|any) (?:news )?(?:tips?|story|stories)\b.{1,160}{handle}.{0,160}
.{3,260}[.,;] ?(?:you can )?(?:reach|contact|follow|email|e-mail|find|tweet) (?:him|her|them
...|the (?:author|reporter|writer)|me)\b.{0,100}{handle}.{0,200}
[^.]{3,60} is on (?:twitter|x|threads|bluesky) at {handle}.{0,80}
{handle}
.{1,60} is a newsletter writer at usa today, sign up .{1,300}
"""

_FRAGMENTS = {
    "label": r"(?:(?:also )?read(?: more| also| next| this)?|more|see (?:more|also)|up next"
    r"|learn more|related(?: (?:story|stories|articles?|news|content|coverage|reading))?"
    r"|watch(?: now| live| more| next)?|recommended(?: reading| for you)?|don['’]t miss|must read"
    r"|in pictures|check out|trending(?: now)?|further reading|you (?:may|might) (?:also )?like"
    r"|gallery|photos|more (?:to read|stories|news)|(?:top|latest) (?:stories|news)"
    r"|most (?:read|popular)|listen(?: now)?|(?:just |exclusive )?for subscribers)",
    "network": r"(?:facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|telegram|email|print"
    r"|tumblr|messenger|flipboard|copy link)",
    "subscribe": r"(?:sign[- ]?up|subscribe)",
    "enter": r"(?:sign[- ]?up|subscribe|log ?in|sign in|register)",
    "person": r"(?-i:[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){0,3})",
    "agency": r"(?:(?:afp via )?getty images|reuters|afp|ap(?: photo)?|shutterstock|bloomberg|cnn)",
    "tail": r"(?:(?:read more(?: (?:here|now|below))?|click here(?: (?:to|for) [\w ’']{2,60})?"
    r"|see more|listen (?:here|now)|sign up(?: (?:here|now|today))?)[.!>»…]{0,3})",
    "handle": r"(?:@\w{1,40}|[\w.+'’-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})",
}
_ABROAD = tomllib.loads(
    files("rag.ingest").joinpath("boilerplate.toml").read_text(encoding="utf-8")
)
_FRAGMENTS |= {kind: f"(?:{'|'.join(words)})" for kind, words in _ABROAD.items()}
_MARKS = r"[^\w“‘\"'@#$€£]{0,8}"
"""Bullets, arrows and dashes that may stand before the words."""

_TAILS = r"""
{tail}
\({tail}\)\.?
\[{tail}\]
{person} for cnn
(?:{person}/ ?){0,4}(?:{agency}|adobe stock)
(?-i:CLICK HERE [A-Z0-9’' ]{2,80}|GET THE [A-Z ]{3,40} APP)[.!>»]{0,3}
"""
"""What hangs at the end of a paragraph, after its last sentence."""


def _alternatives(patterns: str) -> str:
    joined = "|".join(patterns.strip().replace("\n...", "").splitlines())
    for name, fragment in _FRAGMENTS.items():
        joined = joined.replace(f"{{{name}}}", fragment)
    return f"(?:{joined})"


def _compiled(patterns: str) -> re.Pattern[str]:
    return re.compile(_MARKS + _alternatives(patterns), re.IGNORECASE)


_TAIL = re.compile(rf"(?<=[.!?…”\"’)])\s{{1,4}}({_alternatives(_TAILS)})\Z", re.IGNORECASE)
_KINDS = {
    "link": _compiled(_LINK),
    "advertisement": _compiled(_ADVERTISEMENT),
    "share": _compiled(_SHARE),
    "newsletter": _compiled(_NEWSLETTER),
    "subscription": _compiled(_SUBSCRIPTION),
    "comments": _compiled(_COMMENTS),
    "site": _compiled(_SITE),
    "credit": _compiled(_CREDIT),
    "author": _compiled(_AUTHOR),
}
_WORD = re.compile(r"[^\W_]")


def kind_of(paragraph: str) -> str | None:
    """Name the kind of boilerplate that the whole paragraph is, or None when it is reporting."""
    if not _WORD.search(paragraph):
        return "rule"
    if len(paragraph) > LONGEST:
        return None
    return next((k for k, pattern in _KINDS.items() if pattern.fullmatch(paragraph)), None)


def without_tail(paragraph: str) -> str:
    """Return the paragraph without the "Read more" and "CLICK HERE ..." that hang at its end."""
    end = len(paragraph)
    while (tail := _TAIL.search(paragraph, max(0, end - 120), end)) is not None:
        near = max(0, end - 400)
        if near + split(paragraph[near:end])[-1].start != tail.start(1):
            break  # "Ohio Gov. Ann Lee/AP": no sentence ends there.
        end = tail.start()
    return paragraph[:end]
