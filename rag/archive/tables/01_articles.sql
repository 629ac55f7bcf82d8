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
