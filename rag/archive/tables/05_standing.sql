ALTER TABLE article ADD COLUMN withdrawn TEXT;

CREATE TABLE withdrawal (
    name TEXT PRIMARY KEY,
    moment TEXT,
    reason TEXT NOT NULL
) WITHOUT ROWID;
