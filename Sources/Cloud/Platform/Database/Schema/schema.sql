CREATE TABLE schema_migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at INTEGER NOT NULL
);

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

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT UNIQUE NOT NULL,
    subscription_tier TEXT DEFAULT 'free',
    subscription_status TEXT DEFAULT 'active',
    settings TEXT,  -- JSON configuration
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT UNIQUE NOT NULL,  -- lower case
    name TEXT,
    avatar_url TEXT,
    email_verified INTEGER DEFAULT 0,
    password_hash TEXT,  -- Argon2id in its encoded form, which carries salt and cost
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE tenant_members (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'viewer',  -- owner, admin, operator, viewer
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE INDEX idx_tenant_members_user ON tenant_members(user_id);

CREATE TABLE sessions (
    token_sha256 TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, id TEXT, last_used_at INTEGER, user_agent TEXT, ip_address TEXT,
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX idx_sessions_user ON sessions(user_id);

CREATE INDEX idx_sessions_expires ON sessions(expires_at);

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
    updated_at INTEGER NOT NULL, firmware_channel TEXT NOT NULL DEFAULT 'stable',
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
    updated_at INTEGER NOT NULL, certificate TEXT NOT NULL DEFAULT 'first-use', kind TEXT NOT NULL DEFAULT 'bambu', port INTEGER, secure INTEGER NOT NULL DEFAULT 0, user_name TEXT,

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
    created_at INTEGER NOT NULL, details TEXT,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE CASCADE
);

CREATE INDEX idx_hub_commands_hub ON hub_commands(hub_id);

CREATE INDEX idx_hub_commands_job ON hub_commands(job_id);

CREATE TABLE products (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,

    -- Product information
    name TEXT NOT NULL,
    description TEXT,
    category TEXT,
    image_url TEXT,

    -- Print settings
    print_file_id TEXT,
    file_name TEXT,
    printer_priority TEXT,  -- JSON array of preferred printer IDs

    -- Post-processing
    requires_assembly INTEGER DEFAULT 0,
    requires_post_processing INTEGER DEFAULT 0,

    -- Documentation
    wiki_id TEXT,  -- Link to wiki article

    -- Status
    is_active INTEGER DEFAULT 1,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, name)
);

CREATE INDEX idx_products_tenant ON products(tenant_id);

CREATE INDEX idx_products_category ON products(category);

CREATE INDEX idx_products_active ON products(is_active);

CREATE TABLE product_skus (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,

    -- SKU information
    sku TEXT NOT NULL,
    color TEXT NOT NULL,
    filament_type TEXT,
    hex_code TEXT,

    -- Inventory
    quantity INTEGER DEFAULT 1,  -- Units per print
    stock_level INTEGER DEFAULT 0,
    low_stock_threshold INTEGER DEFAULT 0,

    -- Pricing (stored as cents)
    price INTEGER,

    -- Status
    is_active INTEGER DEFAULT 1,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);

CREATE INDEX idx_skus_product ON product_skus(product_id);

CREATE INDEX idx_skus_tenant ON product_skus(tenant_id);

CREATE INDEX idx_skus_sku ON product_skus(sku);

CREATE TABLE product_components (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,

    component_name TEXT NOT NULL,
    component_type TEXT,
    quantity_required INTEGER DEFAULT 1,
    notes TEXT,

    -- Timestamps
    created_at INTEGER NOT NULL,

    FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);

CREATE INDEX idx_components_product ON product_components(product_id);

CREATE INDEX idx_components_tenant ON product_components(tenant_id);

CREATE TABLE color_presets (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,

    color_name TEXT NOT NULL,
    hex_code TEXT NOT NULL,
    filament_type TEXT NOT NULL,
    is_active INTEGER DEFAULT 1,

    created_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, color_name, filament_type)
);

CREATE INDEX idx_color_presets_tenant ON color_presets(tenant_id);

CREATE TABLE build_plate_types (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,

    name TEXT NOT NULL,
    description TEXT,
    is_active INTEGER DEFAULT 1,

    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, name)
);

CREATE INDEX idx_build_plates_tenant ON build_plate_types(tenant_id);

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
    updated_at INTEGER NOT NULL, slicer TEXT, plates TEXT, processing_status TEXT NOT NULL DEFAULT 'pending', processing_error TEXT, current_version INTEGER NOT NULL DEFAULT 1,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE SET NULL,
    UNIQUE (tenant_id, name)
);

CREATE INDEX idx_files_tenant ON print_files(tenant_id);

CREATE INDEX idx_files_product ON print_files(product_id);

