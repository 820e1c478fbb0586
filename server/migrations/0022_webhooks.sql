-- What an account wants to be told, and the log of telling it.
CREATE TABLE webhooks (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- Where jobs without an address of their own are told; NULL: nowhere.
    url TEXT,
    -- What messages are signed with, encrypted under the server key; the one before it for a day.
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until_ms BIGINT,
    -- Since when nothing but failures came; NULL after a success.
    failing_since_ms BIGINT,
    -- When it was given up; NULL while messages are sent.
    disabled_ms BIGINT,
    created_ms BIGINT NOT NULL
);

-- A message. It carries no text of a document.
CREATE TABLE webhook_deliveries (
    -- Sorts by time; the receiver sees it as webhook-id.
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    job_uuid TEXT NOT NULL,
    url TEXT NOT NULL,
    event TEXT NOT NULL,
    -- The same bytes at every try.
    payload TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts BIGINT NOT NULL,
    -- When it is tried next; NULL when it is not.
    next_ms BIGINT,
    last_attempt_ms BIGINT,
    -- The HTTP status of the last answer, or why there was none.
    last_status BIGINT,
    last_error TEXT,
    created_ms BIGINT NOT NULL
);

CREATE INDEX webhook_deliveries_in_turn ON webhook_deliveries (status, next_ms);

CREATE INDEX webhook_deliveries_by_account ON webhook_deliveries (account_id, id);

-- Where the end of this job is told; NULL: where its account says.
ALTER TABLE jobs ADD COLUMN webhook_url TEXT;
