"""What stands behind an answer, folded: what was removed, what is covered, how it was made."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from rag.types import Answer, Coverage
from ui.asked import means
from ui.cited import dropped
from ui.markup import EMPTY, label, plain_when, together
from ui.view import View


def behind(view: View) -> Markup:
    """Return the last part of a sheet; nothing before the answer is there."""
    done = view.answer
    if done is None:
        return EMPTY
    # An extractive answer leaves out true sentences that are beside the point: nothing to warn of.
    removed = EMPTY if done.model == "none" else dropped(done.dropped, view.id)
    return Markup('<div class="dl-behind">{}{}{}</div>').format(
        removed, coverage(done.coverage), made(done)
    )


def coverage(c: Coverage | None) -> Markup:
    """Return in one sentence what the archive holds."""
    return Markup('<p class="dl-coverage">{}</p>').format(covered(c)) if c else EMPTY


def covered(c: Coverage) -> str:
    """Say in one sentence what the archive holds."""
    count = "1 article" if c.articles == 1 else f"{c.articles:,} articles"
    span = ""
    if c.earliest and c.latest:
        span = f", published from {plain_when(c.earliest)} to {plain_when(c.latest)}"
    undated = f"; {c.undated:,} of them without a date" if c.undated else ""
    return f"The archive holds {count}{span}{undated}."


def made(done: Answer) -> Markup:
    """Return how an answer was made, folded away: model, judge, seconds, tokens."""
    t = done.timings
    moments = {
        "Evidence after": t.first_evidence,
        "First word after": t.first_token,
        "In all": t.total,
    }
    rows = {
        "Words by": "the articles themselves" if done.model == "none" else label(done.model),
        "Judged by": "rules alone" if done.judge == "rules" else label(done.judge),
        "Read by": label(", ".join(means(done))),
    }
    speed = {name: f"{took:.1f} s" for name, took in moments.items() if took is not None}
    if done.tokens.generated:
        speed["Tokens"] = f"{done.tokens.prompt} read, {done.tokens.generated} written"
    facts = _facts(rows, "") + _facts(speed, Markup(' class="dl-moment"'))  # not on paper
    return Markup(
        '<details class="dl-made"><summary>How this was made</summary><dl class="dl-facts">{}</dl>'
        "</details>"
    ).format(facts)


def _facts(rows: Mapping[str, str], kind: str) -> Markup:
    return together(
        Markup("<div{}><dt>{}</dt><dd>{}</dd></div>").format(kind, name, fact)
        for name, fact in rows.items()
        if fact
    )
