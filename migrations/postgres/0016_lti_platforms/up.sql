-- An LMS may launch by LTI 1.3. It is then a platform: what both sides know of each other stands in place of a secret.
ALTER TABLE lti_consumers ADD COLUMN lti_version TEXT NOT NULL DEFAULT '1.1';
CREATE TABLE lti_platforms (
    lti_consumer_id BIGINT PRIMARY KEY REFERENCES lti_consumers (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    deployment_ids TEXT NOT NULL,
    authorization_url TEXT NOT NULL,
    token_url TEXT NOT NULL,
    audience TEXT,
    jwks_url TEXT,
    public_key TEXT,
    UNIQUE (issuer, client_id)
);

-- How an LMS takes results, and the time that the latest score was given: the next one must be later.
ALTER TABLE grade_returns ADD COLUMN service TEXT NOT NULL DEFAULT 'basic_outcomes';
ALTER TABLE grade_returns ADD COLUMN scored_at BIGINT;
