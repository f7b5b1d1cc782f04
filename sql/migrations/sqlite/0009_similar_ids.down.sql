-- @alter external_id_map control
DROP INDEX external_id_map_form;
