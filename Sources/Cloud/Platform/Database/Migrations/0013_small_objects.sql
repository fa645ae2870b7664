-- The bytes of small objects (R2). They are on disk with the commit that makes the object exist, which
-- costs no file, no sync and no directory of their own.
CREATE TABLE object_bytes (
    key TEXT PRIMARY KEY REFERENCES objects (key) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) WITHOUT ROWID;
