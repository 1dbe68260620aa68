DROP INDEX tool_providers_consumer_key;
DROP TABLE service_calls;
ALTER TABLE exams DROP COLUMN accept_late_results;
DROP TABLE result_changes;
DROP TABLE results;
