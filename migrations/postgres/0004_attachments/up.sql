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
