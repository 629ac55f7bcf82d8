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
