-- How the certificate of a printer is judged: 'first-use' or 'maker'.

ALTER TABLE printers ADD COLUMN certificate TEXT NOT NULL DEFAULT 'first-use';
