"""Fifty news pages in the layouts of as many outlets, all invented, each with what it should give.

A page is a head (how it states title, date and authors), a body (how it lays out the paragraphs)
and what sites put around an article. `PAGES` pairs them so that every head meets several bodies;
`score` reads a page and says, by field, whether it is right.

    python -m tests.rag.layouts     # right / total by field, and what was wrong
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product

from rag.ingest.clean import clean
from rag.ingest.sources.reading import Draft, Given, readings

OUTLET = "The Norwick Courier"
SUBJECTS = (
    ("ferry pier", "Harbour board", "Norwick", "Ada Lund"),
    ("river bridge", "County council", "Ostermouth", "Ian Pell"),
    ("school kitchen", "Education office", "Vellby", "Mina Roth"),
    ("water tower", "Utility company", "Karsten Falls", "Joe Adair"),
    ("night train", "Railway", "Lindau Cross", "Eva Storm"),
)
MONTHS = "January February March April May June July August September October November December"


@dataclass(frozen=True)
class Story:
    """What a page is about: the truth that is looked for."""

    number: int
    title: str
    authors: tuple[str, ...]
    published: datetime
    paragraphs: tuple[str, ...]

    @property
    def iso(self) -> str:
        return self.published.isoformat()

    @property
    def worded(self) -> str:
        day = self.published
        return f"{MONTHS.split()[day.month - 1]} {day.day}, {day.year}"


@dataclass(frozen=True)
class Page:
    """A page and the truth about it."""

    name: str
    html: str
    story: Story
    published: date | datetime
    authors: tuple[str, ...]


def story(number: int) -> Story:
    """Return an invented story; neighbouring numbers differ in subject, authors and day."""
    thing, body, town, person = SUBJECTS[number % len(SUBJECTS)]
    cost, hours, people = 3 + number, 2 + number % 7, 40 + 13 * number
    authors = (("Ann Lee",), ("Bo Ng", "Carla Diaz"), ("Desmond O’Hara",))[number % 3]
    month, day = 1 + number % 12, 1 + number % 28
    who = body.lower()
    text = f"""\
