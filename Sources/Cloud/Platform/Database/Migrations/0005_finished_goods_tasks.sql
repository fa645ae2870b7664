-- What was printed and lies in stock, and the work that people have with it.

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
