-- Hubs, printers, and the commands on their way to hubs.

CREATE TABLE hubs (
    id TEXT PRIMARY KEY,  -- Factory-provisioned UUID
    tenant_id TEXT,       -- NULL until claimed
    name TEXT,
    firmware_version TEXT,
    hardware_revision TEXT,
    last_seen_at INTEGER,
    is_online INTEGER DEFAULT 0,
    local_ip_address TEXT,
    wifi_signal_strength INTEGER,
    secret_sealed TEXT NOT NULL,      -- AES-256-GCM; the HMAC of a hello needs the clear text
    claim_code_digest TEXT NOT NULL,  -- keyed digest; the code itself is on the hub's label
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE SET NULL
);

CREATE INDEX idx_hubs_tenant ON hubs(tenant_id);
CREATE INDEX idx_hubs_online ON hubs(is_online);

CREATE TABLE printers (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    hub_id TEXT,  -- NULL for legacy Pi-connected printers during migration

    -- Basic information
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    manufacturer TEXT,
    firmware_version TEXT,
    printer_id INTEGER,  -- Simple numeric ID for display

    -- Connection details
    connection_type TEXT DEFAULT 'bambu',  -- bambu, prusa, octoprint, klipper, other
    ip_address TEXT,
    serial_number TEXT,
    access_code TEXT,    -- Encrypted
    mqtt_port INTEGER,   -- NULL: the protocol's own port
    ftps_port INTEGER,

    -- Status
    status TEXT DEFAULT 'offline',  -- idle, printing, paused, maintenance, offline, error
    is_connected INTEGER DEFAULT 0,
    last_connection_attempt INTEGER,
    connection_error TEXT,

    -- Current state
    current_color TEXT,
    current_color_hex TEXT,
    current_filament_type TEXT,
    current_build_plate TEXT,
    filament_level INTEGER DEFAULT 0,
    nozzle_size REAL,
    location TEXT,

    -- Maintenance
    total_print_time INTEGER DEFAULT 0,
    last_maintenance_date INTEGER,
    in_maintenance INTEGER DEFAULT 0,
    maintenance_type TEXT,

    -- Management
    is_active INTEGER DEFAULT 1,
    cleared INTEGER DEFAULT 1,  -- Bed cleared after print
    sort_order INTEGER DEFAULT 0,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE SET NULL,
    UNIQUE (tenant_id, name),
    UNIQUE (tenant_id, printer_id),
    UNIQUE (hub_id, serial_number)  -- the hub knows its printers by serial
);

CREATE INDEX idx_printers_tenant ON printers(tenant_id);
CREATE INDEX idx_printers_hub ON printers(hub_id);
CREATE INDEX idx_printers_status ON printers(status);
CREATE INDEX idx_printers_connected ON printers(is_connected);
CREATE INDEX idx_printers_sort ON printers(tenant_id, sort_order);

-- Commands that a hub has not answered yet, in the order in which they were given. What a command
-- carries (access code, presigned URL) is made when it is sent and never kept here.
CREATE TABLE hub_commands (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT UNIQUE NOT NULL,
    tenant_id TEXT NOT NULL,
    hub_id TEXT NOT NULL,
    type TEXT NOT NULL,     -- configure_printer, print_command, printer_command
    action TEXT NOT NULL,   -- add, update, remove; start, pause, resume, stop
    printer_id TEXT,        -- NULL when the printer was deleted
    serial_number TEXT NOT NULL,
    job_id TEXT,
    due_at INTEGER,         -- NULL: waits for the hub however long that takes
    created_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE CASCADE
);

CREATE INDEX idx_hub_commands_hub ON hub_commands(hub_id);
CREATE INDEX idx_hub_commands_job ON hub_commands(job_id);
