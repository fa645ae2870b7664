-- What was ordered. Items name their tenant too, as every table of tenants does.

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
