-- Files of exams. The files themselves lie in a folder, under `stored_name`.
CREATE TABLE attachments (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    placeholder TEXT NOT NULL,
    document_file_name TEXT NOT NULL,
    document_content_type TEXT NOT NULL,
    document_file_size BIGINT NOT NULL,
    stored_name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (exam_id, placeholder)
);
CREATE INDEX attachments_exam ON attachments (exam_id, id);
-- What an institute has used of its quota.
CREATE INDEX attachments_institute ON attachments (institute_id, document_file_size);

-- One index for each documented order of a list; rows without a value come first.
CREATE INDEX exams_institute_name ON exams (institute_id, name, id, status);
CREATE INDEX exams_institute_start_time ON exams (institute_id, start_time NULLS FIRST, id, status);
CREATE INDEX exams_institute_created_at ON exams (institute_id, created_at, id, status);
CREATE INDEX exams_author_name ON exams (user_id, name, id, status);
CREATE INDEX exams_author_start_time ON exams (user_id, start_time NULLS FIRST, id, status);
CREATE INDEX exams_author_created_at ON exams (user_id, created_at, id, status);
CREATE INDEX users_institute_name ON users (institute_id, name, id);
CREATE INDEX users_institute_email ON users (institute_id, email, id);
CREATE INDEX users_institute_created_at ON users (institute_id, created_at, id);
CREATE INDEX tool_providers_institute_tool_name ON tool_providers (institute_id, tool_name, id);
CREATE INDEX tool_providers_institute_created_at ON tool_providers (institute_id, created_at, id);
CREATE INDEX lti_resources_institute_lti_resource_link_name ON lti_resources (institute_id, lti_resource_link_name, id);
CREATE INDEX lti_resources_institute_created_at ON lti_resources (institute_id, created_at, id);
CREATE INDEX student_sessions_institute_name ON student_sessions (institute_id, name, id);
CREATE INDEX student_sessions_institute_email ON student_sessions (institute_id, email, id);
CREATE INDEX student_sessions_institute_created_at ON student_sessions (institute_id, created_at, id);
