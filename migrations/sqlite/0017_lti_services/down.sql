DROP TABLE departures;
DELETE FROM jobs WHERE task LIKE '{"kind":"notice"%';
DROP TABLE notice_handlers;
