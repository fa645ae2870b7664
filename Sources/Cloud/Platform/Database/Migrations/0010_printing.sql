-- What is read out of sliced files, and the order in which jobs wait.

ALTER TABLE print_files ADD COLUMN slicer TEXT;
ALTER TABLE print_files ADD COLUMN plates TEXT;  -- JSON, one object for each plate
ALTER TABLE print_files ADD COLUMN processing_status TEXT NOT NULL DEFAULT 'pending';  -- pending, ready, failed
ALTER TABLE print_files ADD COLUMN processing_error TEXT;
ALTER TABLE print_files ADD COLUMN current_version INTEGER NOT NULL DEFAULT 1;

ALTER TABLE print_file_versions ADD COLUMN file_sha256 TEXT;
ALTER TABLE print_file_versions ADD COLUMN uploaded_by TEXT;

INSERT INTO print_file_versions
    (id, print_file_id, tenant_id, version_number, is_current_version, file_key, file_size_bytes,
     file_sha256, created_at)
SELECT id, id, tenant_id, 1, 1, file_key, file_size_bytes, file_sha256, created_at
FROM print_files;

ALTER TABLE print_jobs ADD COLUMN queue_position INTEGER NOT NULL DEFAULT 0;

CREATE INDEX idx_jobs_queue ON print_jobs(tenant_id, status, priority, queue_position);
CREATE INDEX idx_jobs_completed ON print_jobs(tenant_id, time_completed);
