"""Exports of news databases -> drafts: many articles in one document, each with its own head.

    Nexis Uni   title, outlet, day, then `Body` and `End of Document`
    Lexis       `1 of 20 DOCUMENTS`, outlet and day in the middle of the line, labels in capitals
    Factiva     codes (HD, BY, PD, SN, TD), or the same without codes; ends with `Document ABC...`
    ProQuest    `Document 1 of 20`, then labels such as `Author:` and `Full text:`

All take the lines of a document, of whatever format it was. A part that cannot be read is an error
with its place, so that no article of an export is lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.errors import SourceError
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import decode, load
from rag.ingest.sources.people import is_role
from rag.ingest.sources.words import data
from rag.language.characters import one_line
from rag.language.dates import parse_moment, plausible
from rag.types import PRINTED, Moment

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DATE = r"[a-z]{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? [a-z]{3,9}\.?,? \d{4}|\d{4}-\d{2}-\d{2}"
_DAY = re.compile(
    rf"(?:{_WEEKDAY},? )?(?P<day>{_DATE})(?:,? {_WEEKDAY})?"
    r"(?:,? (?P<clock>\d{1,2}:\d{2}(?: ?[ap]\.?m\.?)?(?: [a-z]{2,4}\b)?))?(?P<rest>.{0,60})",
    re.IGNORECASE,
)
_PAGE = re.compile(r"(?:pg\.?|page|p\.) ?(?P<page>[a-z]{0,2}[-. ]?\d{1,4})", re.IGNORECASE)
_WORDS = re.compile(r"\d[\d,.]* (?:words|Wörter|mots|palabras)", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Entry:
    """What one part of an export says of its article."""

    title: str | None = None
    outlet: str | None = None
    published: Moment | None = None
    authors: str = ""
    section: str = ""
    page: str = ""
    language: str = ""
    url: str | None = None
    key: str | None = None
    text: list[str] = field(default_factory=list)
    """Its paragraphs."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of export."""

    name: str
    is_it: Callable[[Sequence[str]], bool]
    parts: Callable[[Sequence[str]], list[list[str]]]
    """Divides the lines of a document into those of its articles."""
    entry: Callable[[Sequence[str]], Entry | None]


def layout_of(lines: Sequence[str]) -> Layout | None:
    """Return the kind of export that these lines are, or None: an ordinary document."""
    stripped = [line.strip() for line in lines]
    return next((layout for layout in LAYOUTS if layout.is_it(stripped)), None)


def drafts(lines: Sequence[str], given: Given, layout: Layout) -> Iterator[Draft | SourceError]:
    """Yield the articles of an export."""
    parts = layout.parts(lines)
    for number, part in enumerate(parts, start=1):
        origin = f"{given.origin}:{number}"
        data = "\n".join(part).encode("utf-8", "surrogatepass")
        place = replace(given, origin=origin, format="database", data=data)
        entry = layout.entry(part)
        yield _draft(entry, layout, place) if entry else _unknown(layout, origin)


def read(given: Given) -> Draft:
    """Return the article of one part of an export, as `drafts` keeps it.

    Raises:
        SourceError: it is none.
    """
    lines = decode(load(given), given.origin).split("\n")
    layout = layout_of(lines)
    entry = layout.entry(lines) if layout else None
    if layout is None or entry is None:
        raise SourceError(f"{given.origin} is no part of an export of a news database")
    return _draft(entry, layout, given)


def _draft(entry: Entry, layout: Layout, given: Given) -> Draft:
    section = entry.section and f"in {entry.section}"
    page = entry.page and f"on page {entry.page}"
    where = ", ".join(filter(None, (section, page)))
    return Draft(
        origin=given.origin,
        text="\n\n".join(entry.text),
        key=entry.key,
        title=fields.words(entry.title),
        publisher=fields.words(entry.outlet, 200),
        authors=_people(entry.authors, entry.outlet),
        published=entry.published,
        url=fields.address(entry.url),
        language=fields.language(entry.language.split(";")[0]),
        date_source=f"{layout.name} export" if entry.published else None,
        notes=(f"{PRINTED}{where}.",) if where else (),
        original=given,
    )


