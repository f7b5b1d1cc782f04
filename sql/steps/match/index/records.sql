-- The records of one run, with what tells versions of one link apart, and what the name test asks.
SELECT CAST({run} AS BIGINT) AS "_run", s.checksum AS "_checksum", s.effective_at AS "_at",
       s.given_key AS "_given", s.family_key AS "_family", {generation} AS "_generation", {born} AS "_born",
       r.* EXCEPT (node, core_id, is_new)
FROM (
{records}
) r
JOIN index_rows s ON s.sequence_number = r.node
