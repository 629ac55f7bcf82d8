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
