-- The list that is asked for most, an institute's exams that are not put away, is counted and its pages are found here: an
-- index of a few columns has many rows on a page.
CREATE INDEX exams_kept ON exams (institute_id, id, status) WHERE status <> 'deleted';
