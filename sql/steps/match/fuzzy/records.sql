-- Records with the values by which they are found and compared, made once each.
SELECT node, core_id, is_new, link_system, link_id,
       CASE WHEN NOT is_synthetic THEN link_system END AS id_system{values}
FROM {from}
