-- @alter external_id_map control
DROP INDEX importer.external_id_map_form;
