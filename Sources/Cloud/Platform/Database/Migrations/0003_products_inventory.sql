-- The catalogue that print files and jobs refer to.

-- Products
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

-- Product SKUs (variants by color/material)
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

-- Parts that a product needs beside what is printed
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

-- Color Presets
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

-- Build Plate Types
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
