-- The same as what the migrations of SQLite lead to. Times are milliseconds since the Unix epoch.

-- One row for each browser that may be sent to. Ids are compared byte for byte: pages of them follow each other.
CREATE TABLE subscription (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- base64url of the SHA-256 of the endpoint
    endpoint        TEXT   NOT NULL UNIQUE, -- a secret: who knows it may send
    p256dh          BYTEA  NOT NULL CHECK (length(p256dh) = 65),
    auth            BYTEA  NOT NULL CHECK (length(auth) = 16),
    expiration_time BIGINT,
    created         BIGINT NOT NULL,
    last_seen       BIGINT NOT NULL,        -- the browser's last upload
    last_success    BIGINT,                 -- the push service's last acceptance
    device          TEXT,                   -- the browser's random id: a secret, it proves that a row is the browser's own
    label           TEXT,                   -- browser and platform, for people
    tags            TEXT,                   -- a JSON list of strings
    user_id         TEXT,
    key_version     TEXT,                   -- the VAPID key that it was made with; null: the oldest that there is
    failures        BIGINT NOT NULL DEFAULT 0 -- messages not taken since the last that was
);
CREATE UNIQUE INDEX subscription_device ON subscription (device) WHERE device IS NOT NULL;
CREATE INDEX subscription_user ON subscription (user_id) WHERE user_id IS NOT NULL;

-- The tags once more, to be searched.
CREATE TABLE subscription_tag (
    tag             TEXT NOT NULL,
    subscription_id TEXT COLLATE "C" NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, subscription_id)
);
CREATE INDEX subscription_tag_subscription ON subscription_tag (subscription_id);

CREATE TABLE session (
    id      TEXT   NOT NULL PRIMARY KEY, -- base64url of the SHA-256 of the cookie
    user_id TEXT   NOT NULL,
    created BIGINT NOT NULL
);

-- A message, and to whom it goes.
CREATE TABLE job (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- sorts by time
    request_key    TEXT    UNIQUE,               -- who asks again with the same key gets the same job
    payload        BYTEA,
    ttl            BIGINT NOT NULL,
    urgency        TEXT,
    topic          TEXT,
    padding        BIGINT NOT NULL,
    audience       TEXT    NOT NULL,             -- subscription, device, user, tag, everyone
    target         TEXT    NOT NULL,             -- of them which; empty for everyone
    created        BIGINT NOT NULL,
    not_before     BIGINT NOT NULL,
    expires        BIGINT NOT NULL,
    page_after     TEXT COLLATE "C" NOT NULL DEFAULT '',  -- the subscriptions up to this id have their delivery
    spread         BIGINT NOT NULL DEFAULT 0,   -- 1: all have
    paused         BIGINT NOT NULL DEFAULT 0,
    cancelled      BIGINT NOT NULL DEFAULT 0,
    finished       BIGINT,
    total          BIGINT NOT NULL DEFAULT 0,
    sent           BIGINT NOT NULL DEFAULT 0,
    gone           BIGINT NOT NULL DEFAULT 0,
    failed         BIGINT NOT NULL DEFAULT 0,
    expired        BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX job_waiting ON job (not_before) WHERE spread = 0;
CREATE INDEX job_target ON job (audience, target);

-- One message to one subscription that is not done yet. Whoever takes it sets `lease` and moves `due` ahead: if that
-- process dies, the delivery is due again.
CREATE TABLE delivery (
    subscription_id TEXT COLLATE "C" NOT NULL,
    job_id          TEXT COLLATE "C" NOT NULL,
    host            TEXT    NOT NULL,
    due             BIGINT NOT NULL,
    attempts        BIGINT NOT NULL DEFAULT 0,
    lease           TEXT,
    PRIMARY KEY (subscription_id, job_id)
);
CREATE INDEX delivery_due ON delivery (host, due);

-- What a push service refused for good.
CREATE TABLE failure (
    job_id          TEXT COLLATE "C" NOT NULL,
    subscription_id TEXT COLLATE "C" NOT NULL,
    code            TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    failed          BIGINT NOT NULL,
    PRIMARY KEY (job_id, subscription_id)
);

-- A push service that wants to be left alone until then.
CREATE TABLE slow_host (
    host  TEXT    NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);

-- What browsers report of messages: once each, however often they do.
CREATE TABLE receipt (
    message_id TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    source     TEXT    NOT NULL, -- what tells one browser's report from another's
    at         BIGINT NOT NULL,
    received   BIGINT NOT NULL,
    user_id    TEXT,
    PRIMARY KEY (message_id, kind, source)
);
CREATE INDEX receipt_user ON receipt (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE api_token (
    id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name      TEXT    NOT NULL,
    hash      TEXT    NOT NULL UNIQUE, -- of the secret, which nobody else keeps
    created   BIGINT NOT NULL,
    last_used BIGINT
);
