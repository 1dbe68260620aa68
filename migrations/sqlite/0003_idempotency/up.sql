-- Answers to requests that carried an Idempotency-Key, for 24 hours. `key` is the SHA-256 of user and key; the answer is
-- sealed, because it may hold what is shown only once.
CREATE TABLE idempotency_keys (
    key TEXT PRIMARY KEY NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
