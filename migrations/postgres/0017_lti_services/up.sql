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

-- Who was taken out of an exam, by what tools know them by, for tools that ask what has changed (NRPS 2.0, membership
-- differences).
CREATE TABLE departures (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    taught BOOLEAN NOT NULL,
    departed_at BIGINT NOT NULL
);
CREATE INDEX departures_exam ON departures (exam_id, departed_at);
CREATE INDEX departures_departed_at ON departures (departed_at);
