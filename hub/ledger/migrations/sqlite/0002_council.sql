-- One store may serve several councils: their records and reviews are told apart.

ALTER TABLE register ADD COLUMN council TEXT NOT NULL DEFAULT '';
UPDATE register SET council = coalesce(json_extract(CAST(body AS TEXT), '$.council'), '');
CREATE INDEX register_council ON register (council, received_at);

ALTER TABLE reviews ADD COLUMN council TEXT;
UPDATE reviews SET council = coalesce(json_extract(CAST(body AS TEXT), '$.council'), '') WHERE body IS NOT NULL;
