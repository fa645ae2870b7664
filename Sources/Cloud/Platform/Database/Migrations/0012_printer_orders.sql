-- What orders to printers and the starts of jobs say beside their action.

ALTER TABLE hub_commands ADD COLUMN details TEXT;  -- a JSON object; nothing secret
ALTER TABLE print_jobs ADD COLUMN print_options TEXT;  -- a JSON object, as the hub is told it
