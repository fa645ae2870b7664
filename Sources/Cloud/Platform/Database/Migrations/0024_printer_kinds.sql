-- Printers that are reached over HTTP, beside those of Bambu Lab.

ALTER TABLE printers ADD COLUMN kind TEXT NOT NULL DEFAULT 'bambu';  -- octoprint, prusalink, moonraker
ALTER TABLE printers ADD COLUMN port INTEGER;                        -- NULL: the kind's own port
ALTER TABLE printers ADD COLUMN secure INTEGER NOT NULL DEFAULT 0;   -- HTTPS
ALTER TABLE printers ADD COLUMN user_name TEXT;                      -- who logs in by digest
