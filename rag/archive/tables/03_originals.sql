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
