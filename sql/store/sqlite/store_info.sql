-- The store's own number: binds a lake to it.
SELECT store_id, created_at FROM store_info
