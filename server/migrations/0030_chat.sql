-- Conversations about documents. They belong to an account and go with the first of their documents.
CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    -- When the last message came: the latest is gone on with.
    updated_ms BIGINT NOT NULL
);

CREATE INDEX conversations_by_account ON conversations (account_id, updated_ms);

-- What a conversation is about, in the order in which it was named.
CREATE TABLE conversation_documents (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    job_uuid TEXT NOT NULL,
    PRIMARY KEY (conversation_id, position)
);

CREATE INDEX conversation_documents_by_job ON conversation_documents (job_uuid);

CREATE TABLE messages (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- From 0; questions are even, answers odd.
    position BIGINT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content TEXT NOT NULL,
    -- Of an answer: its citations, whether anything was found, what answered; JSON.
    detail_json TEXT,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, position)
);
