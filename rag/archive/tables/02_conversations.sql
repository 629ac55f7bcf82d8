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
