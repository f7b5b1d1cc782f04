SELECT r.*
FROM index_records r
LEFT SEMI JOIN index_hits h ON h.record = r.record
