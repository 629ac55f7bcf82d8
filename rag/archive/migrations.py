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

A new table or column is a new step at the end of `MIGRATIONS`; a step that has been released is
never changed. What holds words of an article goes when the article is deleted: such a table refers
to `article (n)` with `ON DELETE CASCADE`, or its step adds a trigger `AFTER DELETE ON article`.

A step is written once, in the SQL of SQLite, and `rag.archive.postgres` reads it as PostgreSQL's:
types, keys, triggers of one kind. Where that is not enough, a `Step` has both.
"""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """A step that is not the same in both."""

    sqlite: str
    postgres: str


_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES ('generation', 0);
INSERT INTO meta VALUES ('vectors', 0);
INSERT INTO meta VALUES ('fingerprint', '');

CREATE TABLE article (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    url TEXT,
    place TEXT,
    digest TEXT NOT NULL,
    day TEXT,
    publisher_key TEXT,
    label TEXT NOT NULL,
    cluster TEXT NOT NULL,
    copy_of TEXT REFERENCES article (id),
    splitter TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'ready', 'copy'))
);
CREATE INDEX article_url ON article (url);
CREATE INDEX article_place ON article (place);
CREATE INDEX article_digest ON article (digest);
CREATE INDEX article_day ON article (day);
CREATE INDEX article_cluster ON article (cluster);
CREATE INDEX article_copy_of ON article (copy_of) WHERE copy_of IS NOT NULL;

CREATE TABLE revision (
    article INTEGER NOT NULL REFERENCES article (n),
    digest TEXT NOT NULL,
    title TEXT,
    publisher TEXT,
    authors TEXT NOT NULL,
    published TEXT,
    updated TEXT,
    ingested TEXT NOT NULL,
    url TEXT,
    language TEXT,
    origin TEXT,
    date_source TEXT,
    sentences BLOB NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (article, digest)
);

CREATE TABLE passage (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL REFERENCES article (n),
    digest TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    FOREIGN KEY (article, digest) REFERENCES revision (article, digest)
);
CREATE INDEX passage_article ON passage (article);

CREATE TABLE embedding (
    passage INTEGER PRIMARY KEY REFERENCES passage (n) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    vector BLOB NOT NULL
);

CREATE TABLE band (
    value INTEGER NOT NULL,
    article INTEGER NOT NULL REFERENCES article (n),
    PRIMARY KEY (value, article)
) WITHOUT ROWID;
CREATE INDEX band_article ON band (article);

CREATE VIEW passage_text AS
SELECT p.n AS n, coalesce(r.title, '') AS title, a.label AS label,
       substr(r.text, p.start + 1, p.end - p.start) AS body
FROM passage AS p
JOIN article AS a ON a.n = p.article
JOIN revision AS r ON r.article = p.article AND r.digest = p.digest;

CREATE VIRTUAL TABLE fulltext USING fts5 (
    title, label, body,
    content = 'passage_text', content_rowid = 'n',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
"""

_CONVERSATIONS = """
CREATE TABLE conversation (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE exchange (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    asked TEXT NOT NULL,
    question TEXT NOT NULL,
    given TEXT,
    as_of TEXT,
    again TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'stopped', 'failed', 'erased')),
    message TEXT NOT NULL DEFAULT '',
    answer TEXT,
    words TEXT NOT NULL
);
CREATE INDEX exchange_conversation ON exchange (conversation);

CREATE TABLE quoted (
    exchange TEXT NOT NULL REFERENCES exchange (id) ON DELETE CASCADE,
    article TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (exchange, article)
) WITHOUT ROWID;
CREATE INDEX quoted_article ON quoted (article);

CREATE TABLE opinion (
    exchange TEXT PRIMARY KEY REFERENCES exchange (id) ON DELETE CASCADE,
    judgement TEXT NOT NULL CHECK (judgement IN ('right', 'wrong', 'wrong citation')),
    note TEXT NOT NULL,
    answer TEXT NOT NULL,
    made TEXT NOT NULL,
    updated TEXT NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER article_quoted AFTER DELETE ON article BEGIN
    UPDATE exchange SET answer = NULL, state = 'erased', words = lower(question)
    WHERE id IN (SELECT exchange FROM quoted WHERE article = OLD.id);
END;
"""

_ORIGINALS = """
ALTER TABLE revision ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';

CREATE TABLE original (
    article INTEGER NOT NULL REFERENCES article (n) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    format TEXT NOT NULL,
    url TEXT,
    mapping TEXT NOT NULL,
    size INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (article, digest)
);
"""

