-- The tool that lets the students of an exam begin, and watches them (Proctoring Services 1.0).
ALTER TABLE exams ADD COLUMN proctoring_tool_provider_id BIGINT REFERENCES tool_providers (id) ON DELETE SET NULL;
CREATE INDEX exams_proctoring_tool_provider ON exams (proctoring_tool_provider_id)
    WHERE proctoring_tool_provider_id IS NOT NULL;

-- Since when a student's clock stands still, and for how many microseconds it stood still before.
ALTER TABLE student_sessions ADD COLUMN paused_at BIGINT;
ALTER TABLE student_sessions ADD COLUMN paused_before BIGINT NOT NULL DEFAULT 0;

-- The attempts that a tool proctors: whether it wants to be told of the end, and what it did to them.
CREATE TABLE proctorings (
    student_session_id INTEGER PRIMARY KEY REFERENCES student_sessions (id) ON DELETE CASCADE,
    tool_provider_id BIGINT NOT NULL REFERENCES tool_providers (id) ON DELETE CASCADE,
    end_assessment_return BOOLEAN NOT NULL,
    extra_time_minutes BIGINT NOT NULL,
    terminated_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX proctorings_tool_provider ON proctorings (tool_provider_id);

-- Everything that tools did to an attempt, flags among it (Assessment Control 1.0). The digest of its body tells a
-- message that comes once more.
CREATE TABLE assessment_controls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    student_session_id BIGINT NOT NULL REFERENCES student_sessions (id) ON DELETE CASCADE,
    tool_provider_id BIGINT NOT NULL,
    action TEXT NOT NULL,
    extra_time_minutes BIGINT,
    incident_time BIGINT NOT NULL,
    incident_severity DOUBLE PRECISION,
    reason_code TEXT,
    reason_msg TEXT,
    digest TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (student_session_id, digest)
);
CREATE INDEX assessment_controls_session ON assessment_controls (student_session_id, id);
