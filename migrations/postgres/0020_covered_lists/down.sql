DROP INDEX exams_institute;
CREATE INDEX exams_institute ON exams (institute_id, id, status);
