-- What every connection is told: core schema first, how long to wait, and what our questions are like: many keys at a
-- time, so that the pages of an index are read again and again (with 1.1 the planner reads a whole table of a million
-- rows for 25,000 keys that mostly are not there, 2.7 times as long), and too short for compiled expressions.
SELECT set_config('search_path', $1, false),
       set_config('statement_timeout', $2, false),
       set_config('lock_timeout', $3, false),
       set_config('idle_in_transaction_session_timeout', $4, false),
       set_config('TimeZone', 'UTC', false),
       set_config('random_page_cost', '0.2', false),
       set_config('jit', 'off', false)
