-- What can be printed, and what is, was and shall be.

-- Print Files (3MF metadata)
CREATE TABLE print_files (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    product_id TEXT,

    -- File information
    name TEXT NOT NULL,
    file_key TEXT NOT NULL,  -- R2 object key
    file_size_bytes INTEGER,
    file_sha256 TEXT,
    number_of_units INTEGER DEFAULT 1,

    -- 3MF Metadata (extracted from file)
    print_time_seconds INTEGER,
    filament_weight_grams REAL,
    filament_length_meters REAL,
    filament_type TEXT,
    printer_model_id TEXT,  -- Bambu model code: N1, N2S, P1P, X1, etc.
    nozzle_diameter REAL,
    layer_count INTEGER,
    object_count INTEGER DEFAULT 1,
    curr_bed_type TEXT,  -- Required bed type
    default_print_profile TEXT,

    -- Thumbnails
    thumbnail_url TEXT,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE SET NULL,
    UNIQUE (tenant_id, name)
);

CREATE INDEX idx_files_tenant ON print_files(tenant_id);
CREATE INDEX idx_files_product ON print_files(product_id);

-- Earlier uploads of a print file
CREATE TABLE print_file_versions (
    id TEXT PRIMARY KEY,
    print_file_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    version_number INTEGER NOT NULL,
    is_current_version INTEGER DEFAULT 0,
    file_key TEXT NOT NULL,
    file_size_bytes INTEGER,
    notes TEXT,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (print_file_id) REFERENCES print_files(id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (print_file_id, version_number)
);

CREATE INDEX idx_file_versions_file ON print_file_versions(print_file_id);
CREATE INDEX idx_file_versions_tenant ON print_file_versions(tenant_id);

-- Print Jobs
CREATE TABLE print_jobs (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    printer_id TEXT,
    print_file_id TEXT NOT NULL,
    product_sku_id TEXT,
    submitted_by TEXT,  -- User ID

    -- Job information
    file_name TEXT NOT NULL,
    status TEXT DEFAULT 'queued',  -- queued, processing, uploaded, printing, paused, completed, failed, cancelled
    color TEXT NOT NULL,
    filament_type TEXT NOT NULL,
    material_type TEXT NOT NULL,
    number_of_units INTEGER DEFAULT 1,
    plate INTEGER NOT NULL DEFAULT 1,    -- which plate of the file to print
    use_ams INTEGER NOT NULL DEFAULT 0,

    -- Print metrics
    filament_needed_grams INTEGER,  -- Stored as centigrams for precision
    estimated_print_time_minutes INTEGER,
    actual_print_time_minutes INTEGER,
    progress_percentage INTEGER DEFAULT 0,

    -- Printer tracking
    bambu_job_id TEXT,  -- Printer's internal job ID
    printer_numeric_id INTEGER,
    last_sync_time INTEGER,

    -- Queue management
    priority INTEGER DEFAULT 0,
    failure_reason TEXT,

    -- SKU tracking
    requires_assembly INTEGER DEFAULT 0,
    quantity_per_print INTEGER DEFAULT 1,

    -- Denormalized fields for reporting
    product_id TEXT,
    product_name TEXT,
    sku_name TEXT,
    printer_model TEXT,
    printer_name TEXT,

    -- Timestamps
    time_submitted INTEGER,
    time_started INTEGER,
    time_completed INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (printer_id) REFERENCES printers(id) ON DELETE SET NULL,
    FOREIGN KEY (print_file_id) REFERENCES print_files(id) ON DELETE RESTRICT,
    FOREIGN KEY (product_sku_id) REFERENCES product_skus(id) ON DELETE SET NULL
);

CREATE INDEX idx_jobs_tenant ON print_jobs(tenant_id);
CREATE INDEX idx_jobs_printer ON print_jobs(printer_id);
CREATE INDEX idx_jobs_status ON print_jobs(status);
CREATE INDEX idx_jobs_priority ON print_jobs(priority);
CREATE INDEX idx_jobs_submitted ON print_jobs(time_submitted);
CREATE INDEX idx_jobs_file ON print_jobs(print_file_id);
