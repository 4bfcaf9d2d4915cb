-- Ids are packed (hub/ledger/rows.py); kinds of keys are places in KINDS (hub/ledger/matching.py), 0 and 1 are strong.
-- Text that is put in order is compared byte by byte, whatever the locale of the database.

CREATE TABLE identity_keys (
    kind smallint NOT NULL,
    digest bytea NOT NULL,
    subject_ref bytea NOT NULL,
    PRIMARY KEY (kind, digest, subject_ref)
);

CREATE INDEX identity_strong ON identity_keys (subject_ref) WHERE kind <= 1;

CREATE TABLE resolutions (
    agency text COLLATE "C" NOT NULL,
    message_id bytea NOT NULL,
    content bytea NOT NULL,
    origin_topic text COLLATE "C" NOT NULL,
    origin_partition integer NOT NULL,
    origin_offset bigint NOT NULL,
    persons bytea NOT NULL,
    PRIMARY KEY (agency, message_id)
);

-- The lives of the subjects log, numbered in the order in which they were first seen.
CREATE TABLE logs (
    log_seq integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    log_id text COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE seen (
    subject_message_id bytea NOT NULL PRIMARY KEY,
    log_seq integer NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL
);

CREATE TABLE subject_events (
    subject_ref bytea NOT NULL,
    log_seq integer NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    event_id bytea NOT NULL,
    kind text COLLATE "C" NOT NULL,
    facts_after bytea NOT NULL,
    PRIMARY KEY (subject_ref, log_seq, log_partition, log_offset)
);

CREATE TABLE register (
    disclosure_id bytea NOT NULL PRIMARY KEY,
    disclosures_id bytea NOT NULL,
    subject_ref bytea NOT NULL,
    message_id bytea NOT NULL,
    agency text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    decision text COLLATE "C" NOT NULL,
    form text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    received_at text COLLATE "C" NOT NULL,
    record_id bytea NOT NULL,
    review_id bytea NOT NULL,
    body bytea NOT NULL
);

CREATE INDEX register_subject ON register (subject_ref, received_at);
CREATE INDEX register_message ON register (message_id);
CREATE INDEX register_received ON register (received_at);

-- A ruling may arrive before its review: then there is a row with a status and no body yet.
CREATE TABLE reviews (
    review_id bytea NOT NULL PRIMARY KEY,
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'permitted', 'refused')),
    ruled_at text COLLATE "C",
    subject_ref bytea,
    message_id bytea,
    opened_at text COLLATE "C",
    due_at text COLLATE "C",
    needs_two boolean,
    identity_case boolean,
    held_partition integer,
    held_offset bigint,
    body bytea,
    CHECK (body IS NOT NULL OR status <> 'open')
);

CREATE INDEX reviews_due ON reviews (status, due_at);
