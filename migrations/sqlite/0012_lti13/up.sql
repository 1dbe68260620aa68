-- The key pairs of this installation (private keys sealed): with them it signs what it sends by LTI 1.3.
CREATE TABLE platform_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    private_key TEXT NOT NULL,
    public_key TEXT NOT NULL,
    signs_from BIGINT NOT NULL,
    published_until BIGINT,
    created_at BIGINT NOT NULL
);

-- What a tool provider that speaks LTI 1.3 is registered with.
CREATE TABLE lti_registrations (
    tool_provider_id INTEGER PRIMARY KEY REFERENCES tool_providers (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL UNIQUE,
    deployment_id TEXT NOT NULL,
    login_url TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    jwks_url TEXT,
    public_key TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
