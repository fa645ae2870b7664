-- What needs somebody's attention right now, so that a cloud that starts anew does not tell of it again.

CREATE TABLE alerts (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,  -- a hub, a tenant, a queue; empty for the cloud itself
    raised_at INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
