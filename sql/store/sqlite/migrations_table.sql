-- The columns of the table of applied migrations; none when it is not there.
SELECT name FROM pragma_table_info('schema_migrations')
