-- Each index is paid for by every exam that is created, so only those stay that a list is found by: an author's exams
-- are found by id and sorted, and a status is read in the index of the institute.
DROP INDEX exams_author_name;
DROP INDEX exams_author_start_time;
DROP INDEX exams_author_created_at;
DROP INDEX exams_institute_status;

-- One index for each documented order, here too.
CREATE INDEX attachments_document_file_name ON attachments (exam_id, document_file_name, id);
CREATE INDEX attachments_document_file_size ON attachments (exam_id, document_file_size, id);
CREATE INDEX attachments_created_at ON attachments (exam_id, created_at, id);
