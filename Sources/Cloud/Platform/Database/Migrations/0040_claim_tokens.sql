-- What a person carries to a new hub, so that it finds its owner. Only digests: the token itself is
-- shown once.

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
