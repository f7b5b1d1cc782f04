-- Rows that their own run held back, with what the store says of their findings since: how many still hold
-- (open or suppressed), how many were given up, and whether somebody has edited the row.
WITH rows_found AS (
  SELECT DISTINCT run_id, file_number, line_number FROM found
), stored_errors AS (
  SELECT s.run_id, s.file_number, s.line_number, s.sequence_number, s.rule_code, s.field, s.status,
         s.edited_payload_json IS NOT NULL AS has_payload
  FROM stored s
  JOIN rows_found r ON r.run_id = s.run_id AND r.file_number = s.file_number AND r.line_number = s.line_number
  WHERE s.severity = 'error'
), known AS (
  SELECT coalesce(f.run_id, s.run_id) AS run_id, coalesce(f.file_number, s.file_number) AS file_number,
         coalesce(f.line_number, s.line_number) AS line_number,
         coalesce(f.sequence_number, s.sequence_number) AS sequence_number,
         coalesce(f.rule_code, s.rule_code) AS rule_code, coalesce(s.status, 'open') AS status,
         coalesce(s.has_payload, false) AS has_payload
  FROM found f
  FULL OUTER JOIN stored_errors s
    ON s.run_id = f.run_id AND s.file_number = f.file_number AND s.line_number = f.line_number
   AND s.rule_code = f.rule_code AND s.field = f.field
), by_row AS (
  SELECT run_id, file_number, line_number, max(sequence_number) AS sequence_number,
         sum(CASE WHEN status IN ('open', 'suppressed') THEN 1 ELSE 0 END) AS holding,
         sum(CASE WHEN status = 'wont_fix' THEN 1 ELSE 0 END) AS given_up,
         sum(CASE WHEN status IN ('open', 'suppressed') AND rule_code = $rule THEN 1 ELSE 0 END) AS of_rule,
         bool_or(has_payload AND status <> 'fixed') AS has_payload
  FROM known
  GROUP BY run_id, file_number, line_number
)
SELECT r.run_id, r.file_number, r.line_number, r.sequence_number,
       CASE WHEN r.given_up > 0 THEN 'given_up'
            WHEN r.sequence_number IS NULL AND NOT r.has_payload THEN 'unreadable'
            ELSE 'held' END AS state
FROM by_row r
LEFT ANTI JOIN promotions p
  ON p.origin_run_id = r.run_id AND p.origin_file_number = r.file_number AND p.origin_line_number = r.line_number
WHERE r.holding > 0
  AND (CAST($rule AS VARCHAR) IS NULL OR r.of_rule > 0)
