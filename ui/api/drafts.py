"""A checked draft as JSON, as an HTML page and as a Word document: by sentence, with the quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ui.api.citing import Citer, Json
from ui.api.wording import named
from ui.markup import EMPTY, fragment, link, template, together, words

if TYPE_CHECKING:
    from rag.answer.draft import Checked
    from rag.types import Citation

SCHEMA = 1
SAID = {
    "supported": "supported",
    "one_source": "one source only",
    "changed_since": "changed since",
    "contradicted": "contradicted",
    "not_in_archive": "not in the archive",
    "no_claim": "no claim",
}
"""What each finding is called for people, the good ones first."""
_PAGE = template("check.html")


def draft_json(checked: Iterable[Checked], citer: Citer) -> Json:
    """Return what an archive makes of a draft as JSON."""
    sentences = [_sentence(one, citer) for one in checked]
    counts = Counter(one["finding"] for one in sentences)
    return {
        "schema": SCHEMA,
        "counts": {name: counts.get(name, 0) for name in SAID},
        "sentences": sentences,
    }


def _sentence(one: Checked, citer: Citer) -> Json:
    def cited(citations: Iterable[Citation], verdict: str) -> list[Json]:
        return [
            citer.record(c, citer.digest(c), statement=one.text, verdict=verdict, score=one.score)
            for c in citations
        ]

    return {
        "text": one.text,
        "start": one.span.start,
        "end": one.span.end,
        "finding": one.finding,
        "reasons": list(one.reasons),
        "sources": one.sources,
        "score": float(one.score),
        "support": cited(one.support, "supported"),
        "against": cited(one.against, "contradicted"),
    }


def finding(one: Json) -> str:
    """Say in words what was found of a sentence."""
    said = SAID[one["finding"]]
    return f"{said} by {one['sources']} independent sources" if one["sources"] > 1 else said


def draft_page(record: Json, title: str) -> str:
    """Return the JSON of a checked draft as one HTML page that needs nothing else."""
    counts = together(
        Markup("<tr><td>{}</td><td>{}</td></tr>").format(SAID[name], count)
        for name, count in record["counts"].items()
        if count
    )
    body = together(map(_section, record["sentences"]))
    return str(_PAGE.format(words(title), words(title), counts, body))


def _section(one: Json) -> Markup:
    reasons = "; ".join(one["reasons"])
    return Markup(
        '<section class="{}"><p dir="auto">{}</p><small>{}{}</small>{}{}</section>'
    ).format(
        one["finding"],
        words(one["text"]),
        finding(one),
        f": {words(reasons)}" if reasons else "",
        together(map(_quote, one["support"])),
        together(map(_quote, one["against"])),
    )


def _quote(cited: Json) -> Markup:
    address = fragment(cited["source_url"], cited["quote"])
    source = link(address, named(cited)) if address else EMPTY
    shown = source or Markup("{}").format(named(cited))
    mark = "✓" if cited["verdict"] == "supported" else "✗"
    return Markup('<blockquote dir="auto">{} “{}” <small>{}</small></blockquote>').format(
        mark, words(cited["quote"]), shown
    )


_COLOURS = {
    "supported": "3A7D44",
    "one_source": "6B7A1E",
    "changed_since": "B3261E",
    "contradicted": "B3261E",
    "not_in_archive": "96690A",
    "no_claim": "666666",
}


def draft_word(record: Json, title: str) -> bytes:
    """Return the JSON of a checked draft as a Word document."""
    from docx import Document  # takes a while to import
    from docx.shared import RGBColor

    made = Document()
    made.core_properties.author = "Dateline"
    made.core_properties.title = _plain(title)[:255]
    made.add_heading(_plain(title), 0)
    for name, count in record["counts"].items():
        if count:
            made.add_paragraph(f"{count} {SAID[name]}", style="List Bullet")
    for one in record["sentences"]:
        line = made.add_paragraph()
        label = line.add_run(f"{finding(one)}: ")
        label.bold = True
        label.font.color.rgb = RGBColor.from_string(_COLOURS[one["finding"]])
        line.add_run(_plain(one["text"]))
        if one["reasons"]:
            line.add_run(f" ({_plain('; '.join(one['reasons']))})").italic = True
        for cited in (*one["support"], *one["against"]):
            _word_quote(made.add_paragraph(style="Intense Quote"), cited)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _word_quote(line: Any, cited: Json) -> None:  # noqa: ANN401 - python-docx's paragraph
    said = "for it" if cited["verdict"] == "supported" else "against it"
    line.add_run(_plain(f"{said}: “{cited['quote']}” ")).italic = True
    address = fragment(cited["source_url"], cited["quote"])
    line.add_run(_plain(f"{named(cited)}{f' <{address}>' if address else ''}")).italic = False


def _plain(text: str) -> str:
    """Return text that XML can hold."""
    return "".join(c for c in words(text) if c >= " " or c in "\t\n")
