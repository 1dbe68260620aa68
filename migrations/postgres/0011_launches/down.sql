DROP TABLE launches;
