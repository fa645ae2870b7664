-- Instructions for people, cameras, and rules that act by themselves.

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
