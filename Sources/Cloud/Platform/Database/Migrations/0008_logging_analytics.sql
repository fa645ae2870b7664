-- What happened, counted and kept; and what lies in the stores beside finished goods.

CREATE TABLE sync_logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id TEXT,
    operation_type TEXT,  -- INSERT, UPDATE, DELETE, ERROR
    table_name TEXT,
    record_id TEXT,
    status TEXT,  -- SUCCESS, FAILED, PENDING
    error_message TEXT,
    created_at INTEGER NOT NULL
);

CREATE INDEX idx_sync_logs_tenant ON sync_logs(tenant_id);
CREATE INDEX idx_sync_logs_status ON sync_logs(status);
CREATE INDEX idx_sync_logs_created ON sync_logs(created_at);

CREATE TABLE audit_log (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    user_id TEXT,

    -- Action details
    action TEXT NOT NULL,
    entity_type TEXT,
    entity_id TEXT,
    details TEXT,  -- JSON

    -- Request info
    ip_address TEXT,
    user_agent TEXT,

    -- Timestamp
    created_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);

CREATE INDEX idx_audit_tenant ON audit_log(tenant_id);
CREATE INDEX idx_audit_user ON audit_log(user_id);
CREATE INDEX idx_audit_action ON audit_log(action);
CREATE INDEX idx_audit_created ON audit_log(created_at);

CREATE TABLE printer_failures (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    printer_id TEXT NOT NULL,
    print_job_id TEXT,

    -- Failure info
    error_code TEXT,
    error_message TEXT,
    failure_type TEXT,  -- mechanical, filament, bed_adhesion, network, unknown

    -- Context
    layer_number INTEGER,
    progress_percentage INTEGER,
    temperatures TEXT,  -- JSON

    -- Resolution
    resolved INTEGER DEFAULT 0,
    resolution_notes TEXT,
    resolved_at INTEGER,

    -- Timestamp
    created_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (printer_id) REFERENCES printers(id) ON DELETE CASCADE,
    FOREIGN KEY (print_job_id) REFERENCES print_jobs(id) ON DELETE SET NULL
);

CREATE INDEX idx_failures_tenant ON printer_failures(tenant_id);
CREATE INDEX idx_failures_printer ON printer_failures(printer_id);
CREATE INDEX idx_failures_resolved ON printer_failures(resolved);

CREATE TABLE daily_analytics (
    tenant_id TEXT NOT NULL,
    day INTEGER NOT NULL,  -- days since 1970
    jobs_completed INTEGER NOT NULL DEFAULT 0,
    jobs_failed INTEGER NOT NULL DEFAULT 0,
    jobs_cancelled INTEGER NOT NULL DEFAULT 0,
    print_minutes INTEGER NOT NULL DEFAULT 0,
    units_printed INTEGER NOT NULL DEFAULT 0,
    filament_grams REAL NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day),
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE material_usage_history (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    print_job_id TEXT,
    printer_id TEXT,
    filament_type TEXT NOT NULL,
    color TEXT NOT NULL,
    grams_used REAL NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (print_job_id) REFERENCES print_jobs(id) ON DELETE SET NULL,
    FOREIGN KEY (printer_id) REFERENCES printers(id) ON DELETE SET NULL
);

CREATE INDEX idx_material_usage_tenant ON material_usage_history(tenant_id);
CREATE INDEX idx_material_usage_job ON material_usage_history(print_job_id);
CREATE INDEX idx_material_usage_created ON material_usage_history(created_at);

CREATE TABLE filament_inventory (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    color TEXT NOT NULL,
    hex_code TEXT,
    filament_type TEXT NOT NULL,
    brand TEXT,
    weight_grams REAL NOT NULL DEFAULT 0,
    low_stock_threshold REAL NOT NULL DEFAULT 0,
    cost_per_kilogram INTEGER,  -- Cents
    location TEXT,
    notes TEXT,
    is_active INTEGER DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, color, filament_type, brand)
);

CREATE INDEX idx_filament_inventory_tenant ON filament_inventory(tenant_id);

CREATE TABLE packaging_inventory (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    packaging_type TEXT,
    quantity INTEGER NOT NULL DEFAULT 0,
    low_stock_threshold INTEGER NOT NULL DEFAULT 0,
    unit_cost INTEGER,  -- Cents
    location TEXT,
    notes TEXT,
    is_active INTEGER DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, name)
);

CREATE INDEX idx_packaging_inventory_tenant ON packaging_inventory(tenant_id);

CREATE TABLE accessories_inventory (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT,
    quantity INTEGER NOT NULL DEFAULT 0,
    low_stock_threshold INTEGER NOT NULL DEFAULT 0,
    unit_cost INTEGER,  -- Cents
    location TEXT,
    notes TEXT,
    is_active INTEGER DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, name)
);

CREATE INDEX idx_accessories_inventory_tenant ON accessories_inventory(tenant_id);

CREATE TABLE printer_parts_inventory (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    part_number TEXT,
    printer_model TEXT,
    quantity INTEGER NOT NULL DEFAULT 0,
    low_stock_threshold INTEGER NOT NULL DEFAULT 0,
    unit_cost INTEGER,  -- Cents
    location TEXT,
    notes TEXT,
    is_active INTEGER DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, name, printer_model)
);

CREATE INDEX idx_printer_parts_inventory_tenant ON printer_parts_inventory(tenant_id);
