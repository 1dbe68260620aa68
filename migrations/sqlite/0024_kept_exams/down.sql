DROP INDEX exams_kept;
