-- Accounts, their tokens, and what they use. Portable as before; booleans are 0 and 1.

-- Somebody. The operator's account of a new data folder has neither address nor password.
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    -- In lower case.
    email TEXT UNIQUE,
    -- argon2id, in the PHC string format.
    password_hash TEXT,
    plan TEXT NOT NULL CHECK (plan IN ('free', 'paid', 'operator')),
    is_admin BIGINT NOT NULL,
    -- When the address was confirmed.
    verified_ms BIGINT,
    created_ms BIGINT NOT NULL
);

-- An API token of an account. It takes the place of the table tokens, whose rows move here.
CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- What the token is found by: `sha256:` and its hash (until it is used for the first time), or the id of a server key, a
    -- colon, and the HMAC-SHA-256 of the token under that key.
    lookup TEXT NOT NULL UNIQUE,
    -- The token itself, encrypted under the server key; NULL where only its hash was kept.
    sealed TEXT,
    created_ms BIGINT NOT NULL,
    -- To the minute.
    last_used_ms BIGINT,
    revoked_ms BIGINT,
    -- Credits that may be spent with it; NULL for no limit.
    spending_cap BIGINT,
    -- Credits held or charged for it.
    spent BIGINT NOT NULL
);

CREATE INDEX api_tokens_by_account ON api_tokens (account_id, created_ms);

-- The tokens there were belonged to whoever runs the server.
INSERT INTO accounts (id, email, password_hash, plan, is_admin, verified_ms, created_ms)
SELECT id, NULL, NULL, 'operator', 1, NULL, created_ms FROM tokens;

INSERT INTO api_tokens (id, account_id, name, lookup, sealed, created_ms, last_used_ms, revoked_ms, spending_cap, spent)
SELECT id, id, 'first', 'sha256:' || token_sha256, NULL, created_ms, NULL, NULL, NULL, 0 FROM tokens;

-- Whose job it is; NULL: the uuid is the only key.
ALTER TABLE jobs ADD COLUMN account_id TEXT REFERENCES accounts (id) ON DELETE SET NULL;

UPDATE jobs SET account_id = token_id WHERE token_id IS NOT NULL;

-- Who pays for it in the ledger; NULL where nothing is counted.
ALTER TABLE jobs ADD COLUMN owner TEXT;

-- The allowance that its pages were taken of.
ALTER TABLE jobs ADD COLUMN allowance_source TEXT;

-- The token it was sent with.
ALTER TABLE jobs ADD COLUMN api_token_id TEXT;

-- Credits charged so far.
ALTER TABLE jobs ADD COLUMN charged BIGINT NOT NULL DEFAULT 0;

-- How long its result is kept once it has ended.
ALTER TABLE jobs ADD COLUMN retention_ms BIGINT NOT NULL DEFAULT 86400000;

CREATE INDEX jobs_by_account ON jobs (account_id, created_ms);

-- What is held for the page until it has its answer.
ALTER TABLE pages ADD COLUMN held_allowance BIGINT NOT NULL DEFAULT 0;

ALTER TABLE pages ADD COLUMN held_credits BIGINT NOT NULL DEFAULT 0;

-- Its place in the queue: lower goes first.
ALTER TABLE pages ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;

UPDATE pages SET turn = page_index;

CREATE INDEX pages_in_turn ON pages (status, turn, created_ms);

DROP INDEX pages_by_turn;

-- The sums of the ledger, kept so that they can be locked and compared.
CREATE TABLE balances (
    -- `account:` and an account's id, or `anonymous:` and a keyed hash of a day and an IP address.
    owner TEXT NOT NULL,
    -- `credits`, or `allowance:` and its period.
    source TEXT NOT NULL,
    -- Credits: what is left. Allowance: what was taken of it, as a negative number.
    balance BIGINT NOT NULL,
    -- Taken, but not charged yet.
    held BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (owner, source),
    CHECK (source <> 'credits' OR balance >= 0),
    CHECK (source = 'credits' OR balance <= 0)
);

-- Everything that ever changed a balance. Rows are added and never changed, but for the note, which goes with its account.
CREATE TABLE ledger (
    -- Sorts by time.
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'purchase', 'refund', 'reserve', 'charge', 'give_back')),
    -- Added to the balance.
    amount BIGINT NOT NULL,
    -- Added to what is held.
    held BIGINT NOT NULL,
    job_uuid TEXT,
    page_index BIGINT,
    token_id TEXT,
    note TEXT,
    created_ms BIGINT NOT NULL
);

CREATE INDEX ledger_by_owner ON ledger (owner, id);

CREATE INDEX ledger_by_job ON ledger (job_uuid);

-- Requests that may be sent again: the same key and body answer with the same job for 24 hours.
CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    job_uuid TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (owner, key_hash)
);

CREATE INDEX idempotency_by_age ON idempotency (created_ms);