def _unknown(layout: Layout, origin: str) -> SourceError:
    return SourceError(f"{origin}: no title and text found in this part of a {layout.name} export")


def _people(raw: str, outlet: str | None) -> tuple[str, ...]:
    """Return the names of a byline; `Ortiz, Lena; Vale, Tom` is turned round."""
    parts = [part.strip() for part in raw.split(";")]
    turned = [
        f"{found[2]} {found[1]}"
        if (found := _TURNED.fullmatch(part)) and not is_role(found[2])
        else part
        for part in parts
    ]
    return fields.people(turned, [outlet or ""]) or fields.people(turned)


_TURNED = re.compile(r"([^\W\d][\w'’-]+(?: [\w'’-]+)?), ((?:[^\W\d][\w'’.-]*)(?: [\w'’.-]+){0,2})")


def _moment(line: str) -> Moment | None:
    """Return the day, with its hour where that is stated, of a line that is nothing else."""
    found = _DAY.fullmatch(one_line(line))
    if not found or (found["rest"] and not re.match(r"[\s,;(-]", found["rest"])):
        return None
    day = found["day"].replace(". ", " ")
    exact = parse_moment(f"{day} {found['clock']}") if found["clock"] else None
    return plausible(exact or parse_moment(day))


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Join wrapped lines; a blank one, or one that is set in, begins a paragraph."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            paragraphs.append([])
        elif paragraphs[-1] and re.match(r"\s{2,8}\S", line):
            paragraphs.append([line.strip()])
        else:
            paragraphs[-1].append(line.strip())
    return [" ".join(paragraph) for paragraph in paragraphs if paragraph]


def _sectioned(entry: Entry, value: str) -> None:
    """Take section and page out of `NEWS; Pg. 3`."""
    found = _PAGE.search(value)
    entry.page = found["page"].strip() if found else entry.page
    entry.section = re.split(r";|\bpg\b", value, maxsplit=1, flags=re.IGNORECASE)[0].strip(" .,")
    if _PAGE.fullmatch(entry.section):
        entry.section = ""


# Nexis Uni

_NEXIS_END = "End of Document"
_NEXIS_HEAD = re.compile(
    r"(section|length|byline|dateline|highlight|anchors?|guests?|edition|url|correction-date"
    r"|copyright|series|column|distribution|notes?):? ?(.*)",
    re.IGNORECASE,
)
_NEXIS_TAIL = re.compile(r"(classification|load-date: .*|graphic|link to image|link to pdf)")


def _is_nexis(lines: Sequence[str]) -> bool:
    return _NEXIS_END in lines and "Body" in lines


def _nexis_parts(lines: Sequence[str]) -> list[list[str]]:
    """Return the lines of each article from its title on; what stands before is a cover list."""
    parts: list[list[str]] = [[]]
    for line in lines:
        parts[-1].append(line)
        if line.strip() == _NEXIS_END:
            parts.append([])
    return [_from_title(part) for part in parts if any(line.strip() for line in part[:-1])]


def _from_title(part: Sequence[str]) -> list[str]:
    kept = [line for line in part if line.strip()]
    stripped = [line.strip() for line in kept]
    body = stripped.index("Body") if "Body" in stripped else len(kept)
    day = next((n for n in reversed(range(body)) if _moment(stripped[n])), None)
    return kept[max(0, day - 2) :] if day is not None else kept


def _nexis(part: Sequence[str]) -> Entry | None:
    lines = [line.strip() for line in part if line.strip()]
    if "Body" not in lines:
        return None
    body = lines.index("Body")
    day = next((n for n in range(body) if _moment(lines[n])), None)
    entry = Entry(title=lines[0])
    if day is not None and day >= 2:
        entry.outlet, entry.published = lines[day - 1], _moment(lines[day])
    for line in lines[(day or 0) + 1 : body]:
        _nexis_head(entry, line)
    for line in lines[body + 1 :]:
        if line == _NEXIS_END or _NEXIS_TAIL.fullmatch(line.lower()):
            break
        entry.text.append(line)
    for line in lines[body + 1 + len(entry.text) :]:
        if line.lower().startswith("language:"):
            entry.language = line.partition(":")[2]
    return entry if entry.text else None


