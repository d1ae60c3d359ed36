-- One row for each browser that may be sent to. Times are milliseconds since the Unix epoch.
CREATE TABLE subscription (
    id              TEXT    NOT NULL PRIMARY KEY, -- base64url of the SHA-256 of the endpoint
    endpoint        TEXT    NOT NULL UNIQUE,      -- a secret: who knows it may send
    p256dh          BLOB    NOT NULL CHECK (length(p256dh) = 65),
    auth            BLOB    NOT NULL CHECK (length(auth) = 16),
    expiration_time INTEGER,
    created         INTEGER NOT NULL,
    last_seen       INTEGER NOT NULL,             -- the browser's last upload
    last_success    INTEGER                       -- the push service's last acceptance
) STRICT, WITHOUT ROWID;
