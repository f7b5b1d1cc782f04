-- Forms under which several new ids of this run stand, by their hashes.
SELECT form_hash
FROM (SELECT row_hash(link_system, form) AS form_hash, row_hash(link_id) AS id_hash FROM new_ids)
GROUP BY form_hash
HAVING min(id_hash) <> max(id_hash)
