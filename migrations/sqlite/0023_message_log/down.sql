CREATE TABLE new_launches (
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
INSERT INTO new_launches SELECT id, institute_id, exam_id, student_session_id, lti_resource_id, tool_provider_id, status, url, nonce, parameters,
    error, returned_at, lti_msg, lti_errormsg, lti_log, lti_errorlog, created_at
    FROM launches WHERE direction = 'to_tool'
    AND message_type IN ('basic-lti-launch-request', 'LtiResourceLinkRequest');
DELETE FROM sqlite_sequence WHERE name = 'new_launches';
INSERT INTO sqlite_sequence SELECT 'new_launches', seq FROM sqlite_sequence WHERE name = 'launches';
DROP TABLE launches;
ALTER TABLE new_launches RENAME TO launches;
CREATE INDEX launches_institute ON launches (institute_id, id);
CREATE INDEX launches_exam ON launches (exam_id, id);
CREATE INDEX launches_student_session ON launches (student_session_id, id);
CREATE TABLE new_service_calls (
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
INSERT INTO new_service_calls SELECT * FROM service_calls WHERE tool_provider_id IS NOT NULL;
DELETE FROM sqlite_sequence WHERE name = 'new_service_calls';
INSERT INTO sqlite_sequence SELECT 'new_service_calls', seq FROM sqlite_sequence WHERE name = 'service_calls';
DROP TABLE service_calls;
ALTER TABLE new_service_calls RENAME TO service_calls;
CREATE INDEX service_calls_institute ON service_calls (institute_id, id);
CREATE INDEX service_calls_institute_created_at ON service_calls (institute_id, created_at, id);
CREATE INDEX service_calls_exam ON service_calls (exam_id, id);
CREATE INDEX service_calls_session ON service_calls (student_session_id);
CREATE INDEX service_calls_created_at ON service_calls (created_at);
