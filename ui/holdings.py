"""The Archive tab as escaped HTML: the list, what came of adding files, how the archive is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup

from rag.archive.catalogue import Leaf, Tally
from rag.ingest.sources.reading import FORMATS
from rag.types import Coverage, Source
from ui.browse import Browse, bulk, order
from ui.intake import Job, Line
from ui.markup import EMPTY, byline, label, opener, plain_when, title, together, words

# Counts by month as inline SVG: no script, scales with the page, readable without seeing it.
WIDTH, HEIGHT = 640, 120
_BASE, _TOP = 96, 16
MOST_BARS = 60
"""With more months than this, years are counted."""

Counts = Sequence[tuple[date, int]]


def by_month(counts: Counts) -> Markup:
    """Return a figure of how many articles each month has; empty when none is dated."""
    if not counts:
        return EMPTY
    bars, unit = list(filled(counts)), "month"
    if len(bars) > MOST_BARS:
        bars, unit = years(counts), "year"
    total = sum(count for _, count in counts)
    top = max(count for _, count in bars)
    said = f"Articles by {unit}: {total:,} from {named(bars[0][0], unit)} to "
    said += f"{named(bars[-1][0], unit)}, at most {top:,} in one {unit}"
    return Markup(
        '<figure class="dl-plot"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        "<figcaption>Articles by {}</figcaption>{}</figure>"
    ).format(WIDTH, HEIGHT, said, _bars(bars, unit, top), _axis(bars), unit, _table(bars, unit))


def filled(counts: Counts) -> Iterator[tuple[date, int]]:
    """Yield every month from the first to the last, those without articles too."""
    known = dict(counts)
    month, last = counts[0][0], counts[-1][0]
    while month <= last:
        yield month, known.get(month, 0)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def years(counts: Counts) -> list[tuple[date, int]]:
    """Return the same by year, without gaps; of many centuries the last `MOST_BARS` years."""
    first = max(counts[0][0].year, counts[-1][0].year - MOST_BARS + 1)
    sums = dict.fromkeys(range(first, counts[-1][0].year + 1), 0)
    for month, count in counts:
        if month.year in sums:
            sums[month.year] += count
    return [(date(year, 1, 1), count) for year, count in sums.items()]


def named(day: date, unit: str) -> str:
    """Name a month or a year."""
    return f"{day:%B} {day.year}" if unit == "month" else str(day.year)


def _bars(bars: Counts, unit: str, top: int) -> Markup:
    step = WIDTH / len(bars)
    wide = max(2.0, min(step * 0.72, 42))
    parts = []
    for place, (day, count) in enumerate(bars):
        tall = (_BASE - _TOP) * count / top if count else 0
        x = place * step + (step - wide) / 2
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1.5">'
                "<title>{}: {:,}</title></rect>"
            ).format(x, _BASE - tall, wide, max(tall, 0.75), named(day, unit), count)
        )
    return together(parts)


def _axis(bars: Counts) -> Markup:
    """Label the years (or every few of them) below the bars, and the tallest bar above it."""
    step = WIDTH / len(bars)
    starts = [n for n, (day, _) in enumerate(bars) if n == 0 or day.month == 1]
    room = max(1, -(-len(starts) * 52 // WIDTH))
    labels = [
        Markup('<text x="{:.1f}" y="{}">{}</text>').format(
            n * step + 1, HEIGHT - 6, bars[n][0].year
        )
        for place, n in enumerate(starts)
        if place % room == 0 and (n == 0 or n * step > 40)
    ]
    top = max(range(len(bars)), key=lambda n: bars[n][1])
    middle = min(max((top + 0.5) * step, 16), WIDTH - 16)
    labels.append(
        Markup('<text class="dl-most" x="{:.1f}" y="11">{:,}</text>').format(middle, bars[top][1])
    )
    line = Markup('<line x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(_BASE + 0.5, WIDTH)
    return line + together(labels)


def _table(bars: Counts, unit: str) -> Markup:
    rows = (
        Markup("<tr><th scope=row>{}</th><td>{:,}</td></tr>").format(named(day, unit), count)
        for day, count in bars
        if count
    )
    return Markup(
        '<table class="dl-sr"><caption>Articles by {}</caption><thead><tr><th scope=col>{}</th>'
        "<th scope=col>Articles</th></tr></thead><tbody>{}</tbody></table>"
    ).format(unit, unit.capitalize(), together(rows))


LISTED = 25
"""Articles on one page of the list."""
SHOWN_LINES = 200
"""Most lines of a report that are shown."""

_PHASES = {
    "waiting": "Waiting for its turn",
    "reading": "Reading",
    "embedding": "Learning what the passages mean",
    "indexing": "Writing the index",
    "done": "Done",
    "failed": "Not finished",
}
_OUTCOMES = {
    "added": "added",
    "revised": "changed since last time",
    "unchanged": "already here",
    "duplicate": "same text as another",
    "refused": "not published",
    "withdrawn": "withdrawn, no longer quoted",
    "unread": "could not be read",
    "failed": "could not be read",
    "deleted": "deleted",
    "edited": "edited by hand",
}
_BAD = ("failed", "unread")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How an archive is: what it holds, whether its index agrees, how much room there is."""

    coverage: Coverage
    tally: Tally
    months: Counts
    index: str
    """What searches by meaning: `rag.archive.index.State`, or "" while it is not known."""
    size: int
    """Bytes on disk."""
    free: int
    """Bytes left there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list: what is looked at, and what was found of it."""

    leaf: Leaf
    browse: Browse = field(default_factory=Browse)
    meant: str = ""
    """What may have been meant, where nothing was found."""

    @property
    def text(self) -> str:
        """The words that were looked for."""
        return self.browse.chosen.text

    @property
    def number(self) -> int:
        """Which page it is, from 0."""
        return self.browse.number

    @property
    def last(self) -> int:
        """The number of the last page, from 0."""
        return max(0, (self.leaf.total - 1) // LISTED)


def listing(
    page: Page, *, writable: bool, above: Markup = EMPTY, collections: Sequence[str] = ()
) -> Markup:
    """Return one page of the list of articles, each with a box where something can be done.

    Args:
        page: What was found.
        writable: Whether articles may be changed.
        above: The facets.
        collections: The names of all.
    """
    if not page.leaf.sources:
        what = f"No article matches “{label(page.text)}”." if page.text.strip() else "No articles."
        meant = (
            Markup(
                ' Did you mean <button type="button" class="dl-quiet" data-find="{}" dir="auto">'
                "{}</button>?"
            ).format(words(page.meant), label(page.meant))
            if page.meant
            else EMPTY
        )
        return above + Markup('<p class="dl-note" role="status">{}{}</p>').format(what, meant)
    items = together(_item(s, writable=writable) for s in page.leaf.sources)
    shelf = Markup('<ul class="dl-shelf">{}</ul>').format(items)
    if writable:
        shelf = Markup('<form data-form="bulk">{}{}</form>').format(shelf, bulk(collections))
    counted = Markup('<div class="dl-counted"><p class="dl-count" role="status">{}</p>{}</div>')
    head = counted.format(_counted(page), order(page.browse))
    return above + head + shelf + _pager(page)


def _counted(page: Page) -> str:
    total = page.leaf.total
    articles = "1 article" if total == 1 else f"{total:,} articles"
    found = f"{articles} with “{label(page.text)}”" if page.text.strip() else articles
    if page.last == 0:
        return found
    first = page.number * LISTED + 1
    return f"{first:,} to {first + len(page.leaf.sources) - 1:,} of {found}"


def _item(s: Source, *, writable: bool) -> Markup:
    name = title(s)
    box = Markup(
        '<input type="checkbox" class="dl-tick" name="ids" value="{}" aria-label="Tick {}">'
    ).format(words(s.article_id), name)
    delete = Markup(
        '<button type="button" class="dl-delete" data-delete="{}" aria-label="Delete {}">'
        "Delete</button>"
    ).format(words(s.article_id), name)
    return Markup(
        '<li>{}<button type="button" class="dl-near" {}><span class="dl-from">{}</span>'
        '<span class="dl-title" dir="auto">{}</span></button>{}</li>'
    ).format(
        box if writable else EMPTY,
        opener(s.article_id, None),
        byline(s),
        name,
        delete if writable else EMPTY,
    )


def _pager(page: Page) -> Markup:
    if page.last == 0:
        return EMPTY
    return Markup(
        '<nav class="dl-pager" aria-label="Pages">{}<span>Page {:,} of {:,}</span>{}</nav>'
    ).format(
        _turn(page.number - 1, page.last, "‹ Previous"),
        page.number + 1,
        page.last + 1,
        _turn(page.number + 1, page.last, "Next ›"),
    )


def _turn(number: int, last: int, name: str) -> Markup:
    if not 0 <= number <= last:
        return Markup('<button type="button" disabled>{}</button>').format(name)
    return Markup('<button type="button" data-page="{}">{}</button>').format(number, name)


READS = (
    "PDF, Word, EPUB, web pages, mail, feeds, text, Markdown, JSON lines, exports of Nexis and "
    "Factiva, whole folders and ZIP files"
)
"""What can be added, in words."""


def adding(name: str = "dl-files", *, most: int) -> Markup:
    """Return where files are dropped or chosen; the page may have several, each with its name.

    Args:
        name: The id of its input.
        most: The bytes that one file may have.
    """
    endings = together((Markup("{}").format(e) for e in FORMATS), Markup(","))
    return Markup(
        '<div class="dl-add"><input type="file" class="dl-files" id="{}" multiple accept="{}">'
        '<label class="dl-drop" for="{}"><b>Drop files here, or choose them</b>'
        "<span>{}; up to {} MB each. They stay on this computer.</span></label>"
        '<p class="dl-whole"><label class="dl-quiet">Choose a whole folder'
        '<input type="file" class="dl-files dl-sr" webkitdirectory></label></p>'
        '<ul class="dl-sending" aria-live="polite"></ul></div>'
    ).format(name, endings, name, READS, most // 1_000_000)


def into(names: Sequence[str], chosen: str, *, free: bool) -> Markup:
    """Return where the collection that articles are added to is chosen; empty without a choice.

    Args:
        names: Of the collections that may be added to.
        chosen: The one that is.
        free: Whether it may be none.
    """
    if len(names) < (1 if free else 2):
        return EMPTY
    option = Markup('<option value="{}"{}>{}</option>')
    none = option.format("", "", "no collection" if free else "Choose one")
    options = together(
        option.format(words(name), Markup(" selected") if name == chosen else "", words(name))
        for name in names
    )
    return Markup(
        '<label class="dl-into"><span>Add to</span><select data-into{}>{}{}</select></label>'
    ).format("" if free else Markup(" required"), none, options)


def refusal(message: str) -> Markup:
    """Return why a job was not even begun."""
    return Markup('<p class="dl-note dl-error" role="alert">{}</p>').format(words(message))


def report(job: Job | None) -> Markup:
    """Return how far a job is, and what became of each file."""
    if job is None:
        return EMPTY
    error = (
        Markup('<p class="dl-note dl-error" role="alert">{}</p>').format(words(job.error))
        if job.error
        else EMPTY
    )
    return Markup(
        '<section class="dl-job" aria-label="{}" aria-busy="{}" data-number="{}">'
        '<p class="dl-job-head" role="status"><b>{}</b> {}</p>{}{}{}</section>'
    ).format(
        job.what,
        "true" if job.running else "false",
        job.number,
        job.what,
        _state(job),
        _bar(job),
        error + _advice(job),
        _lines(job.lines, sum(job.totals.values())),
    )


def _advice(job: Job) -> Markup:
    """Say what to do about files that could not be read."""
    bad = sum(count for outcome, count in job.totals.items() if outcome in _BAD)
    if job.running or not bad:
        return EMPTY
    return Markup('<p class="dl-hint">{}</p>').format(
        "What could not be read is listed first, with the reason. Open such a file in its own "
        "program, save it as PDF, Word, HTML or text, and add it again."
    )


def _state(job: Job) -> str:
    if job.phase == "done":
        counts = Counter[str]()
        for outcome, count in sorted(job.totals.items(), key=lambda one: one[0] in _BAD):
            counts[_OUTCOMES.get(outcome, outcome)] += count
        said = ", ".join(f"{n:,} {what}" for what, n in counts.items() if n)
        return f"Done: {said}." if said else "Done."
    left = f", about {job.eta:.0f} s left" if job.eta is not None and job.eta >= 1 else ""
    far = f" {job.done:,} of {job.total:,}" if job.total else ""
    return f"{_PHASES[job.phase]}{far}{left}"


def _bar(job: Job) -> Markup:
    if not job.running:
        return EMPTY
    if not job.total:
        return Markup('<progress class="dl-progress" aria-label="{}"></progress>').format(job.what)
    return Markup(
        '<progress class="dl-progress" max="{}" value="{}" aria-label="{}"></progress>'
    ).format(job.total, job.done, job.what)


def _lines(lines: Sequence[Line], total: int) -> Markup:
    if not lines:
        return EMPTY
    ordered = sorted(lines, key=lambda line: line.outcome not in _BAD)
    rows = together(_line(line) for line in ordered[:SHOWN_LINES])
    more = total - min(len(lines), SHOWN_LINES)
    rest = Markup('<p class="dl-count">and {:,} more</p>').format(more) if more > 0 else EMPTY
    return Markup(
        '<div class="dl-scroll dl-lines" tabindex="0" role="region" aria-label="What became of '
        'each file"><table><thead><tr><th scope="col">File</th><th scope="col">Outcome</th></tr>'
        "</thead><tbody>{}</tbody></table></div>{}"
    ).format(rows, rest)


def _line(line: Line) -> Markup:
    name = Markup('<bdi dir="auto">{}</bdi>').format(label(line.name, "unnamed"))
    if line.article_id:
        name = Markup('<button class="dl-open-file" {}>{}</button>').format(
            opener(line.article_id, None), name
        )
    said = label(line.reason).split("; there are .", 1)[0]  # not every ending there is
    reason = Markup('<span class="dl-why">{}</span>').format(said)
    return Markup('<tr class="dl-line-{}"><td>{}</td><td>{}{}</td></tr>').format(
        "bad" if line.outcome in _BAD else "good",
        name,
        _OUTCOMES.get(line.outcome, label(line.outcome)),
        reason if line.reason else EMPTY,
    )


def condition(c: Condition) -> Markup:
    """Return how the archive is: counts by month, index, room."""
    known = c.coverage
    dates = "no article has a date"
    if known.earliest and known.latest:
        dates = f"{plain_when(known.earliest)} to {plain_when(known.latest)}"
        dates += f"; {known.undated:,} without a date" if known.undated else ""
    facts = {
        "Published": dates,
        "Passages": f"{c.tally.passages:,}",
        "Search by meaning": _index(c),
        "Same text twice": f"{c.tally.copies:,}" if c.tally.copies else "",
        "Earlier versions kept": f"{c.tally.revisions:,}" if c.tally.revisions else "",
        **({"Size on disk": f"{_bytes(c.size)}; {_bytes(c.free)} free"} if c.size else {}),
    }
    rows = together(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, fact)
        for name, fact in facts.items()
        if fact
    )
    return Markup('{}<dl class="dl-facts">{}</dl>').format(by_month(c.months), rows)


def _index(c: Condition) -> str:
    missing = c.tally.passages - c.tally.embedded
    if missing > 0:
        return f"{missing:,} passages are not ready yet; they are found by their words"
    if c.index == "scan":
        return "index out of date: search is exact and slower; “Index again” mends it"
    return "ready" if c.index else "not looked at yet"


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.0f} {unit}" if unit in ("bytes", "kB") else f"{size:,.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
