-- To whom a subscription belongs, and what its browser says of itself. The demo's sessions.
ALTER TABLE subscription ADD COLUMN device TEXT; -- the browser's random id: a secret, it proves that a row is the browser's own
ALTER TABLE subscription ADD COLUMN label TEXT;  -- browser and platform, for people
ALTER TABLE subscription ADD COLUMN tags TEXT;   -- a JSON list of strings
ALTER TABLE subscription ADD COLUMN user TEXT;

-- A device has one subscription: what it uploads takes the place of what it uploaded before.
CREATE UNIQUE INDEX subscription_device ON subscription (device) WHERE device IS NOT NULL;
CREATE INDEX subscription_user ON subscription (user) WHERE user IS NOT NULL;

CREATE TABLE session (
    id      TEXT    NOT NULL PRIMARY KEY, -- base64url of the SHA-256 of the cookie
    user    TEXT    NOT NULL,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
