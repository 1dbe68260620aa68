DROP INDEX student_sessions_exam_student;
DROP TABLE line_item_scores;
DROP TABLE line_items;
ALTER TABLE lti_resources DROP COLUMN line_item_resource_id;
