-- Raises the counter by $2 and gives the first of the numbers. Above what the table holds ($3), so that a row put in
-- by hand is never met.
INSERT INTO core_id_counters (name, next_id) VALUES ($1, max($3, 0) + 1 + $2)
ON CONFLICT (name) DO UPDATE SET next_id = max(next_id, $3 + 1) + $2
RETURNING next_id - $2
