-- How hubs are: what each said last of its health, its crashes, and diagnostics that were asked for.

CREATE TABLE hub_health (
    hub_id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    report TEXT NOT NULL,         -- JSON, as the hub said it
    reported_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE CASCADE
);

CREATE TABLE hub_crashes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id TEXT NOT NULL,
    hub_id TEXT NOT NULL,
    crash_id TEXT NOT NULL,       -- the hub's own; a crash that is told twice is one crash
    error_code INTEGER NOT NULL,
    reason TEXT NOT NULL,
    task TEXT,
    uptime_seconds INTEGER,
    boot_count INTEGER,
    firmware_version TEXT,
    trace TEXT NOT NULL,          -- JSON: the last lines of the hub's log
    reported_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE CASCADE,
    UNIQUE (hub_id, crash_id)
);

CREATE INDEX idx_hub_crashes_hub ON hub_crashes(hub_id, reported_at);

CREATE TABLE hub_diagnostics (
    command_id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    hub_id TEXT NOT NULL,
    checks TEXT NOT NULL,         -- JSON
    reported_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE CASCADE
);

CREATE INDEX idx_hub_diagnostics_hub ON hub_diagnostics(hub_id, reported_at);
