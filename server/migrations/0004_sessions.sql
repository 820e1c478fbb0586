-- Signing in with a browser, and what is confirmed by e-mail.

CREATE TABLE sessions (
    -- A keyed hash of what the cookie holds.
    id_hash TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account_id);

-- Codes that were sent by e-mail and not used yet.
CREATE TABLE mail_codes (
    -- A keyed hash of the code.
    code_hash TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
    expires_ms BIGINT NOT NULL
);

CREATE INDEX mail_codes_by_account ON mail_codes (account_id, purpose);
