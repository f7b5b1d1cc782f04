-- Scored pairs with what became of them: joined, or held back and why. What a person has decided about the two stands.
SELECT j.*, coalesce(f.joined, false) AS joined, f.held, d.left_node IS NOT NULL AS decided
FROM fuzzy_judged j
LEFT JOIN fuzzy_fates f ON f.left_node = j.left_node AND f.right_node = j.right_node
LEFT JOIN fuzzy_decided d ON d.left_node = j.left_node AND d.right_node = j.right_node
