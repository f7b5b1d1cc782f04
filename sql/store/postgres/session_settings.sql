-- What every connection is told: core schema first, how long to wait, and what our questions are like.
-- - Many keys at a time, so that the pages of an index are read again and again (random_page_cost; with 1.1 the planner reads a
--   whole table of a million rows for 25,000 keys that mostly are not there, 2.7 times as long), while an index is no
--   quick way to read a whole table (cpu_index_tuple_cost; with 0.005 it takes one for that, nearly twice as long).
-- - Each key once, so that no answer is worth remembering (enable_memoize, since PostgreSQL 14).
-- - Too short for compiled expressions (jit).
SELECT set_config('search_path', $1, false),
       set_config('statement_timeout', $2, false),
       set_config('lock_timeout', $3, false),
       set_config('idle_in_transaction_session_timeout', $4, false),
       set_config('TimeZone', 'UTC', false),
       set_config('random_page_cost', '0.2', false),
       set_config('cpu_index_tuple_cost', '0.02', false),
       CASE WHEN current_setting('enable_memoize', true) IS NOT NULL THEN set_config('enable_memoize', 'off', false) END,
       set_config('jit', 'off', false)
