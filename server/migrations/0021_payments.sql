-- Credits that are bought. Rows outlive their account, as books have to: without one they hold figures alone.
CREATE TABLE payments (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT REFERENCES accounts (id) ON DELETE SET NULL,
    provider TEXT NOT NULL,
    -- The provider's names of the checkout and of the payment; NULL until they are known.
    session_ref TEXT UNIQUE,
    payment_ref TEXT,
    pack TEXT NOT NULL,
    credits BIGINT NOT NULL,
    -- In the smallest unit of the currency.
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    -- mismatch: what was paid is not what was ordered; nothing was granted.
    status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'partly_refunded', 'refunded', 'expired', 'mismatch')),
    refunded_amount BIGINT NOT NULL,
    refunded_credits BIGINT NOT NULL,
    receipt_url TEXT,
    created_ms BIGINT NOT NULL,
    paid_ms BIGINT
);

CREATE INDEX payments_by_account ON payments (account_id, created_ms);

CREATE INDEX payments_by_ref ON payments (payment_ref);

-- Events of providers that were handled: each counts once.
CREATE TABLE payment_events (
    provider TEXT NOT NULL,
    id TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (provider, id)
);

CREATE INDEX payment_events_by_age ON payment_events (created_ms);

-- A refund of credits that were spent takes the balance below zero: the check goes.
CREATE TABLE balances_with_debts (
    owner TEXT NOT NULL,
    source TEXT NOT NULL,
    balance BIGINT NOT NULL,
    held BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (owner, source),
    CHECK (source = 'credits' OR balance <= 0)
);

INSERT INTO balances_with_debts (owner, source, balance, held) SELECT owner, source, balance, held FROM balances;

DROP TABLE balances;

ALTER TABLE balances_with_debts RENAME TO balances;
