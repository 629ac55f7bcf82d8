ALTER TABLE embedding ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;
CREATE INDEX embedding_stamp ON embedding (stamp, passage);
