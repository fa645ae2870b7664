-- Work that is done later (Queues), and short-lived values (KV).

CREATE TABLE queue_messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,  -- JSON
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    last_error TEXT,
    is_dead INTEGER NOT NULL DEFAULT 0,  -- given up after the last attempt
    created_at INTEGER NOT NULL
);

CREATE INDEX idx_queue_messages_due ON queue_messages(queue, is_dead, due_at);

CREATE TABLE kv (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    expires_at INTEGER  -- NULL: stays
) WITHOUT ROWID;

CREATE INDEX idx_kv_expires ON kv(expires_at);
