-- Firmware for hubs: releases, whom they are rolled out to, and what became of them on each hub. All
-- of it is the platform's own; a tenant sees what its hubs are concerned with.

CREATE TABLE firmware_releases (
    id TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    hardware TEXT NOT NULL,             -- for which revision of the hub
    security_version INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    checksum TEXT NOT NULL,             -- SHA-256 of the payload, as the image's header has it
    notes TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (version, hardware)
);

CREATE TABLE firmware_rollouts (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT UNIQUE NOT NULL,
    release_id TEXT NOT NULL,
    hub_id TEXT,                        -- to this hub alone
    channel TEXT,                       -- to hubs of this channel alone
    share INTEGER NOT NULL,             -- to so many of a hundred of them
    is_forced INTEGER NOT NULL,         -- also where it has failed before, or is not newer
    pause_after INTEGER NOT NULL,       -- hubs that do not take it, after which no more get it
    status TEXT NOT NULL,               -- running, paused
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (release_id) REFERENCES firmware_releases(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE CASCADE
);

CREATE TABLE hub_updates (
    hub_id TEXT NOT NULL,
    release_id TEXT NOT NULL,
    rollout_id TEXT NOT NULL,           -- the one that brought it last
    phase TEXT NOT NULL,                -- planned, offered, waiting, downloading, installing,
                                        -- succeeded, rolled_back, refused, failed
    percent INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    is_forced INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (hub_id, release_id),
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE CASCADE,
    FOREIGN KEY (release_id) REFERENCES firmware_releases(id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX idx_hub_updates_rollout ON hub_updates(rollout_id, phase);

ALTER TABLE hubs ADD COLUMN firmware_channel TEXT NOT NULL DEFAULT 'stable';
