ALTER TABLE line_items DROP COLUMN submission_review;
ALTER TABLE lti_resources DROP COLUMN line_item_submission_review;