CREATE TABLE print_file_versions (
    id TEXT PRIMARY KEY,
    print_file_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    version_number INTEGER NOT NULL,
    is_current_version INTEGER DEFAULT 0,
    file_key TEXT NOT NULL,
    file_size_bytes INTEGER,
    notes TEXT,
    created_at INTEGER NOT NULL, file_sha256 TEXT, uploaded_by TEXT,
    FOREIGN KEY (print_file_id) REFERENCES print_files(id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (print_file_id, version_number)
);

CREATE INDEX idx_file_versions_file ON print_file_versions(print_file_id);

CREATE INDEX idx_file_versions_tenant ON print_file_versions(tenant_id);

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
    updated_at INTEGER NOT NULL, queue_position INTEGER NOT NULL DEFAULT 0, print_options TEXT,

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

CREATE TABLE finished_goods (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    product_sku_id TEXT NOT NULL,
    print_job_id TEXT,

    -- Product info (denormalized)
    sku TEXT NOT NULL,
    color TEXT NOT NULL,
    material TEXT NOT NULL,

    -- Stock tracking
    current_stock INTEGER DEFAULT 0,
    low_stock_threshold INTEGER DEFAULT 5,
    quantity_per_sku INTEGER DEFAULT 1,

    -- Pricing (stored as cents)
    unit_price INTEGER DEFAULT 0,
    extra_cost INTEGER DEFAULT 0,
    profit_margin INTEGER DEFAULT 0,  -- Percentage * 100

    -- Assembly tracking
    requires_assembly INTEGER DEFAULT 0,
    quantity_assembled INTEGER DEFAULT 0,
    quantity_needs_assembly INTEGER DEFAULT 0,

    -- Status
    status TEXT DEFAULT 'active',
    image_url TEXT,
    is_active INTEGER DEFAULT 1,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (product_sku_id) REFERENCES product_skus(id) ON DELETE CASCADE,
    FOREIGN KEY (print_job_id) REFERENCES print_jobs(id) ON DELETE SET NULL
);

CREATE INDEX idx_finished_goods_tenant ON finished_goods(tenant_id);

CREATE INDEX idx_finished_goods_sku ON finished_goods(product_sku_id);

CREATE TABLE assembly_tasks (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    finished_good_id TEXT NOT NULL,
    assigned_to TEXT,  -- User ID

    -- Task info
    product_name TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity INTEGER DEFAULT 1,
    status TEXT DEFAULT 'pending',  -- pending, in_progress, completed
    notes TEXT,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    completed_at INTEGER,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (finished_good_id) REFERENCES finished_goods(id) ON DELETE CASCADE
);

CREATE INDEX idx_assembly_tenant ON assembly_tasks(tenant_id);

CREATE INDEX idx_assembly_status ON assembly_tasks(status);

CREATE INDEX idx_assembly_assigned ON assembly_tasks(assigned_to);

CREATE TABLE worklist_tasks (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    assembly_task_id TEXT,
    printer_id TEXT,
    assigned_to TEXT,  -- User ID

    -- Task info
    title TEXT NOT NULL,
    subtitle TEXT,
    description TEXT,
    task_type TEXT NOT NULL,  -- assembly, filament_change, collection, maintenance, quality_check
    priority TEXT DEFAULT 'medium',  -- low, medium, high
    status TEXT DEFAULT 'pending',  -- pending, in_progress, completed, cancelled
    order_number TEXT,

    -- Time tracking
    estimated_time_minutes INTEGER,
    actual_time_minutes INTEGER,
    started_at INTEGER,
    completed_at INTEGER,
    due_date INTEGER,

    -- Metadata (JSON)
    metadata TEXT,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (assembly_task_id) REFERENCES assembly_tasks(id) ON DELETE SET NULL,
    FOREIGN KEY (printer_id) REFERENCES printers(id) ON DELETE SET NULL
);

CREATE INDEX idx_worklist_tenant ON worklist_tasks(tenant_id);

CREATE INDEX idx_worklist_status ON worklist_tasks(status);

CREATE INDEX idx_worklist_type ON worklist_tasks(task_type);

CREATE INDEX idx_worklist_assigned ON worklist_tasks(assigned_to);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,

    -- External reference
    external_id TEXT,  -- Shopify/WooCommerce order ID
    source TEXT DEFAULT 'manual',  -- shopify, woocommerce, manual, api

    -- Customer info
    customer_name TEXT,
    customer_email TEXT,
    shipping_address TEXT,  -- JSON

    -- Order details
    status TEXT DEFAULT 'pending',  -- pending, processing, fulfilled, cancelled
    priority INTEGER DEFAULT 0,
    notes TEXT,

    -- Shopify sync
    shopify_order_number TEXT,
    shopify_fulfillment_id TEXT,
    last_synced_at INTEGER,

    -- Timestamps
    order_date INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);

CREATE INDEX idx_orders_tenant ON orders(tenant_id);

CREATE INDEX idx_orders_status ON orders(status);

