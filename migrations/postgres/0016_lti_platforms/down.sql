ALTER TABLE grade_returns DROP COLUMN scored_at;
ALTER TABLE grade_returns DROP COLUMN service;
DROP TABLE lti_platforms;
ALTER TABLE lti_consumers DROP COLUMN lti_version;
