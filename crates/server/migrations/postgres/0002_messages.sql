-- The messages that were sent and have an id: receipts of others are not counted. Times are milliseconds since the Unix epoch.
CREATE TABLE message (
    id   TEXT   NOT NULL PRIMARY KEY, -- base64url of the SHA-256 of the id, which may tell of a person
    sent BIGINT NOT NULL              -- when it was last
);
