#!/usr/bin/env bash
# The long set: tests marked #[ignore] (1 M rows against the oracle, 50 repetitions of two runs at once, the binary
# killed at random moments, …), optimised. Chaos alone, with its knobs: scripts/chaos.sh.
# Wants what ./test provides: IMPORTER_TEST_POSTGRES and IMPORTER_TEST_PYTHON. Run it as ./test --long.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
packages=--workspace
for argument in "$@"; do
    case $argument in -p* | --package | --package=*) packages= ;; esac
done
# shellcheck disable=SC2086
exec cargo test $packages --locked --release ${IMPORTER_TEST_FEATURES:+--features "$IMPORTER_TEST_FEATURES"} "$@" -- --ignored
