DROP INDEX exams_token;
DROP INDEX student_sessions_institute_group;
ALTER TABLE student_sessions DROP COLUMN group_id;
DROP TABLE grade_returns;
DROP TABLE lti_visits;
DROP TABLE lti_learners;
DROP TABLE lti_placements;
DROP TABLE lti_consumer_secrets;
DROP TABLE lti_consumers;
