DROP TABLE fulltext;
DROP VIEW passage_text;

CREATE VIEW article_marks AS
SELECT n, coalesce(char(57344) || 'm' || substr(day, 1, 4) || substr(day, 6, 2), '')
          || coalesce(' ' || char(57344) || 'o' || hex(publisher_key), '') AS marks
FROM article;

CREATE VIEW passage_text AS
SELECT p.n AS n, coalesce(r.title, '') AS title, a.label AS label,
       substr(r.text, p.start + 1, p.end - p.start) AS body, m.marks AS marks
FROM passage AS p
JOIN article AS a ON a.n = p.article
JOIN article_marks AS m ON m.n = p.article
JOIN revision AS r ON r.article = p.article AND r.digest = p.digest;

CREATE VIRTUAL TABLE fulltext USING fts5 (
    title, label, body, marks,
    content = 'passage_text', content_rowid = 'n',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO fulltext (fulltext) VALUES ('rebuild');