CREATE INDEX idx_orders_external ON orders(external_id);

CREATE TABLE order_items (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    product_sku_id TEXT,

    -- Item details
    sku TEXT NOT NULL,
    product_name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    quantity_fulfilled INTEGER DEFAULT 0,
    unit_price INTEGER,  -- Cents

    -- Timestamps
    created_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (order_id) REFERENCES orders(id) ON DELETE CASCADE,
    FOREIGN KEY (product_sku_id) REFERENCES product_skus(id) ON DELETE SET NULL
);

CREATE INDEX idx_order_items_order ON order_items(order_id);

CREATE INDEX idx_order_items_tenant ON order_items(tenant_id);

CREATE TABLE wiki_articles (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,

    -- Article info
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT,  -- Markdown content

    -- Organization
    category TEXT,
    tags TEXT,  -- JSON array
    sort_order INTEGER DEFAULT 0,

    -- Status
    is_published INTEGER DEFAULT 0,

    -- Authorship
    created_by TEXT,
    updated_by TEXT,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, slug)
);

CREATE INDEX idx_wiki_tenant ON wiki_articles(tenant_id);

CREATE INDEX idx_wiki_category ON wiki_articles(category);

CREATE INDEX idx_wiki_published ON wiki_articles(is_published);

CREATE TABLE cameras (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    printer_id TEXT,
    hub_id TEXT,

    -- Camera info
    name TEXT NOT NULL,
    stream_url TEXT,
    snapshot_url TEXT,
    camera_type TEXT DEFAULT 'bambu',  -- bambu, ip, usb

    -- Status
    is_active INTEGER DEFAULT 1,
    last_snapshot_at INTEGER,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (printer_id) REFERENCES printers(id) ON DELETE CASCADE,
    FOREIGN KEY (hub_id) REFERENCES hubs(id) ON DELETE SET NULL
);

CREATE INDEX idx_cameras_tenant ON cameras(tenant_id);

CREATE INDEX idx_cameras_printer ON cameras(printer_id);

CREATE TABLE automation_rules (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,

    -- Rule info
    name TEXT NOT NULL,
    description TEXT,

    -- Trigger
    trigger_type TEXT NOT NULL,  -- print_complete, print_failed, printer_idle, order_received, inventory_low, schedule
    trigger_config TEXT,  -- JSON configuration

    -- Conditions and Actions
    conditions TEXT,  -- JSON array of conditions
    actions TEXT NOT NULL,  -- JSON array of actions

    -- Status
    is_active INTEGER DEFAULT 1,
    last_triggered_at INTEGER,
    trigger_count INTEGER DEFAULT 0,

    -- Timestamps
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,

    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);

CREATE INDEX idx_automation_tenant ON automation_rules(tenant_id);

CREATE INDEX idx_automation_trigger ON automation_rules(trigger_type);

CREATE INDEX idx_automation_active ON automation_rules(is_active);

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

CREATE UNIQUE INDEX idx_sessions_id ON sessions(id);

CREATE TABLE refresh_tokens (
    token_sha256 TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX idx_refresh_tokens_session ON refresh_tokens(session_id);

CREATE INDEX idx_refresh_tokens_expires ON refresh_tokens(expires_at);

CREATE INDEX idx_refresh_tokens_user ON refresh_tokens(user_id);

CREATE TABLE password_resets (
    token_sha256 TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX idx_password_resets_user ON password_resets(user_id);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    email TEXT NOT NULL,  -- lower case
    role TEXT NOT NULL,
    token_sha256 TEXT UNIQUE NOT NULL,
    invited_by TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
    FOREIGN KEY (invited_by) REFERENCES users(id) ON DELETE SET NULL,
    UNIQUE (tenant_id, email)
);

CREATE INDEX idx_invitations_email ON invitations(email);

CREATE TABLE mails (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_sealed TEXT NOT NULL,  -- AES-256-GCM: it may hold a token
    created_at INTEGER NOT NULL
);

CREATE INDEX idx_mails_recipient ON mails(recipient);

CREATE INDEX idx_jobs_queue ON print_jobs(tenant_id, status, priority, queue_position);

CREATE INDEX idx_jobs_completed ON print_jobs(tenant_id, time_completed);

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

CREATE TABLE object_bytes (
    key TEXT PRIMARY KEY REFERENCES objects (key) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE alerts (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,  -- a hub, a tenant, a queue; empty for the cloud itself
    raised_at INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;

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

CREATE TABLE hub_claim_tokens (
    digest TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    hub_name TEXT,                -- what the hub shall be called
    expires_at INTEGER NOT NULL,
    hub_id TEXT,                  -- who has used it; NULL until then
    used_at INTEGER,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX idx_hub_claim_tokens_tenant ON hub_claim_tokens(tenant_id);
