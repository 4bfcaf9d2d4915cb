-- What evaluation got, once for each month that it covers: no month is ever released twice, or in two ways.

CREATE TABLE evaluation_extracts (
    council TEXT NOT NULL,
    month TEXT NOT NULL,
    period TEXT NOT NULL,
    months TEXT NOT NULL,
    released_at TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (council, month)
) WITHOUT ROWID;
