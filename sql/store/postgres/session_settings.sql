-- What every connection is told: core schema first, how long to wait, and what our questions are like: by keys whose
-- pages are mostly in memory, and too short for compiled expressions.
SELECT set_config('search_path', $1, false),
       set_config('statement_timeout', $2, false),
       set_config('lock_timeout', $3, false),
       set_config('idle_in_transaction_session_timeout', $4, false),
       set_config('TimeZone', 'UTC', false),
       set_config('random_page_cost', '1.1', false),
       set_config('jit', 'off', false)
