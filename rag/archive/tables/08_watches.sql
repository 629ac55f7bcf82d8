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