The {thing} in {town} opened again on Monday after {hours} years of work that cost {cost} million \
euros, the {who} said in a statement to reporters.
“We have waited for this day for a long time,” said {person}, who leads the project. “Nobody \
should have to drive {people} kilometres to get across the bay.”
About {people} people came to the ceremony, among them the mayors of three towns on the other \
side. A brass band played in the rain until late in the afternoon.
The {who} had planned to finish the work in 2021. Rust in the steel, a strike of the welders and \
the price of concrete held it up again and again.
Critics say that the money would have been better spent on buses. The {who} rejects that: \
{cost * 100} commuters a day use the {thing}, it says.
A second part of the work is to begin next spring. It will cost another {cost + 2} million euros, \
of which the state pays half."""
    return Story(
        number=number,
        title=f"{town} {thing} reopens after {hours} years and {cost} million euros",
        authors=authors,
        published=datetime.fromisoformat(f"2024-{month:02}-{day:02}T09:15:00+01:00"),
        paragraphs=tuple(text.splitlines()),
    )


# Heads: (markup for <head>, markup before the first paragraph)

Head = Callable[[Story], tuple[str, str]]


def _linked(told: Story, **more: object) -> dict[str, object]:
    people = [{"@type": "Person", "name": name} for name in told.authors]
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": told.title,
        "datePublished": told.iso,
        "author": people,
        "publisher": {"@type": "Organization", "name": OUTLET},
    } | more


def _script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def _by(told: Story) -> str:
    return " and ".join(told.authors)


def json_ld(told: Story) -> tuple[str, str]:
    return (
        f"<title>{told.title} | {OUTLET}</title>{_script(_linked(told))}",
        f"<h1>{told.title}</h1>",
    )


def graph(told: Story) -> tuple[str, str]:
    people = [{"@type": "Person", "@id": f"#p{n}", "name": p} for n, p in enumerate(told.authors)]
    article = _linked(told, author=[{"@id": f"#p{n}"} for n in range(len(people))])
    nodes = [{"@type": "WebPage", "datePublished": "2019-01-01", "name": "x"}, article, *people]
    head = _script({"@context": "https://schema.org", "@graph": nodes})
    return (
        f"<title>{told.title}</title>{head}",
        f"<h1>{told.title}</h1><p class='byline'>{_by(told)}</p>",
    )


def open_graph(told: Story) -> tuple[str, str]:
    head = (
        f'<title>{told.title} - {OUTLET}</title><meta property="og:title" content="{told.title}">'
        f'<meta property="og:site_name" content="{OUTLET}"><meta property="article:published_time" '
        f'content="{told.iso}"><meta property="article:modified_time" content="2024-12-30T10:00Z">'
        + "".join(f'<meta name="author" content="{_by(told)}">')
    )
    return head, f"<header><h1>{told.title}</h1></header>"


def parsely(told: Story) -> tuple[str, str]:
    head = (
        f'<meta name="parsely-title" content="{told.title}"><meta name="parsely-pub-date" '
        f'content="{told.iso}"><meta name="parsely-author" content="{", ".join(told.authors)}">'
        f"<title>{OUTLET}: {told.title}</title>"
    )
    return head, f"<h1 class='hed'>{told.title}</h1>"


def dublin_core(told: Story) -> tuple[str, str]:
    head = (
        f'<meta name="DC.title" content="{told.title}"><meta name="DC.date.issued" '
        f'content="{told.iso}"><meta name="DC.creator" content="{"; ".join(told.authors)}">'
    )
    return head, f"<h1>{told.title}</h1>"


def microdata(told: Story) -> tuple[str, str]:
    people = "".join(
        f'<span itemprop="author" itemscope><span itemprop="name">{p}</span></span> '
        for p in told.authors
    )
    return f"<title>{told.title}</title>", (
        f'<h1 itemprop="headline">{told.title}</h1><div class="meta">{people}<time '
        f'itemprop="datePublished" datetime="{told.iso}">{told.worded}</time></div>'
    )


def time_tag(told: Story) -> tuple[str, str]:
    return f"<title>{told.title} | {OUTLET}</title>", (
        f"<h1>{told.title}</h1><div class='byline'>By {_by(told)}</div>"
        f"<time datetime='{told.iso}'>{told.worded}</time>"
    )


def rel_author(told: Story) -> tuple[str, str]:
    links = " and ".join(f'<a rel="author" href="/x">{p}</a>' for p in told.authors)
    name = f"<meta property='og:site_name' content='{OUTLET}'>"
    return (
        f"<title>{told.title} – {OUTLET}</title>{name}",
        (
            f"<h1>{told.title}</h1><p class='info'>By {links} <time pubdate datetime='{told.iso}'>"
            f"{told.worded}</time></p>"
        ),
    )


def worded(told: Story) -> tuple[str, str]:
    return f"<title>{told.title}</title>", (
        f"<h1>{told.title}</h1><p class='author'>By {_by(told)}</p>"
        f"<p class='date'>Published {told.worded}</p>"
    )


def amp(told: Story) -> tuple[str, str]:
    boilerplate = "<style amp-boilerplate>body{-webkit-animation:-amp-start 8s}</style>"
    head = f"{boilerplate}<link rel='canonical' href='https://courier.example/{told.number}'>"
    return f"<title>{told.title}</title>{head}{_script([_linked(told)])}", f"<h1>{told.title}</h1>"


HEADS: tuple[Head, ...] = (
    *(json_ld, graph, open_graph, parsely, dublin_core),
    *(microdata, time_tag, rel_author, worded, amp),
)
DAY_ONLY = {worded}
"""Heads that state the day and no time."""

# Bodies: the paragraphs, and what stands between and around them

Body = Callable[[Story], str]
FURNITURE = (
    "Sign up for our morning newsletter to get the news in your inbox every day.",
    "Fishermen protest against new quotas in the capital",
    "We use cookies to improve your experience and to show advertisements.",
    "Great article, I was there with my children and it was very wet indeed.",
    "A view of the site from the air, photographed in June.",
    "Five recipes for a rainy weekend",
    "© 2024 The Norwick Courier. All rights reserved.",
    "Follow us on Facebook and Twitter",
)
NEWS, RELATED, COOKIES, COMMENT, CAPTION, TEASER, RIGHTS, FOLLOW = FURNITURE


def _ps(told: Story, tag: str = "p") -> list[str]:
    return [f"<{tag}>{paragraph}</{tag}>" for paragraph in told.paragraphs]


def plain(told: Story) -> str:
    return "".join(_ps(told))


def divisions(told: Story) -> str:
    return '<div class="story-body"><div class="text">' + "\n".join(_ps(told)) + "</div></div>"


def related(told: Story) -> str:
    link = f'<a href="/q">{RELATED}</a>'
    box = f'<div class="related-box"><h3>Related</h3><ul><li>{link}</li></ul></div>'
    parts = _ps(told)
    more = f"<p><b>Read more:</b> {link}</p>"
    return "".join([*parts[:2], box, *parts[2:4], more, *parts[4:]])


def newsletter(told: Story) -> str:
    parts = _ps(told)
    form = "<form><input><button>Sign up</button></form>"
    box = f'<aside class="newsletter"><p>{NEWS}</p>{form}</aside>'
    return "".join([*parts[:3], box, *parts[3:], f"<p><em>{NEWS}</em></p>"])


def figures(told: Story) -> str:
    parts = _ps(told)
    figure = f'<figure><img src="a.jpg" alt="x"><figcaption>{CAPTION}</figcaption></figure>'
    return "".join([figure, *parts[:4], figure, *parts[4:]])


def comments(told: Story) -> str:
    said = f'<div class="comment"><p class="comment-text">{COMMENT}</p></div>' * 3
    section = f'<section id="comments"><h2>Comments</h2>{said}</section>'
    return f"{plain(told)}</article>{section}<article>"


def banner(told: Story) -> str:
    asked = f"<p>{COOKIES}</p><button>Accept</button>"
    return f'{plain(told)}<div class="cookie-banner" role="dialog">{asked}</div>'


def wire(told: Story) -> str:
    first, *rest = told.paragraphs
    lines = "".join(f"<p>{p}</p>" for p in rest)
    return f"<p>NORWICK (AP) — {first}</p>{lines}<p>___</p><p>{FOLLOW}</p>"


def teasers(told: Story) -> str:
    day = '<time datetime="2025-02-02">today</time>'
    card = f'<div class="card"><a href="/z"><h4>{TEASER}</h4></a>{day}</div>' * 4
    return f'{plain(told)}</article><aside class="more">{card}</aside><article>'


def breaks(told: Story) -> str:
    return f'<div class="content">{"<br><br>".join(told.paragraphs)}</div>'


def live(told: Story) -> str:
    """Lay it out as a live blog, whose posts have times of their own."""
    posts = [
        f'<div class="post"><time datetime="2024-12-{9 - n:02}T10:0{n}:00Z">10.0{n}</time>{p}</div>'
        for n, p in enumerate(_ps(told))
    ]
    return f'<div class="live-posts">{"".join(posts)}</div>'


def sections(told: Story) -> str:
    return "".join(f'<section data-block="text"><div>{p}</div></section>' for p in _ps(told))


def quoted(told: Story) -> str:
    first, second, *rest = told.paragraphs
    lines = "".join(f"<p>{p}</p>" for p in rest)
    return f"<p>{first}</p><blockquote><p>{second}</p></blockquote><h2>What comes next</h2>{lines}"


BODIES: tuple[Body, ...] = (
    *(plain, divisions, related, newsletter, figures),
    *(comments, banner, wire, teasers, quoted),
    *(breaks, live, sections),
)


def page(number: int, head: Head, body: Body) -> Page:
    """Return a page of one layout."""
    told = story(number)
    inside_head, before = head(told)
    menu = "".join(
        f'<li><a href="/{w}">{w}</a></li>' for w in ("News", "Sport", "Culture", "Weather")
    )
    html = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'>{inside_head}</head><body>"
        f"<nav><ul>{menu}</ul></nav><main><article>{before}{body(told)}</article></main>"
        f"<footer><p>{RIGHTS}</p><p><a>Privacy policy</a> <a>Contact</a></p></footer></body></html>"
    )
    when = told.published.date() if head in DAY_ONLY else told.published
    name = f"{head.__name__}/{body.__name__}"
    return Page(name=name, html=html, story=told, published=when, authors=told.authors)


PAGES = tuple(
    page(number, head, body)
    for number, (head, body) in enumerate(
        (head, BODIES[(h + 2 * step + step // 3) % len(BODIES)])
        for (h, head), step in product(enumerate(HEADS), range(5))
    )
)
FIELDS = ("title", "date", "author", "body")


def score(shown: Page) -> dict[str, str]:
    """Return, for each field that is wrong, what was found instead."""
    (draft,) = readings(Given(origin=shown.name, format="html", data=shown.html.encode()))
    if not isinstance(draft, Draft):
        return dict.fromkeys(FIELDS, str(draft))
    wrong: dict[str, str] = {}
    if draft.title != shown.story.title:
        wrong["title"] = repr(draft.title)
    if draft.published != shown.published:
        wrong["date"] = repr(draft.published)
    if draft.authors != shown.authors:
        wrong["author"] = repr(draft.authors)
    text = clean(draft.text)
    missing = [p for p in shown.story.paragraphs if p not in text]
    extra = [f for f in FURNITURE if f in text]
    if missing or extra:
        wrong["body"] = f"missing {missing}, too much {extra}"
    return wrong


def main() -> int:
    """Print how many pages are right, by field."""
    faults = {shown.name: score(shown) for shown in PAGES}
    for name, wrong in faults.items():
        for field, found in wrong.items():
            sys.stdout.write(f"wrong {field:6} {name}: {found}\n")
    for field in FIELDS:
        right = sum(field not in wrong for wrong in faults.values())
        sys.stdout.write(f"{field:6} {right} / {len(PAGES)}\n")
    return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main())
