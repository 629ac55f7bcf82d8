CREATE TABLE api_key (
    name TEXT PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    begins TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    made TEXT NOT NULL,
    expires TEXT,
    used TEXT
);
