-- Targets, key rotation, and sends that outlive a process. Times are milliseconds since the Unix epoch.

-- `user` is a reserved word in PostgreSQL, and most queries are the same for both.
ALTER TABLE subscription RENAME COLUMN user TO user_id;
ALTER TABLE session RENAME COLUMN user TO user_id;
ALTER TABLE subscription ADD COLUMN key_version TEXT; -- the VAPID key that it was made with; null: the oldest that there is
ALTER TABLE subscription ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- messages not taken since the last that was

-- The tags once more, to be searched.
CREATE TABLE subscription_tag (
    tag             TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, subscription_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_tag_subscription ON subscription_tag (subscription_id);
INSERT INTO subscription_tag (tag, subscription_id)
    SELECT DISTINCT tag.value, subscription.id FROM subscription, json_each(subscription.tags) AS tag
    WHERE subscription.tags IS NOT NULL;

-- A message, and to whom it goes.
CREATE TABLE job (
    id             TEXT    NOT NULL PRIMARY KEY, -- sorts by time
    request_key    TEXT    UNIQUE,               -- who asks again with the same key gets the same job
    payload        BLOB,
    ttl            INTEGER NOT NULL,
    urgency        TEXT,
    topic          TEXT,
    padding        INTEGER NOT NULL,
    audience       TEXT    NOT NULL,             -- subscription, device, user, tag, everyone
    target         TEXT    NOT NULL,             -- of them which; empty for everyone
    created        INTEGER NOT NULL,
    not_before     INTEGER NOT NULL,
    expires        INTEGER NOT NULL,
    page_after     TEXT    NOT NULL DEFAULT '',  -- the subscriptions up to this id have their delivery
    spread         INTEGER NOT NULL DEFAULT 0,   -- 1: all have
    paused         INTEGER NOT NULL DEFAULT 0,
    cancelled      INTEGER NOT NULL DEFAULT 0,
    finished       INTEGER,
    total          INTEGER NOT NULL DEFAULT 0,
    sent           INTEGER NOT NULL DEFAULT 0,
    gone           INTEGER NOT NULL DEFAULT 0,
    failed         INTEGER NOT NULL DEFAULT 0,
    expired        INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX job_waiting ON job (not_before) WHERE spread = 0;
CREATE INDEX job_target ON job (audience, target);

-- One message to one subscription that is not done yet. Whoever takes it sets `lease` and moves `due` ahead: if that
-- process dies, the delivery is due again.
CREATE TABLE delivery (
    subscription_id TEXT    NOT NULL,
    job_id          TEXT    NOT NULL,
    host            TEXT    NOT NULL,
    due             INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    lease           TEXT,
    PRIMARY KEY (subscription_id, job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (host, due);

-- What a push service refused for good.
CREATE TABLE failure (
    job_id          TEXT    NOT NULL,
    subscription_id TEXT    NOT NULL,
    code            TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    failed          INTEGER NOT NULL,
    PRIMARY KEY (job_id, subscription_id)
) STRICT, WITHOUT ROWID;

-- A push service that wants to be left alone until then.
CREATE TABLE slow_host (
    host  TEXT    NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What browsers report of messages: once each, however often they do.
CREATE TABLE receipt (
    message_id TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    source     TEXT    NOT NULL, -- what tells one browser's report from another's
    at         INTEGER NOT NULL,
    received   INTEGER NOT NULL,
    user_id    TEXT,
    PRIMARY KEY (message_id, kind, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_user ON receipt (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE api_token (
    id        TEXT    NOT NULL PRIMARY KEY,
    name      TEXT    NOT NULL,
    hash      TEXT    NOT NULL UNIQUE, -- of the secret, which nobody else keeps
    created   INTEGER NOT NULL,
    last_used INTEGER
) STRICT, WITHOUT ROWID;
