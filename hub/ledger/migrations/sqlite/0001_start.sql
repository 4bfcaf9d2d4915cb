-- Ids are packed (hub/ledger/rows.py); kinds of keys are places in KINDS (hub/ledger/matching.py), 0 and 1 are strong.

CREATE TABLE identity_keys (
    kind INTEGER NOT NULL,
    digest BLOB NOT NULL,
    subject_ref BLOB NOT NULL,
    PRIMARY KEY (kind, digest, subject_ref)
) WITHOUT ROWID;

CREATE INDEX identity_strong ON identity_keys (subject_ref) WHERE kind <= 1;

CREATE TABLE resolutions (
    agency TEXT NOT NULL,
    message_id BLOB NOT NULL,
    content BLOB NOT NULL,
    origin_topic TEXT NOT NULL,
    origin_partition INTEGER NOT NULL,
    origin_offset INTEGER NOT NULL,
    persons BLOB NOT NULL,
    PRIMARY KEY (agency, message_id)
);

-- The lives of the subjects log, numbered in the order in which they were first seen.
CREATE TABLE logs (
    log_seq INTEGER PRIMARY KEY,
    log_id TEXT NOT NULL UNIQUE
);

CREATE TABLE seen (
    subject_message_id BLOB NOT NULL PRIMARY KEY,
    log_seq INTEGER NOT NULL,
    log_partition INTEGER NOT NULL,
    log_offset INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE subject_events (
    subject_ref BLOB NOT NULL,
    log_seq INTEGER NOT NULL,
    log_partition INTEGER NOT NULL,
    log_offset INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    facts_after BLOB NOT NULL,
    PRIMARY KEY (subject_ref, log_seq, log_partition, log_offset)
) WITHOUT ROWID;

CREATE TABLE register (
    disclosure_id BLOB NOT NULL PRIMARY KEY,
    disclosures_id BLOB NOT NULL,
    subject_ref BLOB NOT NULL,
    message_id BLOB NOT NULL,
    agency TEXT NOT NULL,
    recipient TEXT NOT NULL,
    decision TEXT NOT NULL,
    form TEXT NOT NULL,
    purpose TEXT NOT NULL,
    received_at TEXT NOT NULL,
    record_id BLOB NOT NULL,
    review_id BLOB NOT NULL,
    body BLOB NOT NULL
);

CREATE INDEX register_subject ON register (subject_ref, received_at);
CREATE INDEX register_message ON register (message_id);
CREATE INDEX register_received ON register (received_at);

-- A ruling may arrive before its review: then there is a row with a status and no body yet.
CREATE TABLE reviews (
    review_id BLOB NOT NULL PRIMARY KEY,
    status TEXT NOT NULL CHECK (status IN ('open', 'permitted', 'refused')),
    ruled_at TEXT,
    subject_ref BLOB,
    message_id BLOB,
    opened_at TEXT,
    due_at TEXT,
    needs_two INTEGER,
    identity_case INTEGER,
    held_partition INTEGER,
    held_offset INTEGER,
    body BLOB,
    CHECK (body IS NOT NULL OR status <> 'open')
);

CREATE INDEX reviews_due ON reviews (status, due_at);