def _nexis_head(entry: Entry, line: str) -> None:
    found = _NEXIS_HEAD.fullmatch(line)
    name, value = (found[1].lower(), found[2]) if found else ("", "")
    if name == "byline":
        entry.authors = value
    elif name == "section":
        _sectioned(entry, value)
    elif name == "url":
        entry.url = value


# Lexis

_LEXIS_FIRST = re.compile(r"\d+ of \d+ documents?", re.IGNORECASE)
_LEXIS_LABEL = re.compile(r"([A-Z][A-Z -]{2,30}): ?(.*)")
_LABELS = data("databases")


def _is_lexis(lines: Sequence[str]) -> bool:
    return any(_LEXIS_FIRST.fullmatch(line) for line in lines) and any(
        line.startswith(("LENGTH:", "BYLINE:", "LOAD-DATE:")) for line in lines
    )


def _lexis_parts(lines: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = []
    for line in lines:
        if _LEXIS_FIRST.fullmatch(line.strip()):
            parts.append([])
        if parts:
            parts[-1].append(line)
    return parts


def _lexis(part: Sequence[str]) -> Entry | None:
    lines = list(part)
    day = next((n for n, line in enumerate(lines) if _moment(line)), None)
    if day is None:
        return None
    above = [one_line(line) for line in lines[:day] if line.strip()]
    above = [line for line in above if not _is_frame(line)]
    entry = Entry(published=_moment(lines[day]), outlet=above[-1] if above else None)
    rest = lines[day + 1 :]
    first = next((n for n, line in enumerate(rest) if _label(line) in _LABELS["lexis_head"]), 0)
    heads = [
        p for p in _paragraphs(rest[:first]) if not re.search(r"\bedition\b|\bgmt\b", p.lower())
    ]
    entry.title = " ".join(heads) or None
    _lexis_body(entry, rest[first:])
    return entry if entry.text else None


def _is_frame(line: str) -> bool:
    """Say whether a line only numbers a document or claims its rights."""
    return bool(_LEXIS_FIRST.fullmatch(line) or re.match(r"copyright|all rights", line.lower()))


def _label(line: str) -> str:
    found = _LEXIS_LABEL.match(line)
    return found[1] if found else ""


def _lexis_body(entry: Entry, lines: Sequence[str]) -> None:
    """Read the labels before the text, the text, and the labels after it."""
    body: list[str] = []
    label = ""
    ended = False
    for line in lines:
        name = _label(line)
        ended = ended or name in _LABELS["lexis_tail"] or (bool(body) and _is_frame(line.strip()))
        if name and ((name in _LABELS["lexis_head"] and not any(map(str.strip, body))) or ended):
            label, value = name, line.partition(":")[2].strip()
            _lexis_head(entry, label, value)
        elif label and line.strip() and not ended:
            _lexis_head(entry, label, line.strip())  # its value goes on
        elif not line.strip():
            label = ""
            body.append(line)
        elif not ended:
            body.append(line)
    entry.text = _paragraphs(body)


def _lexis_head(entry: Entry, label: str, value: str) -> None:
    if label == "BYLINE":
        entry.authors = f"{entry.authors} {value}".strip()
    elif label == "SECTION":
        _sectioned(entry, value)
    elif label == "HEADLINE":
        entry.title = f"{entry.title or ''} {value}".strip()
    elif label == "LANGUAGE":
        entry.language = value
    elif label == "URL":
        entry.url = value


# Factiva

_FACTIVA_END = re.compile(r"(?:AN\s+)?Document ([A-Za-z]{2,10}\d{6}[A-Za-z0-9]{5,20})")
_CODE = re.compile(
    r"(HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|LA|CY|LP|TD|CT|RF|CO|IN|NS|RE|IPC|IPD|PUB|AN|SE|CLM|ART|VOL)"
    r"(?:[ \t]{1,10}(\S.*))?"
)

_SECTION = 40
"""Characters of the name of a section."""


def _is_factiva(lines: Sequence[str]) -> bool:
    return any(_FACTIVA_END.fullmatch(line) for line in lines)


def _factiva_parts(lines: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        parts[-1].append(line)
        if _FACTIVA_END.fullmatch(line.strip()):
            parts.append([])
    # After the last article stands what was searched for.
    return [part for part in parts if part and _FACTIVA_END.fullmatch(part[-1].strip())]


def _factiva(part: Sequence[str]) -> Entry | None:
    coded = [found for line in part if (found := _CODE.fullmatch(line.strip()))]
    end = _FACTIVA_END.fullmatch(part[-1].strip()) if part else None
    entry = _coded(part) if any(found[1] == "HD" for found in coded) else _uncoded(part)
    if entry is not None and end:
        entry.key = end[1]
    return entry if entry and entry.text else None


def _coded(part: Sequence[str]) -> Entry:
    values: dict[str, list[str]] = {}
    code = ""
    for line in part:
        found = _CODE.fullmatch(line.strip())
        if found:
            code = found[1]
            values.setdefault(code, []).append(found[2] or "")
        elif code:
            values[code].append(line)
    told = {name: " ".join(filter(None, map(str.strip, lines))) for name, lines in values.items()}
    text = _paragraphs([*values.get("LP", []), "", *values.get("TD", [])])
    return Entry(
        title=told.get("HD"),
        outlet=told.get("SN"),
        published=_moment(f"{told.get('PD', '')} {told.get('ET', '')}".strip()),
        authors=told.get("BY", ""),
        section=told.get("SE", ""),
        page=told.get("PG", ""),
        language=told.get("LA", ""),
        text=text,
    )


def _uncoded(part: Sequence[str]) -> Entry | None:
    """Read the display format: title, byline, `500 words`, day, hour, outlet, code, page, ..."""
    lines = [line.strip() for line in part]
    count = next((n for n, line in enumerate(lines) if _WORDS.fullmatch(line)), None)
    if count is None:
        return None
    above = [line for line in lines[:count] if line]
    below = list(enumerate(lines[count + 1 : count + 14], start=count + 1))
    below = [(n, line) for n, line in below if line]
    if not above or not below or not _moment(below[0][1]):
        return None
    clock = re.fullmatch(r"\d{1,2}:\d{2}", below[1][1]) if len(below) > 1 else None
    outlet = below[2 if clock else 1 : 3 if clock else 2]
    # The head ends with who has the rights, else with the language.
    ends = [n for n, line in below if line.lower().startswith(("copyright", "©", "(c)"))]
    ends = ends or [n for n, line in below if fields.language_named(line)]
    last = ends[0] if ends else below[min(len(below), 4) - 1][0]
    told = [line for n, line in below if n < last]
    numbers = [line for line in told[2:] if re.fullmatch(r"[A-Z]{0,2}\d{1,3}", line)]
    end = max(n for n, line in enumerate(lines) if _FACTIVA_END.fullmatch(line))
    signed = len(above) > 1 and _is_byline(above[-1])
    heads = above[:-1] if signed else above
    # Sections stand above the title, which is wrapped only where it is long.
    first = next((n for n, line in enumerate(heads[:-1]) if len(line) > _SECTION), len(heads) - 1)
    return Entry(
        title=" ".join(heads[first:]),
        section=heads[first - 1] if first else "",
        authors=above[-1] if signed else "",
        published=_moment(f"{below[0][1]} {clock.group() if clock else ''}".strip()),
        outlet=outlet[0][1] if outlet else None,
        page=numbers[0] if numbers else "",
        language=next((line for line in told if fields.language_named(line)), ""),
        text=_paragraphs(part[last + 1 : end]),
    )


def _is_byline(line: str) -> bool:
    return line.lower().startswith("by ") or (
        len(line.split()) <= 4 and not re.search(r"[.!?]$", line)
    )


# ProQuest

_PROQUEST_FIRST = re.compile(r"Document \d+ of \d+")
_PROQUEST_LABEL = re.compile(
    r"(Author|Title|Full text|Abstract|Publication info|Publication title|Publication date"
    r"|Publication year|Pages|First page|Language of publication|Language|Links?|Subject|Section"
    r"|Place of publication|Country of publication|Publisher|ISSN|Source type|Document type"
    r"|ProQuest document ID|Document URL|Copyright|Last updated|Database|Location|Company"
    r"|Company / organization|People|Identifier / keyword|Dateline|Credit|Issue|Volume|Section name"
    r"|Publication subject|Word count|Classification): ?(.*)"
)


def _is_rule(line: str) -> bool:
    return re.fullmatch(r"_{10,}", line.strip()) is not None


def _is_proquest(lines: Sequence[str]) -> bool:
    told = {line.partition(":")[0] for line in lines}
    if any(_PROQUEST_FIRST.fullmatch(line) for line in lines):
        return not told.isdisjoint(
            ("Full text", "Publication info", "Publication title", "Abstract")
        )
    return "Full text" in told and "Publication title" in told and any(map(_is_rule, lines))


def _proquest_parts(lines: Sequence[str]) -> list[list[str]]:
    """Part an export where a document begins: by its number, else, as of late, by a rule."""
    numbered = any(_PROQUEST_FIRST.fullmatch(line.strip()) for line in lines)
    parts: list[list[str]] = []
    for line in lines:
        if _PROQUEST_FIRST.fullmatch(line.strip()) if numbered else _is_rule(line):
            parts.append([])
        if parts and not (numbered and _is_rule(line)):
            parts[-1].append(line)
    if not numbered:
        return [part for part in parts if any(line.startswith("Full text:") for line in part)]
    return parts


def _proquest(part: Sequence[str]) -> Entry | None:
    values: dict[str, list[str]] = {"": []}
    label = ""
    for line in part[1:]:
        found = _PROQUEST_LABEL.fullmatch(line.strip())
        if found:
            label = found[1]  # title and author stand above the text and once more below it
            again = label in values and label != "Full text"
            values[label] = [found[2]] if again else [*values.get(label, []), found[2]]
        else:
            values[label].append(line)
    told = {name: one_line(" ".join(lines)) for name, lines in values.items()}
    info = _INFO.fullmatch(told.get("Publication info", ""))
    text = _paragraphs(values.get("Full text") or [])
    day = _moment(told.get("Publication date", "")) or (_moment(info["day"]) if info else None)
    return (
        Entry(
            title=told.get("Title") or told[""] or None,
            outlet=told.get("Publication title", "").split(";")[0]
            or (info["outlet"] if info else None),
            published=day,
            authors=told.get("Author", ""),
            section=told.get("Section") or told.get("Section name") or "",
            page=told.get("Pages")
            or told.get("First page")
            or (info["page"] if info else "")
            or "",
            language=told.get("Language of publication") or told.get("Language") or "",
            url=told.get("Document URL"),
            key=told.get("ProQuest document ID") or None,
            text=text,
        )
        if text
        else None
    )


_INFO = re.compile(
    r"(?P<outlet>[^;.]+)(?:[;,][^.]*)?\. (?P<day>\d{1,2} [A-Z][a-z]{2,8} \d{4})"
    r"(?:: ?(?P<page>[\w.-]{1,12}?))?\.?"
)

LAYOUTS = (
    Layout("Nexis Uni", _is_nexis, _nexis_parts, _nexis),
    Layout("Lexis", _is_lexis, _lexis_parts, _lexis),
    Layout("ProQuest", _is_proquest, _proquest_parts, _proquest),
    Layout("Factiva", _is_factiva, _factiva_parts, _factiva),
)
