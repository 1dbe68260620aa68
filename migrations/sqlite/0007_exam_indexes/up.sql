-- Each index is paid for by every exam that is created, so only those stay that a list is found by: an author's exams
-- are found by id and sorted, and a status is read in the index of the institute.
DROP INDEX exams_author_name;
DROP INDEX exams_author_start_time;
DROP INDEX exams_author_created_at;
DROP INDEX exams_institute_status;
