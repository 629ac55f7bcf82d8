"""The archive's tables, as a numbered list of steps from one version to the next.

    article      one row for each article: its identity, its current revision, its state; its
                 address in the one spelling of `addresses`, what was stated of it by hand
    revision     every text that an article has had, with the metadata of that time
    passage      the pieces of the current revision, as offsets into its text
    embedding    one float32 vector for each passage, with the model's fingerprint, and the number
                 of `vectors` at which it was stored
    original     what a revision was read from, compressed
    band         MinHash bands, by which near copies are found
    fulltext     FTS5 over title, label (publisher and date), passage text, and marks: a word for
                 the month and one for the outlet, by which a filtered search skips the rest
    withdrawal   keys and addresses of what its sender withdrew, and which version of it
    words        in PostgreSQL in place of `fulltext`: how long each passage is, its words with
                 their places, and how often those stand there that count for more than one
    words_sum    how many passages that are, and how long together: the sum of all rows

    meta         counters: generation, vectors; and the model of the vectors

    mention      who and what each article names: people, organisations, places; see entities.py
    apart        mentions that a person told apart from others of the same name

    api_key      digests of the secrets by which programs use the HTTP doors, and whose they are

    person       who may sign in, in which role (see people.py)
    granted      which collections a person may read
    signed_in    digests of the secrets that browsers of signed-in people hold
    attempt      how often a name or an address failed to sign in

    conversation what people asked, question by question (see conversations.py), and who did
    exchange     one question with its answer as JSON, the filters set, what became of it
    quoted       which revision of which article an answer shows
    opinion      what a person thinks of an answer
    standing     what became of the words that an answer quotes, once articles changed

    clip         exact words of articles that people kept (see clips.py), and whose they are

    follow       feeds, sitemaps and folders that are read again and again (see follows.py)
    followed     each page that a feed names, or file of a folder: which version of it was read
    follow_run   what the last runs brought
    robots       what hosts let programs fetch

    watch        questions whose answer is asked for again (see watches.py), with the last answer
    watched      which revision of which article the last answer of a watch cites
    notice       that an answer changed: one for each watch or stored answer and generation
    noticed      whose words a notice shows
    delivery     a notice on its way to a mailbox or an address
    owner        the secret name of a person's feed of notices

The full-text index stores no text of its own: the view `passage_text` is its content.

A new table or column is a new step, the file in `tables` with the next number; a step that has
been released is never changed. What holds words of an article goes when the article is deleted:
such a table refers to `article (n)` with `ON DELETE CASCADE`, or its step adds a trigger
`AFTER DELETE ON article`.

A step is written once, in the SQL of SQLite, and `rag.archive.postgres` reads it as PostgreSQL's:
types, keys, triggers of one kind. Where that is not enough, a second file has it in PostgreSQL's.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple


class Step(NamedTuple):
    """A step that is not the same in both."""

    sqlite: str
    postgres: str


def _steps() -> Iterator[str | Step]:
    folder = files("rag.archive") / "tables"
    found = {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    for name in sorted(found):
        if not name.endswith(".postgres.sql"):
            postgres = found.get(name.replace(".sql", ".postgres.sql"))
            yield found[name] if postgres is None else Step(found[name], postgres)


MIGRATIONS: tuple[str | Step, ...] = tuple(_steps())
"""`MIGRATIONS[n]` is a script that makes version n + 1 of version n; 0 is an empty file."""
