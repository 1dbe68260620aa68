-- What a student reached in one tool of one exam: the current result, and all that it ever was. A resource or a tool
-- that has results is not deleted with them.
CREATE TABLE results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    student_session_id BIGINT NOT NULL REFERENCES student_sessions (id) ON DELETE CASCADE,
    lti_resource_id BIGINT NOT NULL REFERENCES lti_resources (id),
    score DOUBLE PRECISION,
    total_score DOUBLE PRECISION,
    text TEXT,
    url TEXT,
    launch_url TEXT,
    submitted_at BIGINT,
    needs_review BOOLEAN NOT NULL,
    comment TEXT,
    late BOOLEAN NOT NULL,
    graded_by TEXT,
    user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (student_session_id, lti_resource_id)
);
CREATE INDEX results_exam ON results (exam_id, id);
CREATE INDEX results_exam_created_at ON results (exam_id, created_at, id);
CREATE INDEX results_exam_updated_at ON results (exam_id, updated_at, id);
CREATE INDEX results_resource ON results (lti_resource_id);
CREATE INDEX results_user ON results (user_id);

CREATE TABLE result_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    result_id BIGINT NOT NULL REFERENCES results (id) ON DELETE CASCADE,
    operation TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    tool_provider_id BIGINT,
    user_id BIGINT,
    kept BOOLEAN NOT NULL,
    score DOUBLE PRECISION,
    total_score DOUBLE PRECISION,
    text TEXT,
    url TEXT,
    launch_url TEXT,
    submitted_at BIGINT,
    needs_review BOOLEAN NOT NULL,
    comment TEXT,
    late BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX result_changes_result ON result_changes (result_id, id);

ALTER TABLE exams ADD COLUMN accept_late_results BOOLEAN NOT NULL DEFAULT TRUE;

-- The calls of tools, good or bad, for 30 days. The numbers in them outlive what they name, except of students.
CREATE TABLE service_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    tool_provider_id BIGINT NOT NULL,
    exam_id BIGINT,
    lti_resource_id BIGINT,
    student_session_id BIGINT REFERENCES student_sessions (id) ON DELETE CASCADE,
    operation TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT NOT NULL,
    code TEXT,
    request TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX service_calls_institute ON service_calls (institute_id, id);
CREATE INDEX service_calls_institute_created_at ON service_calls (institute_id, created_at, id);
CREATE INDEX service_calls_exam ON service_calls (exam_id, id);
CREATE INDEX service_calls_session ON service_calls (student_session_id);
CREATE INDEX service_calls_created_at ON service_calls (created_at);

-- Whose key a tool's call names.
CREATE INDEX tool_providers_consumer_key ON tool_providers (oauth_consumer_key);
