-- What is old is looked for every hour.
CREATE INDEX job_finished ON job (finished) WHERE finished IS NOT NULL;
CREATE INDEX receipt_received ON receipt (received);
CREATE INDEX message_sent ON message (sent);
