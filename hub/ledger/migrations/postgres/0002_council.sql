-- One store may serve several councils: their records and reviews are told apart.

ALTER TABLE register ADD COLUMN council text COLLATE "C" NOT NULL DEFAULT '';
UPDATE register SET council = coalesce(convert_from(body, 'UTF8')::jsonb ->> 'council', '');
CREATE INDEX register_council ON register (council, received_at);

ALTER TABLE reviews ADD COLUMN council text COLLATE "C";
UPDATE reviews SET council = coalesce(convert_from(body, 'UTF8')::jsonb ->> 'council', '') WHERE body IS NOT NULL;
