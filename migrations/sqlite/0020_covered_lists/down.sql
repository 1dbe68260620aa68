DROP INDEX exams_global_proctoring;
DROP INDEX exams_global_reviewing;
CREATE INDEX exams_global_proctoring ON exams (global_proctoring, id);
CREATE INDEX exams_global_reviewing ON exams (global_reviewing, id);
DROP INDEX exams_institute;
CREATE INDEX exams_institute ON exams (institute_id, id, status);
