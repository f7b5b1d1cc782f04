-- All statements of a reading see one state of the database, and none can write.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
