#!/usr/bin/env bash
# Chaos: the optimised binary is killed at random moments, and at every hand-over, taken up again, and compared with a
# run that nobody disturbed, on both databases.
#
#   scripts/chaos.sh                  2,000 people, 20 rounds, a new seed (which is printed)
#   IMPORTER_CHAOS_N=100000 IMPORTER_CHAOS_ROUNDS=5 IMPORTER_CHAOS_SEED=7 scripts/chaos.sh
#
# Postgres is used where IMPORTER_TEST_POSTGRES names one (scripts/postgres.sh start).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec cargo test -p importer-cli --locked --release --features failpoints --test it -- \
    --ignored --nocapture --test-threads=1 chaos::killed_at_random
