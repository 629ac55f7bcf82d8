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
