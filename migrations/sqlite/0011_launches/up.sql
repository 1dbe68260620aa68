-- What was sent to tools and what they said afterwards, for a month. The student's row takes it along; the ids of exam,
-- resource and tool stay when those are deleted.
CREATE TABLE launches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL,
    exam_id BIGINT NOT NULL,
    student_session_id BIGINT NOT NULL REFERENCES student_sessions (id) ON DELETE CASCADE,
    lti_resource_id BIGINT NOT NULL,
    tool_provider_id BIGINT NOT NULL,
    status TEXT NOT NULL,
    url TEXT NOT NULL,
    nonce TEXT NOT NULL,
    parameters TEXT NOT NULL,
    error TEXT,
    returned_at BIGINT,
    lti_msg TEXT,
    lti_errormsg TEXT,
    lti_log TEXT,
    lti_errorlog TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX launches_institute ON launches (institute_id, id);
CREATE INDEX launches_exam ON launches (exam_id, id);
CREATE INDEX launches_student_session ON launches (student_session_id, id);
