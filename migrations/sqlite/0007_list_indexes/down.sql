DROP INDEX attachments_document_file_name;
DROP INDEX attachments_document_file_size;
DROP INDEX attachments_created_at;
CREATE INDEX exams_institute_status ON exams (institute_id, status, id);
CREATE INDEX exams_author_name ON exams (user_id, name, id, status);
CREATE INDEX exams_author_start_time ON exams (user_id, start_time, id, status);
CREATE INDEX exams_author_created_at ON exams (user_id, created_at, id, status);
