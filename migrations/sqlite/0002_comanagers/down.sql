DROP TABLE identity_providers;
DROP TABLE exam_comanagers;
