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