_MARKS = Step(
    sqlite="""
DROP TABLE fulltext;
DROP VIEW passage_text;

CREATE VIEW article_marks AS
SELECT n, coalesce(char(57344) || 'm' || substr(day, 1, 4) || substr(day, 6, 2), '')
          || coalesce(' ' || char(57344) || 'o' || hex(publisher_key), '') AS marks
FROM article;

CREATE VIEW passage_text AS
SELECT p.n AS n, coalesce(r.title, '') AS title, a.label AS label,
       substr(r.text, p.start + 1, p.end - p.start) AS body, m.marks AS marks
FROM passage AS p
JOIN article AS a ON a.n = p.article
JOIN article_marks AS m ON m.n = p.article
JOIN revision AS r ON r.article = p.article AND r.digest = p.digest;

CREATE VIRTUAL TABLE fulltext USING fts5 (
    title, label, body, marks,
    content = 'passage_text', content_rowid = 'n',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO fulltext (fulltext) VALUES ('rebuild');
""",
    postgres="""
CREATE VIEW article_marks AS
SELECT n, coalesce(chr(57344) || 'm' || substr(day, 1, 4) || substr(day, 6, 2), '')
          || ' ' || chr(57344) || 'o'
          || encode(convert_to(coalesce(publisher_key, ''), 'UTF8'), 'hex') AS marks
FROM article;

ALTER TABLE revision ADD COLUMN rowid BIGINT GENERATED BY DEFAULT AS IDENTITY;
DROP INDEX article_url;
DROP INDEX article_place;
CREATE INDEX article_url ON article USING hash (url);
CREATE INDEX article_place ON article USING hash (place);

CREATE TABLE words (
    passage BIGINT PRIMARY KEY REFERENCES passage (n) ON DELETE CASCADE,
    length INTEGER NOT NULL,
    often JSONB NOT NULL,
    vector TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE words ALTER COLUMN vector SET STORAGE EXTERNAL;
ALTER TABLE words ALTER COLUMN often SET STORAGE MAIN;
CREATE INDEX words_vector ON words USING gin (vector);

CREATE TABLE words_sum (passages BIGINT NOT NULL, length BIGINT NOT NULL);
""",
)

_STANDING = """
ALTER TABLE article ADD COLUMN withdrawn TEXT;

CREATE TABLE withdrawal (
    name TEXT PRIMARY KEY,
    moment TEXT,
    reason TEXT NOT NULL
) WITHOUT ROWID;
"""

_ADDRESSES = Step(
    sqlite="""
ALTER TABLE article ADD COLUMN edits TEXT;
UPDATE article SET url = canonical(url) WHERE url IS NOT NULL;
""",
    postgres="ALTER TABLE article ADD COLUMN edits TEXT;",
)

_ENTITIES = """
ALTER TABLE article ADD COLUMN named INTEGER;

CREATE TABLE mention (
    article INTEGER NOT NULL REFERENCES article (n) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'organisation', 'place')),
    key TEXT NOT NULL,
    form TEXT NOT NULL,
    name TEXT NOT NULL,
    times INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    PRIMARY KEY (article, kind, key, form)
);
CREATE INDEX mention_key ON mention (key);
CREATE INDEX mention_form ON mention (form);

CREATE TABLE apart (
    article INTEGER NOT NULL REFERENCES article (n) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    form TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (article, kind, key, form)
);
"""

