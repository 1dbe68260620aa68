DROP TABLE assessment_controls;
DROP TABLE proctorings;
ALTER TABLE student_sessions DROP COLUMN paused_before;
ALTER TABLE student_sessions DROP COLUMN paused_at;
DROP INDEX exams_proctoring_tool_provider;
ALTER TABLE exams DROP COLUMN proctoring_tool_provider_id;
