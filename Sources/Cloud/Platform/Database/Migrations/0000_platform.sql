-- What the platform itself keeps: the register of stored objects (R2), the storage and alarms of
-- actors (Durable Objects). The table of applied migrations is made by the runner.

-- An object exists when it has a row here; its bytes were synced before the row was committed.
CREATE TABLE objects (
    key TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE actor_storage (
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (class, name, key)
) WITHOUT ROWID;

CREATE TABLE actor_alarms (
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (class, name)
) WITHOUT ROWID;