_WATCHES = """
CREATE TABLE IF NOT EXISTS follow (
    place TEXT PRIMARY KEY,
    every INTEGER NOT NULL,
    added TEXT NOT NULL,
    paused TEXT NOT NULL DEFAULT '',
    etag TEXT,
    modified TEXT,
    due TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS followed (
    follow TEXT NOT NULL REFERENCES follow (place) ON DELETE CASCADE,
    url TEXT NOT NULL,
    stamp TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'list', 'read', 'given up')),
    tries INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    modified TEXT,
    PRIMARY KEY (follow, url)
);

CREATE TABLE IF NOT EXISTS follow_run (
    id TEXT PRIMARY KEY,
    follow TEXT NOT NULL REFERENCES follow (place) ON DELETE CASCADE,
    begun TEXT NOT NULL,
    ended TEXT NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    counts TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS follow_run_follow ON follow_run (follow, begun);

CREATE TABLE IF NOT EXISTS robots (
    host TEXT PRIMARY KEY,
    fetched TEXT NOT NULL,
    rules TEXT
);

CREATE TABLE IF NOT EXISTS owner (
    name TEXT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS watch (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    question TEXT NOT NULL,
    given TEXT,
    every TEXT NOT NULL CHECK (every IN ('commit', 'day')),
    channel TEXT NOT NULL CHECK (channel IN ('atom', 'mail', 'webhook')),
    target TEXT NOT NULL,
    secret TEXT NOT NULL,
    made TEXT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    asked TEXT,
    answer TEXT,
    erased INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL,
    passage INTEGER NOT NULL,
    floors TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS watched (
    watch TEXT NOT NULL REFERENCES watch (id) ON DELETE CASCADE,
    article TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (watch, article)
);
CREATE INDEX IF NOT EXISTS watched_article ON watched (article);

CREATE TABLE IF NOT EXISTS standing (
    exchange TEXT PRIMARY KEY REFERENCES exchange (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('stands', 'changed', 'withdrawn')),
    generation INTEGER NOT NULL,
    checked TEXT NOT NULL,
    seen TEXT NOT NULL,
    quotes TEXT NOT NULL
);

INSERT INTO standing (exchange, state, generation, checked, seen, quotes)
SELECT id, 'withdrawn', 0, '', '', '[]' FROM exchange WHERE state = 'erased'
ON CONFLICT (exchange) DO NOTHING;

CREATE TABLE IF NOT EXISTS notice (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    watch TEXT REFERENCES watch (id) ON DELETE CASCADE,
    exchange TEXT REFERENCES exchange (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    made TEXT NOT NULL,
    question TEXT NOT NULL,
    changes TEXT,
    UNIQUE (watch, generation),
    UNIQUE (exchange, generation)
);
CREATE INDEX IF NOT EXISTS notice_owner ON notice (owner, made);

CREATE TABLE IF NOT EXISTS noticed (
    notice TEXT NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
    article TEXT NOT NULL,
    PRIMARY KEY (notice, article)
);
CREATE INDEX IF NOT EXISTS noticed_article ON noticed (article);

CREATE TABLE IF NOT EXISTS delivery (
    notice TEXT PRIMARY KEY REFERENCES notice (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given up')),
    tries INTEGER NOT NULL DEFAULT 0,
    due TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT ''
);

CREATE TRIGGER IF NOT EXISTS article_watched AFTER DELETE ON article BEGIN
    UPDATE watch SET answer = NULL, erased = 1
    WHERE id IN (SELECT watch FROM watched WHERE article = OLD.id);
    UPDATE notice SET changes = NULL
    WHERE id IN (SELECT notice FROM noticed WHERE article = OLD.id);
    DELETE FROM standing
    WHERE exchange IN (SELECT exchange FROM quoted WHERE article = OLD.id);
END;
"""

_LANGUAGES = Step(
    sqlite="UPDATE revision SET language = language_of(text) WHERE language IS NULL;",
    postgres="SELECT 1;",  # no archive on a server is older than this
)

_COLLECTIONS = """
CREATE TABLE collection (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL
);

CREATE TABLE collected (
    collection TEXT NOT NULL REFERENCES collection (id) ON DELETE CASCADE,
    article TEXT NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    PRIMARY KEY (collection, article)
);
CREATE INDEX collected_article ON collected (article);

ALTER TABLE conversation ADD COLUMN starred TEXT;
"""

_STAMPS = """
ALTER TABLE embedding ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;
CREATE INDEX embedding_stamp ON embedding (stamp, passage);
"""

_KEYS = """
CREATE TABLE api_key (
    name TEXT PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    begins TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    made TEXT NOT NULL,
    expires TEXT,
    used TEXT
);
"""

_PEOPLE = """
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'admin')),
    everything INTEGER NOT NULL DEFAULT 0,
    password TEXT,
    made TEXT NOT NULL,
    locked TEXT
);

CREATE TABLE granted (
    person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    collection TEXT NOT NULL REFERENCES collection (id) ON DELETE CASCADE,
    PRIMARY KEY (person, collection)
);

CREATE TABLE signed_in (
    digest TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    made TEXT NOT NULL,
    expires TEXT NOT NULL
);
CREATE INDEX signed_in_person ON signed_in (person);

CREATE TABLE attempt (
    name TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last TEXT NOT NULL
);

ALTER TABLE api_key ADD COLUMN person TEXT REFERENCES person (id) ON DELETE CASCADE;
ALTER TABLE conversation ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX conversation_owner ON conversation (owner);
"""

_CLIPS = """
CREATE TABLE clip (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL,
    digest TEXT NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    quote TEXT NOT NULL,
    question TEXT NOT NULL,
    owner TEXT NOT NULL,
    made TEXT NOT NULL
);
CREATE INDEX clip_article ON clip (article, begins);

CREATE TRIGGER article_clipped AFTER DELETE ON article BEGIN
    UPDATE clip SET quote = '' WHERE article = OLD.id;
END;
"""

MIGRATIONS: tuple[str | Step, ...] = (
    _FIRST,
    _CONVERSATIONS,
    _ORIGINALS,
    _MARKS,
    _STANDING,
    _ADDRESSES,
    _ENTITIES,
    _WATCHES,
    _LANGUAGES,
    _COLLECTIONS,
    _STAMPS,
    _KEYS,
    _PEOPLE,
    _CLIPS,
)
"""`MIGRATIONS[n]` is a script that makes version n + 1 of version n; 0 is an empty file."""
