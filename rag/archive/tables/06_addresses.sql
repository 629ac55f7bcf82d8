ALTER TABLE article ADD COLUMN edits TEXT;
UPDATE article SET url = canonical(url) WHERE url IS NOT NULL;
