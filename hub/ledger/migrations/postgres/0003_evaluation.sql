-- What evaluation got, once for each month that it covers: no month is ever released twice, or in two ways.

CREATE TABLE evaluation_extracts (
    council text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    months text COLLATE "C" NOT NULL,
    released_at text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (council, month)
);
