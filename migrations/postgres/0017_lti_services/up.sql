-- Where a tool of LTI 1.3 wants to be told of what happens, one address for each type of notice (Platform Notification
-- Service 1.0).
CREATE TABLE notice_handlers (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tool_provider_id BIGINT NOT NULL REFERENCES lti_registrations (tool_provider_id) ON DELETE CASCADE,
    notice_type TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tool_provider_id, notice_type)
);
